"""The canonical text of pages of blocks, and the span of each block in it.

Headings stand in it as they are printed: they carry no marks. Blocks are apart by a blank line, the cells of a row by a
tab, pages by a form feed.
"""

from collections.abc import Sequence

from knowligo_index.parsers.canonical import PAGE_BREAK, Rendered
from knowligo_index.parsers.pdf.paragraphs import Part
from knowligo_index.types import Block, BlockKind


def assemble(pages: Sequence[Sequence[Part]]) -> Rendered:
    """The text of the pages' blocks."""
    pieces: list[str] = []
    blocks: list[Block] = []
    starts: list[int] = []
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
            blocks.append(_block(part, position, position + len(text)))
            pieces.append(text)
            position += len(text)
    return Rendered("".join(pieces), tuple(blocks), tuple(starts))


def _block(part: Part, start: int, end: int) -> Block:
    children: list[Block] = []
    kind: BlockKind = "item" if part.kind == "list" else "row"
    if part.kind in ("list", "table"):
        firsts = part.starts if part.kind == "list" else range(len(part.lines))
        offsets = [start]
        for line in part.lines:
            offsets.append(offsets[-1] + len(line) + 1)
        for first, following in zip(firsts, [*firsts[1:], len(part.lines)], strict=True):
            children.append(Block(kind, offsets[first], offsets[following] - 1))
    return Block(part.kind, start, end, tuple(children), part.level, part.label)
