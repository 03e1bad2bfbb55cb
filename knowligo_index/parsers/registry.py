"""The formats, and the module that parses each of them: those of this package and of other packages."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from importlib.metadata import version as release_of
from typing import Protocol

from knowligo_index.errors import SettingError
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
