"""Parsers: from the bytes of one source to a document. One file a format; the table below is the support matrix.

Another package adds a format with an entry point in the group `knowligo_index.parsers`: its name is the suffix
without the dot, its value a function that is a Parser.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from importlib.metadata import version as release_of
from typing import Protocol, cast

from knowligo_index.errors import KnowligoError, MissingExtraError, ParseError, SettingError
from knowligo_index.parsers.hidden import without_hidden
from knowligo_index.parsers.renditions import without_unseen
from knowligo_index.types import Document, Format, Source

ENTRY_POINTS = "knowligo_index.parsers"


class Parser(Protocol):
    """What turns the bytes of a file into a document."""

    def __call__(self, source: Source, data: bytes) -> Document:
        """Parse `data`, the bytes of `source`. Raises ParseError where they give no document."""
        ...


@dataclass(frozen=True, slots=True)
class ParserEntry:
    """A row of the support matrix."""

    module: str
    """holds the parser; imported when the first file of the format is met"""
    suffixes: tuple[str, ...]
    libraries: tuple[str, ...] = ()
    """distributions whose version decides what a document says: they are part of a version's digest"""
    function: str = "parse"


PARSERS: Mapping[Format, ParserEntry] = {
    "markdown": ParserEntry(
        "knowligo_index.parsers.markdown", (".md", ".markdown", ".mdx"), ("markdown-it-py", "mdit-py-plugins", "PyYAML")
    ),
    "text": ParserEntry("knowligo_index.parsers.text", (".txt", ".text"), ("charset-normalizer",)),
    "pdf": ParserEntry("knowligo_index.parsers.pdf", (".pdf",), ("pypdf", "pypdfium2")),
    "word": ParserEntry("knowligo_index.parsers.word", (".docx", ".docm"), ("python-docx", "lxml")),
    "html": ParserEntry("knowligo_index.parsers.html", (".html", ".htm", ".xhtml"), ("selectolax", "tinycss2")),
    "restructuredtext": ParserEntry("knowligo_index.parsers.restructuredtext", (".rst", ".rest"), ("docutils",)),
    "csv": ParserEntry("knowligo_index.parsers.table_text", (".csv", ".tsv")),
}


@cache
def all_parsers() -> Mapping[Format, ParserEntry]:
    """The table above and what other packages add to it. Raises SettingError where two want one suffix."""
    taken = {suffix: "knowligo-index" for entry in PARSERS.values() for suffix in entry.suffixes}
    found = dict(PARSERS)
    for point in sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name):
        owner = point.dist.name if point.dist else point.value
        suffix = f".{point.name.lower()}"
        if suffix in taken:
            raise SettingError(f"{owner} and {taken[suffix]} both read {suffix} files: uninstall one of them.")
        taken[suffix] = owner
        libraries = (point.dist.name,) if point.dist else ()
        found[point.name.lower()] = ParserEntry(point.module, (suffix,), libraries, point.attr)
    return found


def suffixes() -> Mapping[str, Format]:
    """The format of each suffix (lower case, with its dot)."""
    return {suffix: name for name, entry in all_parsers().items() for suffix in entry.suffixes}


def releases() -> dict[str, str]:
    """Every distribution whose version decides what a document says, and that version."""
    return {name: release_of(name) for entry in all_parsers().values() for name in entry.libraries}


def checked(document: Document) -> Document:
    """The document, if its blocks and exclusions stand in order, none over another, and cover all of its text: what a
    parser left out of them would be lost in silence. Raises ParseError where they don't, or where there is no text."""
    if not without_hidden(document.text)[0].strip():
        raise ParseError("no-text", "there is no text in it")
    if not document.blocks:
        raise ParseError("empty", "nothing but front matter and comments")
    spans = [(block.char_start, block.char_end) for block in document.blocks]
    spans = sorted([*spans, *((each.char_start, each.char_end) for each in document.exclusions)])
    position = 0
    for start, end in [*spans, (len(document.text), len(document.text))]:
        if start < position or end < start:
            raise ParseError("damaged", f"its reader gave overlapping parts at character {start}: report it")
        if document.text[position:start].strip():
            raise ParseError("damaged", f"its reader left out characters {position} to {start}: report it")
        position = end
    return document


def parse(source: Source, data: bytes) -> Document:
    """The document in `data`, the bytes of `source`. Raises ParseError with a reason code where there is none."""
    entry = all_parsers()[source.format]
    try:
        parser = cast(Parser, getattr(import_module(entry.module), entry.function))
    except ModuleNotFoundError as error:
        raise MissingExtraError.for_package(f"reading {source.format} files", error.name) from error
    try:
        return _cleaned(checked(parser(source, data)))
    except (ParseError, KnowligoError):
        raise
    except RecursionError as error:
        raise ParseError("too-deep", "its parts lie inside each other deeper than its reader can follow") from error
    except MemoryError as error:
        raise ParseError("out-of-memory", "reading it takes more memory than a file may have") from error
    except Exception as error:
        # Third-party readers raise anything at all on a broken file. One bad file costs that file, not the build;
        # the ledger says which and why.
        what = " ".join(str(error).split())[:200]
        raise ParseError("damaged", f"its reader failed: {type(error).__name__}: {what}") from error


def _cleaned(document: Document) -> Document:
    """The document, with nothing in its title, its metadata and what is read of it that nobody sees, and nothing in the
    first two that can't be stored."""
    metadata = {
        name: [_clean(each) for each in value] if isinstance(value, list) else _clean(value)
        for name, value in document.metadata.items()
    }
    renditions = without_unseen(document.text, document.renditions)
    return replace(document, title=_clean(document.title), metadata=metadata, renditions=renditions)


def _clean(text: str) -> str:
    return without_hidden(text)[0]
