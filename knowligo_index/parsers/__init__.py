"""Parsers: from the bytes of one source to a document. One file a format; the table below is the support matrix."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from knowligo_index.errors import KnowligoError, MissingExtraError, ParseError
from knowligo_index.types import Document, Format, Source


class Parser(Protocol):
    """What the module of a format offers as `parse`."""

    def __call__(self, source: Source, data: bytes) -> Document:
        """Parse `data`, the bytes of `source`. Raises ParseError where they give no document."""
        ...


@dataclass(frozen=True, slots=True)
class ParserEntry:
    """A row of the support matrix."""

    module: str
    """holds a function `parse` that is a Parser; imported when the first file of the format is met"""
    suffixes: tuple[str, ...]


PARSERS: Mapping[Format, ParserEntry] = {
    "markdown": ParserEntry("knowligo_index.parsers.markdown", (".md", ".markdown")),
    "text": ParserEntry("knowligo_index.parsers.text", (".txt", ".text")),
    "pdf": ParserEntry("knowligo_index.parsers.pdf", (".pdf",)),
}

SUFFIXES: Mapping[str, Format] = {suffix: name for name, entry in PARSERS.items() for suffix in entry.suffixes}

# Distributions whose version decides what a document says: they are part of a version's digest.
LIBRARIES = ("markdown-it-py", "mdit-py-plugins", "pypdf", "PyYAML")


def parse(source: Source, data: bytes) -> Document:
    """The document in `data`, the bytes of `source`. Raises ParseError with a reason code where there is none."""
    try:
        parser = cast(Parser, import_module(PARSERS[source.format].module).parse)
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"reading {source.format} files needs the package {error.name}: "
            "install it with `pip install 'knowligo-index[build]'`."
        ) from error
    try:
        return parser(source, data)
    except (ParseError, KnowligoError):
        raise
    except Exception as error:
        # Third-party readers raise anything at all on a broken file. One bad file costs that file, not the build;
        # the ledger says which and why.
        what = " ".join(str(error).split())[:200]
        raise ParseError("damaged", f"its reader failed: {type(error).__name__}: {what}") from error
