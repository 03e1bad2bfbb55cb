"""Word files made of XML that a test writes out."""

import io
from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from support.document_checks import check_document

from knowligo_index.errors import ParseError
from knowligo_index.parsers import parse
from knowligo_index.types import Block, Document, Source

OOXML = "http://schemas.openxmlformats.org"
RELATIONS = f"{OOXML}/officeDocument/2006/relationships"
NAMESPACES = {
    "w": f"{OOXML}/wordprocessingml/2006/main",
    "m": f"{OOXML}/officeDocument/2006/math",
    "a": f"{OOXML}/drawingml/2006/main",
    "wp": f"{OOXML}/drawingml/2006/wordprocessingDrawing",
    "mc": f"{OOXML}/markup-compatibility/2006",
    "r": RELATIONS,
    "v": "urn:schemas-microsoft-com:vml",
    "o": "urn:schemas-microsoft-com:office:office",
    "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
    "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
}
DECLARATIONS = " ".join(f'xmlns:{prefix}="{name}"' for prefix, name in NAMESPACES.items())


def root(name: str, inside: str) -> str:
    return f"<w:{name} {DECLARATIONS}>{inside}</w:{name}>"


def word_file(body: str, parts: Mapping[str, str] | None = None, core: str = "") -> bytes:
    """A file with this inside its w:body, and other parts by kind: {"styles": what is inside its w:styles, ...}."""
    others = dict(parts or {})
    documents = {f"word/{kind}.xml": root(_ROOTS.get(kind, kind), inside) for kind, inside in others.items()}
    relations = "".join(
        f'<Relationship Id="r{place}" Type="{RELATIONS}/{kind.rstrip("0123456789")}" Target="{kind}.xml"/>'
        for place, kind in enumerate(others)
    )
    main = f'<Relationship Id="m" Type="{RELATIONS}/officeDocument" Target="word/document.xml"/>'
    if core:
        main += f'<Relationship Id="c" Type="{CORE}" Target="docProps/core.xml"/>'
        documents["docProps/core.xml"] = f"<cp:coreProperties {CORE_DECLARATIONS}>{core}</cp:coreProperties>"
    return zip_file(
        {
            "_rels/.rels": _relations(main),
            "word/document.xml": root("document", f"<w:body>{body}</w:body>"),
            "word/_rels/document.xml.rels": _relations(relations),
            **documents,
        }
    )


CORE = f"{OOXML}/package/2006/relationships/metadata/core-properties"
CORE_DECLARATIONS = (
    f'xmlns:cp="{OOXML}/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
_ROOTS = {"header1": "hdr", "header2": "hdr", "footer1": "ftr"}


def zip_file(parts: Mapping[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return packed.getvalue()


def _relations(inside: str) -> str:
    return f'<Relationships xmlns="{OOXML}/package/2006/relationships">{inside}</Relationships>'


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def paragraph(inside: str, style: str = "", properties: str = "") -> str:
    """A paragraph; `inside` is text, or XML where it begins with an angle bracket."""
    content = inside if inside.startswith("<") else run(inside)
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{named}{properties}</w:pPr>{content}</w:p>"


def listed(text: str, series: int, level: int = 0, style: str = "") -> str:
    return paragraph(text, style, f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{series}"/></w:numPr>')


def table(*rows: list[str] | str) -> str:
    """A table; a row is the XML of one, or its cells: each a text, or XML where it begins with an angle bracket."""
    return f"<w:tbl>{''.join(each if isinstance(each, str) else row(each) for each in rows)}</w:tbl>"


def row(cells: list[str], properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(map(cell, cells))}</w:tr>"


def cell(inside: str, properties: str = "") -> str:
    if inside.startswith("<w:tc>"):
        return inside
    content = inside if inside.startswith("<") else paragraph(inside)
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"


def paragraph_style(name: str, label: str, inside: str = "", base: str = "") -> str:
    based = f'<w:basedOn w:val="{base}"/>' if base else ""
    return f'<w:style w:type="paragraph" w:styleId="{name}"><w:name w:val="{label}"/>{based}{inside}</w:style>'


def levels(*texts: tuple[str, str], more: str = "") -> str:
    """Levels of a list: the style of its numbers, the text around them; `more` is said of the last one."""
    said = [""] * (len(texts) - 1) + [more]
    return "".join(
        f'<w:lvl w:ilvl="{place}">{said[place]}<w:numFmt w:val="{style}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for place, (style, text) in enumerate(texts)
    )


def numbering(definitions: Mapping[int, str], instances: Mapping[int, tuple[int, str]]) -> str:
    """Definitions by number, and lists by number: which definition, and what they override."""
    return "".join(
        f'<w:abstractNum w:abstractNumId="{name}">{inside}</w:abstractNum>' for name, inside in definitions.items()
    ) + "".join(
        f'<w:num w:numId="{name}"><w:abstractNumId w:val="{definition}"/>{override}</w:num>'
        for name, (definition, override) in instances.items()
    )


def read_bytes(data: bytes, name: str = "guias/red.docx") -> Document:
    """The document in it; checked for what holds for all of them."""
    document = parse(Source(name, Path(name), "word", len(data), "0" * 64), data)
    check_document(document)
    return document


def read(body: str, **parts: str) -> Document:
    """The document with this body and these parts."""
    return read_bytes(word_file(body, parts))


def refusal(data: bytes) -> tuple[str, str]:
    """Why there is no document in it: reason and detail."""
    with pytest.raises(ParseError) as caught:
        read_bytes(data)
    return caught.value.reason, caught.value.detail


def blocks(document: Document) -> list[tuple[str, str]]:
    """Kind and text of the top-level blocks."""
    return [(block.kind, document.text[block.char_start : block.char_end]) for block in document.blocks]


def headings(document: Document) -> list[tuple[int, str]]:
    return [(block.level, block.label) for block in document.blocks if block.kind == "heading"]


def dropped(document: Document) -> list[tuple[str, int, int]]:
    return [(each.kind, each.times, each.characters) for each in document.dropped]


def tree(document: Document, parts: tuple[Block, ...] | None = None, depth: int = 0) -> list[tuple[int, str, str]]:
    """Depth, kind and text of every block, parents before their children."""
    rows: list[tuple[int, str, str]] = []
    for block in document.blocks if parts is None else parts:
        rows.append((depth, block.kind, document.text[block.char_start : block.char_end]))
        rows.extend(tree(document, block.children, depth + 1))
    return rows
