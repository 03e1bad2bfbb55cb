"""Where chunks may not end: inside a row of a table."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from knowligo_index.types import Block, Chunk, Document


def bad_borders(document: Document, chunks: Sequence[Chunk]) -> list[int]:
    """Where a chunk ends inside a row of a table that it did not begin with, ascending offsets: only a row that is too
    long for a chunk is cut, and that begins one, below the headings that lead to it. Empty for what `chunk_document`
    makes."""
    starts = [chunk.char_start for chunk in chunks]
    return [
        starts[number]
        for lead, row in _rows(document.blocks)
        for number in range(bisect_right(starts, row.char_start), bisect_left(starts, row.char_end))
        if number and starts[number - 1] < lead and document.text[row.char_start : starts[number]].strip()
    ]


def _rows(blocks: Sequence[Block]) -> Iterator[tuple[int, Block]]:
    """The rows of all tables, each with where it begins, or the headings do that stand directly before it."""
    lead: int | None = None
    for block in blocks:
        if block.kind == "heading":
            lead = block.char_start if lead is None else lead
            continue
        if block.kind == "row":
            yield block.char_start if lead is None else lead, block
        else:
            yield from (
                (row_lead if number or lead is None else lead, row)
                for number, (row_lead, row) in enumerate(_rows(block.children))
            )
        lead = None
