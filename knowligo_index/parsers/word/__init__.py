"""Word (.docx, and its relatives with macros, of templates and of ISO 29500 Strict) by python-docx's XML parser.

The canonical text is what Word prints between header and footer: numbers of lists and headings included, notes behind
what refers to them as "[1] ...", equations as a line ("x^2/2"), pictures by their description as "[image: ...]".
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
from knowligo_index.parsers.word.names import w
from knowligo_index.parsers.word.notes import Notes
from knowligo_index.parsers.word.numbering import Numbering
from knowligo_index.parsers.word.package import Package, Part
from knowligo_index.parsers.word.styles import Styles
from knowligo_index.parsers.word.tally import Tally, all_text
from knowligo_index.types import Document, Source

# A title stands before every passage that is read; nothing longer is one.
_LONGEST_TITLE = 300
_LONGEST_PROPERTY = 1_000

# What programs write where nobody gave a title.
_NO_TITLES = frozenset(
    (
        *("word document", "untitled", "untitled document", "sin título", "sin titulo", "documento sin título"),
        *("document", "documento", "document1", "documento1", "microsoft word document", "documento de microsoft word"),
    )
)


def parse(source: Source, data: bytes) -> Document:
    """The text of the document. The title is its properties' own, else the first paragraph in the style of a title,
    else the first heading of level 1, else the file's name.

    What is deleted, hidden, or in comments, headers and footers is counted as dropped. Raises ParseError where the
    bytes are no Word file, an encrypted one or one that expands beyond bounds.
    """
    package = Package(data)
    main = package.main()
    tally = Tally()
    styles = Styles(_first(package.related(main, "styles")))
    numbering = Numbering(_first(package.related(main, "numbering")), styles)
    notes = Notes(package.related(main, "footnotes"), package.related(main, "endnotes"))
    reader = BodyReader(styles, numbering, notes, tally)
    nodes = reader.blocks(main.root.iterfind(w("body")), with_notes=True)
    notes.drop_others(tally)
    _count_outside(package, main, tally)
    rendered = render([nodes])
    if not rendered.text.strip():
        raise ParseError("no-text", "there is no text in it")
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
        dropped=tally.dropped(),
        warnings=tuple(tally.warnings()),
    )


def _first(roots: list[_Element]) -> _Element | None:
    return roots[0] if roots else None


def _count_outside(package: Package, main: Part, tally: Tally) -> None:
    """Count what stands beside the text."""
    for kind in ("header", "footer"):
        for root in package.related(main, kind):
            tally.drop("running-header", all_text(root))
    for root in package.related(main, "comments"):
        for comment in root.iterchildren(w("comment")):
            tally.drop("comment", all_text(comment))


def _metadata(root: _Element | None, language: str) -> dict[str, str | list[str]]:
    """What the document says of itself; what is empty is left out."""
    found: dict[str, str | list[str]] = {}
    if isinstance(root, CT_CoreProperties):
        title = _clean(root.title_text)
        found = {
            "title": "" if title.lower() in _NO_TITLES or len(title) > _LONGEST_TITLE else title,
            "author": _clean(root.author_text),
            "subject": _clean(root.subject_text),
            "keywords": _clean(root.keywords_text),
            "created": _time(root.findtext(qn("dcterms:created"))),
            "modified": _time(root.findtext(qn("dcterms:modified"))),
        }
        language = root.language_text or language
    found["language"] = _clean(language)
    return {key: text for key, text in found.items() if text}


def _time(text: str | None) -> str:
    """A time as ISO 8601 writes it; "" where it is none."""
    try:
        return datetime.fromisoformat((text or "").strip()).isoformat()
    except ValueError:
        return ""


def _clean(text: str) -> str:
    return " ".join(without_hidden(text)[0].split())[:_LONGEST_PROPERTY]
