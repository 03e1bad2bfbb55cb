"""The ledger: one line of JSON for each source, and for each page of those that have pages, saying what became of it.
Reasons are explained in docs/ledger.md.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from knowligo_index.errors import ParseError
from knowligo_index.types import Chunk, Document, LedgerEntry, Secret, Source


def indexed(
    source: Source, document: Document, chunks: Sequence[Chunk], secrets: Sequence[Secret]
) -> list[LedgerEntry]:
    """The entry of a source whose text is in the index, and one for each of its pages, if it has pages."""
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
    begun = Counter(chunk.page_start for chunk in chunks)
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
                chunks=begun[number],
            )
        )
    return entries


def not_indexed(source: Source, error: ParseError) -> LedgerEntry:
    """The entry of a source that gave no document."""
    return LedgerEntry(
        source=source.name,
        status=error.status,
        reason=error.reason,
        detail=error.detail,
        format=source.format,
        size=source.size,
        sha256=source.sha256,
    )


def of_sources(entries: Iterable[LedgerEntry]) -> list[LedgerEntry]:
    """The entries of whole sources."""
    return [entry for entry in entries if entry.page is None]


def encode_ledger(entries: Iterable[LedgerEntry]) -> bytes:
    """JSON Lines, UTF-8, in the order given."""
    return msgspec.json.Encoder().encode_lines(list(entries))


def decode_ledger(data: bytes) -> list[LedgerEntry]:
    """The entries of a ledger file whose hash was checked."""
    return msgspec.json.Decoder(LedgerEntry).decode_lines(data)
