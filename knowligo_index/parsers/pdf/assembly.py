"""The canonical text of pages of blocks, and the span of each block in it.

Headings stand in it as they are printed: they carry no marks. Blocks are apart by a blank line, the cells of a row by a
tab, pages by a form feed.
"""

from collections.abc import Sequence

from knowligo_index.parsers.canonical import PAGE_BREAK, Rendered
from knowligo_index.parsers.pdf.paragraphs import Part
from knowligo_index.parsers.renditions import column_names, row_renditions
from knowligo_index.types import Block, BlockKind, Rendition


def assemble(pages: Sequence[Sequence[Part]]) -> Rendered:
    """The text of the pages' blocks."""
    pieces: list[str] = []
    blocks: list[Block] = []
    starts: list[int] = []
    renditions: list[Rendition] = []
    position = 0
    for number, parts in enumerate(pages):
        if number:
            pieces.append(PAGE_BREAK)
            position += len(PAGE_BREAK)
        starts.append(position)
        for place, part in enumerate(parts):
            if place:
                pieces.append("\n\n")
                position += 2
            text = "\n".join(part.lines)
            names = _column_names(part)
            blocks.append(_block(part, position, position + len(text), bool(names)))
            if part.kind == "table":
                renditions += _renditions(part, names, position)
            pieces.append(text)
            position += len(text)
    return Rendered("".join(pieces), tuple(blocks), tuple(starts), tuple(renditions))


def _column_names(part: Part) -> list[str]:
    """A PDF does not say what is a table, or a header: names are only taken from a first row without numbers, where
    all rows have as many cells."""
    rows = [line.split("\t") for line in part.lines] if part.kind == "table" else []
    if len(rows) < 2 or len(set(map(len, rows))) > 1 or not all(map(_is_name, rows[0])):
        return []
    return column_names(rows[0])


def _is_name(cell: str) -> bool:
    return bool(cell.strip()) and not any(character.isdigit() for character in cell)


def _renditions(part: Part, names: Sequence[str], position: int) -> list[Rendition]:
    """How the rows of a table that begins at `position` are read."""
    found: list[Rendition] = []
    for number, line in enumerate(part.lines):
        start = position
        cells: list[tuple[tuple[int, int], str]] = []
        for cell in line.split("\t"):
            cells.append(((position, position + len(cell)), cell))
            position += len(cell) + 1
        found += row_renditions(start, start + len(line), cells, names if number else ())
    return found


def _block(part: Part, start: int, end: int, names_columns: bool) -> Block:
    children: list[Block] = []
    kind: BlockKind = "item" if part.kind == "list" else "row"
    if part.kind in ("list", "table"):
        firsts = part.starts if part.kind == "list" else range(len(part.lines))
        offsets = [start]
        for line in part.lines:
            offsets.append(offsets[-1] + len(line) + 1)
        for first, following in zip(firsts, [*firsts[1:], len(part.lines)], strict=True):
            children.append(Block(kind, offsets[first], offsets[following] - 1))
    return Block(part.kind, start, end, tuple(children), part.level, part.label, names_columns)
