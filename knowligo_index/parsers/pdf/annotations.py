"""What stands on a page without being a part of it: values of form fields, notes in the margin."""

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
_LONGEST = 20_000
_PASSWORD_FIELD = 1 << 13

# Comments that a reader left; their text is not on the paper.
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
    """What the annotations of a page say."""

    lines: list[str] = field(default_factory=list)
    """"name: value" of each field that is filled in, and what is written over the page"""
    comments: list[str] = field(default_factory=list)
    passwords: int = 0
    """fields for passwords that are filled in, and not read"""


def has_annotations(page: object) -> bool:
    """Whether the page (PDFium's handle) has annotations with text; links are none."""
    count = pdfium.FPDFPage_GetAnnotCount(page)
    if 0 < count <= MAX_ANNOTATIONS and _count_links(page) == count:
        return False
    for place in range(min(count, MAX_ANNOTATIONS)):
        annotation = pdfium.FPDFPage_GetAnnot(page, place)
        if annotation:
            kind = pdfium.FPDFAnnot_GetSubtype(annotation)
            pdfium.FPDFPage_CloseAnnot(annotation)
            if kind in _WITH_TEXT:
                return True
    return False


def _count_links(page: object) -> int:
    """How many annotations are links: to ask so takes a tenth of the time, and mostly they all are."""
    place, link, count = ctypes.c_int(), pdfium.FPDF_LINK(), 0
    while count < MAX_ANNOTATIONS and pdfium.FPDFLink_Enumerate(page, place, link):
        count += 1
    return count


def read_annotations(reader: PdfReader, index: int) -> Annotations:
    """The annotations of the page at `index`, by pypdf."""
    found = Annotations()
    for each in _annotations(reader, index):
        kind = each.get("/Subtype")
        if kind == "/Widget":
            _read_field(each, found)
        elif kind == "/FreeText":
            found.lines += _text(each.get("/Contents")).splitlines()
        elif kind in _COMMENTS and _text(each.get("/Contents")):
            found.comments.append(_text(each.get("/Contents")))
    return found


def _annotations(reader: PdfReader, index: int) -> Iterator[DictionaryObject]:
    listed: Any = _resolved(reader.pages[index].get("/Annots"))
    if isinstance(listed, ArrayObject):
        for each in listed[:MAX_ANNOTATIONS]:
            annotation = _resolved(each)
            if isinstance(annotation, DictionaryObject):
                yield annotation


def _read_field(widget: DictionaryObject, found: Annotations) -> None:
    """A field's name is that of its parents and its own; what it lacks is its parents'."""
    chain: list[DictionaryObject] = []
    each: Any = widget
    while isinstance(each, DictionaryObject) and len(chain) < _MAX_PARENTS:
        chain.append(each)
        each = _resolved(each.get("/Parent"))
    value = next((_resolved(part.get("/V")) for part in chain if "/V" in part), None)
    kind = next((part.get("/FT") for part in chain if "/FT" in part), None)
    flags = next((_resolved(part.get("/Ff")) for part in chain if "/Ff" in part), 0)
    if kind == "/Btn" and isinstance(value, str):
        # Of the buttons that share a value one is on.
        value = value.removeprefix("/") if widget.get("/AS", value) == value and value != "/Off" else None
    text = ", ".join(filter(None, map(_text, value))) if isinstance(value, ArrayObject) else _text(value)
    if not text or kind == "/Sig":
        return
    if kind == "/Tx" and isinstance(flags, int) and flags & _PASSWORD_FIELD:
        found.passwords += 1
        return
    names = [_text(part.get("/T")) for part in reversed(chain)]
    name = _text(widget.get("/TU")) or ".".join(filter(None, names))
    found.lines.append(f"{name}: {text}" if name else text)


def _resolved(value: object) -> object:
    return value.get_object() if isinstance(value, IndirectObject) else value


def _text(value: object) -> str:
    resolved = _resolved(value)
    if not isinstance(resolved, str):
        return ""
    return without_hidden(resolved[:_LONGEST].encode("utf-8", "ignore").decode("utf-8"))[0].strip()
