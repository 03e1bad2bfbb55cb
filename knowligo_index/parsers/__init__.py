"""Parsers: from the bytes of one source to a document. `PARSERS` lists the formats and the module that parses each.

Another package adds a format with an entry point in the group `knowligo_index.parsers`: the name of the entry point is
the suffix without the dot, and its value is a function with the signature of `Parser`.
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
    """A function that turns the bytes of a file into a document."""

    def __call__(self, source: Source, data: bytes) -> Document:
        """Parse `data`, the bytes of `source`. Raises ParseError if they are not a document of the format."""
        ...


@dataclass(frozen=True, slots=True)
class ParserEntry:
    """The parser of one format."""

    module: str
    """imported when the first file of the format is parsed"""
    suffixes: tuple[str, ...]
    libraries: tuple[str, ...] = ()
    """distributions whose release decides the text of a document: they are part of a version's digest"""
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
    """The parsers of this package and of other packages. Raises SettingError if two of them claim the same suffix."""
    owners = {suffix: "knowligo-index" for entry in PARSERS.values() for suffix in entry.suffixes}
    parsers = dict(PARSERS)
    for entry_point in sorted(entry_points(group=ENTRY_POINTS), key=lambda entry_point: entry_point.name):
        owner = entry_point.dist.name if entry_point.dist else entry_point.value
        suffix = f".{entry_point.name.lower()}"
        if suffix in owners:
            raise SettingError(f"{owner} and {owners[suffix]} both read {suffix} files: uninstall one of them.")
        owners[suffix] = owner
        libraries = (entry_point.dist.name,) if entry_point.dist else ()
        parsers[entry_point.name.lower()] = ParserEntry(entry_point.module, (suffix,), libraries, entry_point.attr)
    return parsers


def suffixes() -> Mapping[str, Format]:
    """The format of each suffix (lower case, with its dot)."""
    return {suffix: name for name, entry in all_parsers().items() for suffix in entry.suffixes}


def releases() -> dict[str, str]:
    """The release of each distribution that decides the text of a document."""
    return {name: release_of(name) for entry in all_parsers().values() for name in entry.libraries}


def checked(document: Document) -> Document:
    """The document, if its blocks and exclusions are in order, do not overlap and cover all of its text. Text outside
    of them would be lost without a message.

    Raises ParseError if a document is not so, or has no text.
    """
    if not without_hidden(document.text)[0].strip():
        raise ParseError("no-text", "the file has no text")
    if not document.blocks:
        raise ParseError("empty", "the file contains only front matter and comments")
    spans = [(block.char_start, block.char_end) for block in document.blocks]
    spans = sorted([*spans, *((exclusion.char_start, exclusion.char_end) for exclusion in document.exclusions)])
    position = 0
    for start, end in [*spans, (len(document.text), len(document.text))]:
        if start < position or end < start:
            raise ParseError("damaged", f"the parser returned overlapping blocks at character {start}: report this")
        if document.text[position:start].strip():
            raise ParseError("damaged", f"the parser left out characters {position} to {start}: report this")
        position = end
    return document


def parse(source: Source, data: bytes) -> Document:
    """The document in `data`, the bytes of `source`. Raises ParseError, with a reason code, if there is none."""
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
        raise ParseError("too-deep", "its parts are nested deeper than the parser can follow") from error
    except MemoryError as error:
        raise ParseError("out-of-memory", "parsing it takes more memory than is allowed for a file") from error
    except Exception as error:
        # Third-party libraries may raise any exception on a damaged file. It must not stop the build: the ledger
        # records the file and the reason.
        message = " ".join(str(error).split())[:200]
        raise ParseError("damaged", f"the parser failed: {type(error).__name__}: {message}") from error


def _cleaned(document: Document) -> Document:
    """The document without hidden characters in its title, its metadata and its visible text, and without characters
    in title and metadata that cannot be stored."""
    metadata = {
        name: [_clean(text) for text in value] if isinstance(value, list) else _clean(value)
        for name, value in document.metadata.items()
    }
    renditions = without_unseen(document.text, document.renditions)
    return replace(document, title=_clean(document.title), metadata=metadata, renditions=renditions)


def _clean(text: str) -> str:
    return without_hidden(text)[0]
