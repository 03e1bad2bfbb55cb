"""The nouns of the pipeline: source, document, block, chunk, ledger entry.

Offsets count Unicode code points from 0; lines and pages count from 1; spans are half open.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from knowligo_index.errors import Reason

if TYPE_CHECKING:
    pass

Format = str
"""A key of `knowligo_index.parsers.PARSERS`, such as "markdown"."""

BlockKind = Literal["heading", "paragraph", "list", "item", "quote", "table", "row", "code", "html"]

Status = Literal["indexed", "skipped", "quarantined"]

ExclusionReason = Literal["front-matter", "comment", "hidden-characters"]
"""Why a span of an indexed document is in no chunk."""

DroppedKind = Literal[
    "boilerplate", "comment", "deleted", "hidden-text", "hidden-characters", "page-number", "running-header", "script"
]
"""What a parser left out of the canonical text."""


@dataclass(frozen=True, slots=True)
class Source:
    """One file of the knowledge folder: where it is, and what its bytes are."""

    name: str
    """Path relative to the knowledge folder, with forward slashes."""
    path: Path
    format: Format
    size: int
    """bytes"""
    sha256: str
    """hexadecimal digest of the bytes"""


@dataclass(frozen=True, slots=True)
class Block:
    """A span of a document with a structural meaning. The children of a block lie inside it, in order, and cover
    every non-blank character of it, so that a block too large for one chunk can be cut between them."""

    kind: BlockKind
    char_start: int
    char_end: int
    children: tuple[Block, ...] = ()
    level: int = 0
    """1 to 6 for a heading, else 0"""
    label: str = ""
    """a heading's text as a person reads it, without markup"""
    names_columns: bool = False
    """of a table: whether each row is read with the names of its columns, so that its header need not be repeated"""


class Rendition(NamedTuple):
    """What a person sees in the place of a span of the canonical text: nothing (""), where it is markup. An empty span
    is a place where they see something that is not written there. (A tuple, since a document has very many.)"""

    char_start: int
    char_end: int
    text: str


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A span of the canonical text that is in no chunk, and why."""

    reason: ExclusionReason
    char_start: int
    char_end: int


@dataclass(frozen=True, slots=True)
class Dropped:
    """Text of the source that is not in the canonical text, by kind."""

    kind: DroppedKind
    times: int
    """in how many places"""
    characters: int
    """how many of them in all, white space left out"""


@dataclass(frozen=True, slots=True)
class PageProblem:
    """A page whose text is not in the index."""

    page: int
    """from 1"""
    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed source."""

    source: str
    format: Format
    title: str
    text: str
    """The canonical text. For Markdown and plain text, the decoded file to the last character."""
    blocks: tuple[Block, ...]
    """Top-level blocks in order. Together with `exclusions` they cover every non-blank character of `text`."""
    page_starts: tuple[int, ...] = ()
    """Offset of each page's first character; empty where the file has no pages."""
    line_starts: tuple[int, ...] = ()
    """Offset of each line's first character; empty where lines of `text` are not lines of the file."""
    encoding: str | None = None
    """Python codec that turns the file's bytes into `text`; None where `text` was extracted."""
    language: str | None = None
    """ISO 639-1; None where it cannot be told. Parsers leave it: a build tells it by the text."""
    metadata: dict[str, str | list[str]] = field(default_factory=dict)
    exclusions: tuple[Exclusion, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    page_problems: tuple[PageProblem, ...] = ()
    """of pages whose text was not taken, in ascending order; such a page is empty in `text`"""
    warnings: tuple[str, ...] = ()
    renditions: tuple[Rendition, ...] = ()
    """in order, none over another: with them the canonical text is what a person sees, and the encoder reads"""


@dataclass(frozen=True, slots=True)
class Secret:
    """Something in a document that gives access to something: never its value, only what and where it is."""

    kind: str
    place: str
    """for a person, such as "line 12" """


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage: the span [char_start, char_end) of one document's canonical text, and its place in it."""

    text: str
    char_start: int
    char_end: int
    headings: tuple[str, ...]
    """labels of the headings it stands under, outermost first"""
    breadcrumb: str
    """what leads to the text: title and headings that it does not show, and then the header of the table in whose
    middle it begins; not part of the text"""
    line_start: int | None
    line_end: int | None
    page_start: int | None
    page_end: int | None
    tokens: int
    """length of the encoder's input: special tokens, prompt, and what is read of breadcrumb and text"""
    read: str | None = None
    """what a person sees of the text, without markup; None: the text itself"""
    read_before: str | None = None
    """what is read of the breadcrumb; None: all of it"""

    @property
    def read_parts(self) -> tuple[str, str]:
        """What is searched: the breadcrumb and the text, as a person sees them."""
        return (
            self.breadcrumb if self.read_before is None else self.read_before,
            self.text if self.read is None else self.read,
        )

    @property
    def encoder_input(self) -> str:
        """What the encoder reads, apart from the prompt, which the encoder adds itself."""
        return join_breadcrumb(*self.read_parts)


def join_breadcrumb(breadcrumb: str, text: str) -> str:
    """A breadcrumb and the text that it leads to."""
    return f"{breadcrumb}\n{text}" if breadcrumb else text


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What became of one source, or of one page of it."""

    source: str
    status: Status
    reason: Reason | None = None
    """None where the status is "indexed" """
    detail: str | None = None
    page: int | None = None
    """from 1; None where the entry is of the whole source"""
    format: str | None = None
    size: int | None = None
    """bytes"""
    sha256: str | None = None
    characters: int | None = None
    """length of the canonical text, in code points"""
    chunks: int = 0
    pages: int | None = None
    duplicate_of: str | None = None
    """the source that is indexed instead"""
    exclusions: list[Exclusion] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)
    secrets: list[Secret] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk of the index. Lines and pages count from 1, characters from 0; None where they mean nothing."""

    id: int
    source: str
    title: str
    text: str
    char_start: int
    char_end: int
    headings: tuple[str, ...]
    breadcrumb: str
    """what leads to the text: title and headings that it does not show, and then the header of the table in whose
    middle the passage begins"""
    line_start: int | None
    line_end: int | None
    page_start: int | None
    page_end: int | None
    tokens: int
    """of what the encoder reads"""
