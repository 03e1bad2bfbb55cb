"""The ledger: one line of JSON for each source, saying what became of it. Reasons are explained in docs/ledger.md."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from knowligo_index.errors import ParseError
from knowligo_index.types import Chunk, Document, LedgerEntry, Source


def indexed(source: Source, document: Document, chunks: Sequence[Chunk]) -> LedgerEntry:
    """The entry of a source whose text is in the index."""
    bounds = [*document.page_starts, len(document.text)]
    pages = [document.text[start:end] for start, end in pairwise(bounds)]
    return LedgerEntry(
        source=source.name,
        status="indexed",
        format=source.format,
        size=source.size,
        sha256=source.sha256,
        characters=len(document.text),
        chunks=len(chunks),
        pages=len(pages) or None,
        pages_without_text=[number for number, page in enumerate(pages, start=1) if not page.strip()],
        exclusions=list(document.exclusions),
        warnings=list(document.warnings),
    )


def not_indexed(source: Source, error: ParseError) -> LedgerEntry:
    """The entry of a source that gave no document. An empty file is nothing to index; the rest is a loss."""
    return LedgerEntry(
        source=source.name,
        status="skipped" if error.reason == "empty" else "quarantined",
        reason=error.reason,
        detail=error.detail,
        format=source.format,
        size=source.size,
        sha256=source.sha256,
    )


def encode_ledger(entries: Iterable[LedgerEntry]) -> bytes:
    """JSON Lines, UTF-8, in the order given."""
    return msgspec.json.Encoder().encode_lines(list(entries))


def decode_ledger(data: bytes) -> list[LedgerEntry]:
    """The entries of a ledger file whose hash was checked."""
    return msgspec.json.Decoder(LedgerEntry).decode_lines(data)
