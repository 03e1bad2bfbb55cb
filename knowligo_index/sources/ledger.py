"""The ledger: a line of JSON for each source, followed by one for each of its pages, that records what became of it.
docs/ledger.md explains the reasons.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

import msgspec

from knowligo_index.errors import ParseError, Reason
from knowligo_index.types import Chunk, Document, Dropped, Exclusion, Secret, Source

DocumentStatus = Literal["indexed", "skipped", "quarantined"]

# A parser may quote from the file.
_MAX_DETAIL = 1000

# The failures that the next build may not have although nothing changed.
_TRANSIENT: tuple[Reason, ...] = ("changed-while-read", "timed-out", "out-of-memory", "crashed")


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """What became of a source, or of a page of it."""

    source: str
    status: DocumentStatus
    reason: Reason | None = None
    """None where the status is "indexed" """
    detail: str | None = None
    page: int | None = None
    """from 1; None in the entry of a whole source"""
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


def indexed(
    source: Source, document: Document, chunks: Sequence[Chunk], secrets: Sequence[Secret]
) -> list[LedgerEntry]:
    """The entry of a source whose text is in the index, followed by one for each of its pages, if it has pages."""
    pages = _pages(source, document, chunks)
    entry = LedgerEntry(
        source=source.name,
        status="indexed",
        format=source.format,
        size=source.size,
        sha256=source.sha256,
        characters=len(document.text),
        chunks=len(chunks),
        pages=len(pages) or None,
        exclusions=list(document.exclusions),
        dropped=list(document.dropped),
        secrets=list(secrets),
        warnings=list(document.warnings),
    )
    return [entry, *pages]


def _pages(source: Source, document: Document, chunks: Sequence[Chunk]) -> list[LedgerEntry]:
    problems = {problem.page: problem for problem in document.page_problems}
    chunks_by_first_page = Counter(chunk.page_start for chunk in chunks)
    entries: list[LedgerEntry] = []
    for number, (start, end) in enumerate(pairwise([*document.page_starts, len(document.text)]), start=1):
        problem = problems.get(number)
        blank = not document.text[start:end].strip()
        entries.append(
            LedgerEntry(
                source=source.name,
                page=number,
                status="quarantined" if problem else "skipped" if blank else "indexed",
                reason=problem.reason if problem else "empty" if blank else None,
                detail=problem.detail if problem else None,
                characters=end - start,
                chunks=chunks_by_first_page[number],
            )
        )
    return entries


def not_indexed(source: Source, error: ParseError) -> LedgerEntry:
    """The entry of a source that gave no document."""
    return LedgerEntry(
        source=source.name,
        status=error.status,
        reason=error.reason,
        detail=error.detail[:_MAX_DETAIL],
        format=source.format,
        size=source.size,
        sha256=source.sha256,
    )


def duplicate(
    source: Source, document: Document, secrets: Sequence[Secret], original: str, similarity: float
) -> LedgerEntry:
    """The entry of a source whose text is the same as that of the source named `original` (a similarity of 1), or
    nearly the same."""
    exact = similarity == 1
    return LedgerEntry(
        source=source.name,
        status="skipped",
        reason="duplicate" if exact else "near-duplicate",
        detail=f"{'the same text as' if exact else f'{similarity:.1%} the same as'} {original}",
        format=source.format,
        size=source.size,
        sha256=source.sha256,
        characters=len(document.text),
        duplicate_of=original,
        # The duplicate is not published, but the folder that holds it may be.
        secrets=list(secrets),
    )


def of_sources(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """The entries of whole sources."""
    return [entry for entry in entries if entry.page is None]


def of_documents(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """The entries of whole sources that a parser is for: in one without a format nothing could have been read."""
    return [entry for entry in of_sources(entries) if entry.format is not None]


def transient_failures(entries: Iterable[LedgerEntry]) -> list[tuple[str, str]]:
    """Source and reason of every failure that the next build may not have although nothing changed."""
    return [(entry.source, entry.reason) for entry in of_sources(entries) if entry.reason in _TRANSIENT]


def encode_ledger(entries: Iterable[LedgerEntry]) -> bytes:
    """JSON Lines, UTF-8, in the order given."""
    return msgspec.json.Encoder().encode_lines(list(entries))


def decode_ledger(data: bytes) -> list[LedgerEntry]:
    """The entries of a ledger file whose hash was checked."""
    return msgspec.json.Decoder(LedgerEntry).decode_lines(data)
