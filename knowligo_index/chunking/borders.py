"""Find chunk borders in places where no chunk may end: inside a row of a table."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from knowligo_index.types import Block, Chunk, Document


def bad_borders(document: Document, chunks: Sequence[Chunk]) -> list[int]:
    """Ascending offsets at which a chunk ends inside a table row with which it did not begin.

    A row may be cut only if it is too long for a chunk. Such a row begins a chunk, after the headings directly before
    it. The chunks of `chunk_document` have no bad border.
    """
    starts = [chunk.char_start for chunk in chunks]
    return [
        starts[number]
        for allowed_start, row in _rows(document.blocks)
        for number in range(bisect_right(starts, row.char_start), bisect_left(starts, row.char_end))
        if number and starts[number - 1] < allowed_start and document.text[row.char_start : starts[number]].strip()
    ]


def _rows(blocks: Sequence[Block]) -> Iterator[tuple[int, Block]]:
    """The rows of all tables, each with the offset where it begins, or where the headings directly before it begin."""
    headings_start: int | None = None
    for block in blocks:
        if block.kind == "heading":
            headings_start = block.char_start if headings_start is None else headings_start
            continue
        if block.kind == "row":
            yield block.char_start if headings_start is None else headings_start, block
        else:
            yield from (
                (row_start if number or headings_start is None else headings_start, row)
                for number, (row_start, row) in enumerate(_rows(block.children))
            )
        headings_start = None
