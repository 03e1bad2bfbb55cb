"""Word (.docx, also with macros, templates and ISO 29500 Strict) by python-docx's XML parser.

The canonical text is what Word prints between header and footer, with the numbers of lists and headings. Notes are
placed after the paragraph that refers to them, as "[1] ...". Equations are written as a line ("x^2/2"), and pictures by
their description, as "[image: ...]".
"""

from datetime import datetime
from pathlib import PurePosixPath

from docx.oxml.coreprops import CT_CoreProperties
from docx.oxml.ns import qn
from lxml.etree import _Element

from knowligo_index.errors import ParseError
from knowligo_index.parsers.canonical import render
from knowligo_index.parsers.hidden import without_hidden
from knowligo_index.parsers.word.body import BodyReader
from knowligo_index.parsers.word.dropped_content import DroppedContent
from knowligo_index.parsers.word.names import w
from knowligo_index.parsers.word.notes import Notes
from knowligo_index.parsers.word.numbering import Numbering
from knowligo_index.parsers.word.package import Package, PackagePart
from knowligo_index.parsers.word.styles import Styles
from knowligo_index.parsers.word.texts import all_text
from knowligo_index.types import Document, Source

# A longer title property is ignored, since the title is part of the input of every passage.
_MAX_TITLE_CHARACTERS = 300
_MAX_PROPERTY_CHARACTERS = 1_000

# Titles that programs write if the author gave none.
_PROGRAM_TITLES = frozenset(
    (
        *("word document", "untitled", "untitled document", "sin título", "sin titulo", "documento sin título"),
        *("document", "documento", "document1", "documento1", "microsoft word document", "documento de microsoft word"),
    )
)


def parse(source: Source, data: bytes) -> Document:
    """The text of the document. The title is that of its properties, else the first paragraph in the style of a title,
    else the first heading of level 1, else the file's name.

    Deleted and hidden text, comments, headers and footers are counted as dropped. Raises ParseError if the bytes are
    not a Word file, or if it is encrypted, unpacks to too much, or has no text.
    """
    package = Package(data)
    main = package.main()
    dropped = DroppedContent()
    styles = Styles(_first(package.related(main, "styles")))
    numbering = Numbering(_first(package.related(main, "numbering")), styles)
    notes = Notes(package.related(main, "footnotes"), package.related(main, "endnotes"))
    reader = BodyReader(styles, numbering, notes, dropped)
    nodes = reader.blocks(main.root.iterfind(w("body")), with_notes=True)
    notes.count_unreferenced(dropped)
    _count_outside(package, main, dropped)
    rendered = render([nodes])
    if not rendered.text.strip():
        raise ParseError("no-text", "the file has no text")
    metadata = _metadata(_first(package.related(None, "core-properties")), styles.language)
    headings = [block.label for block in rendered.blocks if block.kind == "heading" and block.level == 1]
    titles = (str(metadata.get("title", "")), reader.title, *headings)
    return Document(
        source=source.name,
        format=source.format,
        title=next(filter(None, titles), PurePosixPath(source.name).stem),
        text=rendered.text,
        blocks=rendered.blocks,
        renditions=rendered.renditions,
        metadata=metadata,
        dropped=dropped.dropped(),
        warnings=tuple(dropped.warnings()),
    )


def _first(roots: list[_Element]) -> _Element | None:
    return roots[0] if roots else None


def _count_outside(package: Package, main: PackagePart, dropped: DroppedContent) -> None:
    """Count headers, footers and comments as dropped."""
    for kind in ("header", "footer"):
        for root in package.related(main, kind):
            dropped.add_text("running-header", all_text(root))
    for root in package.related(main, "comments"):
        for comment in root.iterchildren(w("comment")):
            dropped.add_text("comment", all_text(comment))


def _metadata(root: _Element | None, language: str) -> dict[str, str | list[str]]:
    """The non-empty properties of the document."""
    metadata: dict[str, str | list[str]] = {}
    if isinstance(root, CT_CoreProperties):
        title = _clean(root.title_text)
        metadata = {
            "title": "" if title.lower() in _PROGRAM_TITLES or len(title) > _MAX_TITLE_CHARACTERS else title,
            "author": _clean(root.author_text),
            "subject": _clean(root.subject_text),
            "keywords": _clean(root.keywords_text),
            "created": _time(root.findtext(qn("dcterms:created"))),
            "modified": _time(root.findtext(qn("dcterms:modified"))),
        }
        language = root.language_text or language
    metadata["language"] = _clean(language)
    return {key: text for key, text in metadata.items() if text}


def _time(text: str | None) -> str:
    """A time in the form of ISO 8601; "" if the text is not a time."""
    try:
        return datetime.fromisoformat((text or "").strip()).isoformat()
    except ValueError:
        return ""


def _clean(text: str) -> str:
    return " ".join(without_hidden(text)[0].split())[:_MAX_PROPERTY_CHARACTERS]
