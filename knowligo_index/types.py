"""The nouns of the pipeline: source, block, document, chunk.

Offsets count Unicode code points from 0; lines and pages count from 1; spans are half open.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple

from knowligo_index.errors import Reason

Format = str
"""A key of `knowligo_index.parsers.PARSERS`, such as "markdown"."""

BlockKind = Literal["heading", "paragraph", "list", "item", "quote", "table", "row", "code", "html"]

ExclusionReason = Literal["front-matter", "comment", "hidden-characters"]
"""Why a span of an indexed document is in no chunk."""

DroppedKind = Literal[
    "boilerplate", "comment", "deleted", "hidden-text", "hidden-characters", "page-number", "running-header", "script"
]
"""What a parser left out of the canonical text."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file of the knowledge folder, with the size and the hash of its bytes."""

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
    """the text of a heading without markup"""
    names_columns: bool = False
    """for a table: whether the rendition of each row names the columns, so that chunks need not repeat the header"""


class Rendition(NamedTuple):
    """The text that a person sees in place of a span of the canonical text: "" where the span is markup. The span is
    empty where a person sees text that is not in the canonical text. A tuple, because a document has very many."""

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
    """Text of one kind that the source contains and the canonical text does not."""

    kind: DroppedKind
    times: int
    """number of places"""
    characters: int
    """total number of characters, without white space"""


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
    """The canonical text. For Markdown and plain text, the complete decoded file."""
    blocks: tuple[Block, ...]
    """Top-level blocks in order. Together with `exclusions` they cover every non-blank character of `text`."""
    page_starts: tuple[int, ...] = ()
    """Offset of each page's first character; empty where the file has no pages."""
    line_starts: tuple[int, ...] = ()
    """Offset of each line's first character; empty where lines of `text` are not lines of the file."""
    encoding: str | None = None
    """Python codec that turns the file's bytes into `text`; None where `text` was extracted."""
    language: str | None = None
    """ISO 639-1; None where it is unknown. Parsers do not set it: the build detects it from the text."""
    metadata: dict[str, str | list[str]] = field(default_factory=dict)
    exclusions: tuple[Exclusion, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    page_problems: tuple[PageProblem, ...] = ()
    """in ascending order of pages; `text` has no text of these pages"""
    warnings: tuple[str, ...] = ()
    renditions: tuple[Rendition, ...] = ()
    """in order, without overlaps; applied to `text`, they give what a person sees and the encoder reads"""


@dataclass(frozen=True, slots=True)
class Secret:
    """A credential in a document: its kind and its place, never its value."""

    kind: str
    place: str
    """for messages, such as "line 12" """


@dataclass(frozen=True, slots=True)
class Chunk:
    """The span [char_start, char_end) of the canonical text of a document, and its place in the document."""

    text: str
    char_start: int
    char_end: int
    headings: tuple[str, ...]
    """labels of the headings above it, outermost first"""
    breadcrumb: str
    """the title and the headings that are not in the text, followed by the header of the table where the text begins
    in the middle of one; not part of the text"""
    line_start: int | None
    line_end: int | None
    page_start: int | None
    page_end: int | None
    tokens: int
    """length of the encoder's input: special tokens, prompt, and the encoded parts of breadcrumb and text"""
    read: str | None = None
    """the text as a person sees it, without markup; None where that is the text itself"""
    read_before: str | None = None
    """the part of the breadcrumb that is searched and encoded; None where that is all of it"""

    @property
    def read_parts(self) -> tuple[str, str]:
        """The breadcrumb and the text as a person sees them: what is searched and encoded."""
        return (
            self.breadcrumb if self.read_before is None else self.read_before,
            self.text if self.read is None else self.read,
        )

    @property
    def encoder_input(self) -> str:
        """The input of the encoder without the prompt, which the encoder adds itself."""
        return join_breadcrumb(*self.read_parts)


def join_breadcrumb(breadcrumb: str, text: str) -> str:
    """The breadcrumb, where there is one, and the text on the next line."""
    return f"{breadcrumb}\n{text}" if breadcrumb else text
