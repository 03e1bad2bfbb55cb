"""The text in the annotations of a page: values of form fields, free text, comments."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pypdfium2.raw as pdfium
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from knowligo_index.parsers.hidden import without_hidden

MAX_ANNOTATIONS = 5_000
"""on one page"""
_MAX_PARENTS = 16
_MAX_TEXT_CHARACTERS = 20_000
_PASSWORD_FIELD = 1 << 13

# Comments of a reader; their text is not printed.
_COMMENTS = ("/Text", "/Highlight", "/Underline", "/StrikeOut", "/Squiggly", "/Caret", "/Popup")
_WITH_TEXT = (
    pdfium.FPDF_ANNOT_WIDGET,
    pdfium.FPDF_ANNOT_FREETEXT,
    pdfium.FPDF_ANNOT_TEXT,
    pdfium.FPDF_ANNOT_HIGHLIGHT,
    pdfium.FPDF_ANNOT_UNDERLINE,
    pdfium.FPDF_ANNOT_STRIKEOUT,
    pdfium.FPDF_ANNOT_SQUIGGLY,
    pdfium.FPDF_ANNOT_CARET,
)


@dataclass(slots=True)
class Annotations:
    """The texts of the annotations of a page."""

    lines: list[str] = field(default_factory=list)
    """lines of the form "name: value" for each field that is filled in, and free text on the page"""
    comments: list[str] = field(default_factory=list)
    passwords: int = 0
    """how many password fields are filled in; they are not read"""


def has_annotations(page: object) -> bool:
    """Whether the page (a handle of PDFium) has annotations with text; links have none."""
    count = pdfium.FPDFPage_GetAnnotCount(page)
    if 0 < count <= MAX_ANNOTATIONS and _count_links(page) == count:
        return False
    for index in range(min(count, MAX_ANNOTATIONS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if annotation:
            kind = pdfium.FPDFAnnot_GetSubtype(annotation)
            pdfium.FPDFPage_CloseAnnot(annotation)
            if kind in _WITH_TEXT:
                return True
    return False


def _count_links(page: object) -> int:
    """How many annotations are links. In most files all of them are, and counting them takes a tenth of the time of
    reading their subtypes."""
    position, link, count = ctypes.c_int(), pdfium.FPDF_LINK(), 0
    while count < MAX_ANNOTATIONS and pdfium.FPDFLink_Enumerate(page, position, link):
        count += 1
    return count


def read_annotations(reader: PdfReader, index: int) -> Annotations:
    """The annotations of the page at `index` (from 0), by pypdf."""
    annotations = Annotations()
    for annotation in _annotations(reader, index):
        kind = annotation.get("/Subtype")
        if kind == "/Widget":
            _read_field(annotation, annotations)
        elif kind == "/FreeText":
            annotations.lines += _text(annotation.get("/Contents")).splitlines()
        elif kind in _COMMENTS and _text(annotation.get("/Contents")):
            annotations.comments.append(_text(annotation.get("/Contents")))
    return annotations


def _annotations(reader: PdfReader, index: int) -> Iterator[DictionaryObject]:
    entries: Any = _resolved(reader.pages[index].get("/Annots"))
    if isinstance(entries, ArrayObject):
        for entry in entries[:MAX_ANNOTATIONS]:
            annotation = _resolved(entry)
            if isinstance(annotation, DictionaryObject):
                yield annotation


def _read_field(widget: DictionaryObject, annotations: Annotations) -> None:
    """Add the name and value of a field. Its name includes those of its parents, from which it inherits properties."""
    chain: list[DictionaryObject] = []
    node: Any = widget
    while isinstance(node, DictionaryObject) and len(chain) < _MAX_PARENTS:
        chain.append(node)
        node = _resolved(node.get("/Parent"))
    value = next((_resolved(part.get("/V")) for part in chain if "/V" in part), None)
    kind = next((part.get("/FT") for part in chain if "/FT" in part), None)
    flags = next((_resolved(part.get("/Ff")) for part in chain if "/Ff" in part), 0)
    if kind == "/Btn" and isinstance(value, str):
        # Of the buttons that share a value only one is on.
        value = value.removeprefix("/") if widget.get("/AS", value) == value and value != "/Off" else None
    text = ", ".join(filter(None, map(_text, value))) if isinstance(value, ArrayObject) else _text(value)
    if not text or kind == "/Sig":
        return
    if kind == "/Tx" and isinstance(flags, int) and flags & _PASSWORD_FIELD:
        annotations.passwords += 1
        return
    names = [_text(part.get("/T")) for part in reversed(chain)]
    name = _text(widget.get("/TU")) or ".".join(filter(None, names))
    annotations.lines.append(f"{name}: {text}" if name else text)


def _resolved(value: object) -> object:
    return value.get_object() if isinstance(value, IndirectObject) else value


def _text(value: object) -> str:
    resolved = _resolved(value)
    if not isinstance(resolved, str):
        return ""
    return without_hidden(resolved[:_MAX_TEXT_CHARACTERS].encode("utf-8", "ignore").decode("utf-8"))[0].strip()
