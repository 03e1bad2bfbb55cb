"""Locates the cells of a table row in its line, which is cut as by markdown-it."""

from bisect import bisect_left
from dataclasses import dataclass, field

from knowligo_index.types import Rendition


@dataclass(slots=True)
class Cell:
    """The span of a cell, without the white space at its ends."""

    start: int
    end: int
    escapes: list[int] = field(default_factory=list)
    """offsets of the backslashes of escaped pipes, which markdown-it removes before it reads the cell"""

    def content(self, text: str) -> str:
        """The content that markdown-it reads."""
        starts = [self.start, *(escape + 1 for escape in self.escapes)]
        ends = [*self.escapes, self.end]
        return "".join(text[start:end] for start, end in zip(starts, ends, strict=True))

    def placed(self, renditions: list[Rendition]) -> list[Rendition]:
        """Renditions of the content as renditions of the text, and those that hide the backslashes."""
        # The offset that each backslash would have without those before it.
        shifted_escapes = [escape - number for number, escape in enumerate(self.escapes)]

        def text_offset(content_offset: int) -> int:
            position = self.start + content_offset
            return position + bisect_left(shifted_escapes, position)

        moved = [Rendition(text_offset(start), text_offset(end), text) for start, end, text in renditions]
        return moved + [Rendition(escape, escape + 1, "") for escape in self.escapes]


def cells_of(text: str, start: int, end: int) -> list[Cell]:
    """The cells of the line text[start:end]."""
    bounds = [start]
    escapes: list[list[int]] = [[]]
    pipe = text.find("|", start, end)
    while pipe >= 0:
        if pipe > start and text[pipe - 1] == "\\":
            escapes[-1].append(pipe - 1)
        else:
            bounds.append(pipe + 1)
            escapes.append([])
        pipe = text.find("|", pipe + 1, end)
    cells: list[Cell] = []
    last_number = len(bounds) - 1
    for number, (cell_start, cell_escapes) in enumerate(zip(bounds, escapes, strict=True)):
        cell_end = end if number == last_number else bounds[number + 1] - 1
        body = text[cell_start:cell_end]
        if body.strip() or number not in (0, last_number):
            content_start = cell_start + len(body) - len(body.lstrip())
            cells.append(Cell(content_start, max(content_start, cell_start + len(body.rstrip())), cell_escapes))
    return cells
