"""Parsers: from the bytes of one source to a document. `registry` lists the formats and the module that
parses each.

Another package adds a format with an entry point in the group `knowligo_index.parsers`: the name of the entry point is
the suffix without the dot, and its value is a function with the signature of `Parser`.
"""

from dataclasses import replace
from importlib import import_module
from typing import cast

from knowligo_index.errors import KnowligoError, MissingExtraError, ParseError
from knowligo_index.parsers.hidden import without_hidden
from knowligo_index.parsers.registry import (
    ENTRY_POINTS,
    PARSERS,
    Parser,
    ParserEntry,
    all_parsers,
    releases,
    suffixes,
)
from knowligo_index.parsers.renditions import without_unseen
from knowligo_index.types import Document, Format, Source

__all__ = [
    "ENTRY_POINTS",
    "PARSERS",
    "Parser",
    "ParserEntry",
    "all_parsers",
    "checked",
    "cleaned",
    "parse",
    "parser_of",
    "releases",
    "suffixes",
]


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


def parser_of(format_name: Format) -> Parser:
    """The parser of a format, imported. Raises MissingExtraError where a package that it needs is not installed."""
    entry = all_parsers()[format_name]
    try:
        return cast(Parser, getattr(import_module(entry.module), entry.function))
    except ModuleNotFoundError as error:
        raise MissingExtraError.for_package(f"reading {format_name} files", error.name) from error


def parse(source: Source, data: bytes) -> Document:
    """The document in `data`, the bytes of `source`. Raises ParseError, with a reason code, if there is none."""
    parser = parser_of(source.format)
    try:
        return cleaned(checked(parser(source, data)))
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


def cleaned(document: Document) -> Document:
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
