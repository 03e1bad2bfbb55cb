"""Assembles the canonical text from the blocks of the pages, with the span of each block in it.

Headings are written as they are printed, without marks. Blocks are separated by a blank line, the cells of a row by a
tab, pages by a form feed.
"""

from collections.abc import Sequence

from knowligo_index.parsers.canonical import PAGE_BREAK, Rendered
from knowligo_index.parsers.pdf.paragraphs import PageBlock
from knowligo_index.parsers.renditions import column_names, row_renditions
from knowligo_index.types import Block, BlockKind, Rendition


def assemble(pages: Sequence[Sequence[PageBlock]]) -> Rendered:
    """The text of the pages' blocks."""
    pieces: list[str] = []
    blocks: list[Block] = []
    page_starts: list[int] = []
    renditions: list[Rendition] = []
    position = 0
    for number, page_blocks in enumerate(pages):
        if number:
            pieces.append(PAGE_BREAK)
            position += len(PAGE_BREAK)
        page_starts.append(position)
        for index, block in enumerate(page_blocks):
            if index:
                pieces.append("\n\n")
                position += 2
            text = "\n".join(block.lines)
            names = _column_names(block)
            blocks.append(_block(block, position, position + len(text), bool(names)))
            if block.kind == "table":
                renditions += _renditions(block, names, position)
            pieces.append(text)
            position += len(text)
    return Rendered("".join(pieces), tuple(blocks), tuple(page_starts), tuple(renditions))


def _column_names(block: PageBlock) -> list[str]:
    """The column names of a table. A PDF does not mark tables or headers: the first row counts as a header only if it
    has no numbers and all rows have the same number of cells."""
    rows = [line.split("\t") for line in block.lines] if block.kind == "table" else []
    if len(rows) < 2 or len(set(map(len, rows))) > 1 or not all(map(_is_name, rows[0])):
        return []
    return column_names(rows[0])


def _is_name(cell: str) -> bool:
    return bool(cell.strip()) and not any(character.isdigit() for character in cell)


def _renditions(block: PageBlock, names: Sequence[str], position: int) -> list[Rendition]:
    """The renditions of the rows of a table that begins at `position`."""
    renditions: list[Rendition] = []
    for number, line in enumerate(block.lines):
        start = position
        cells: list[tuple[tuple[int, int], str]] = []
        for cell in line.split("\t"):
            cells.append(((position, position + len(cell)), cell))
            position += len(cell) + 1
        renditions += row_renditions(start, start + len(line), cells, names if number else ())
    return renditions


def _block(block: PageBlock, start: int, end: int, names_columns: bool) -> Block:
    children: list[Block] = []
    kind: BlockKind = "item" if block.kind == "list" else "row"
    if block.kind in ("list", "table"):
        first_lines = block.starts if block.kind == "list" else range(len(block.lines))
        offsets = [start]
        for line in block.lines:
            offsets.append(offsets[-1] + len(line) + 1)
        for first_line, next_line in zip(first_lines, [*first_lines[1:], len(block.lines)], strict=True):
            children.append(Block(kind, offsets[first_line], offsets[next_line] - 1))
    return Block(block.kind, start, end, tuple(children), block.level, block.label, names_columns)
