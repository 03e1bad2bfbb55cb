"""Where the cells of a row of a table stand in its line: as markdown-it cuts it."""

from bisect import bisect_left
from dataclasses import dataclass, field

from knowligo_index.types import Rendition


@dataclass(slots=True)
class Cell:
    """A cell without the blanks at its ends."""

    start: int
    end: int
    escapes: list[int] = field(default_factory=list)
    """where the backslashes of escaped pipes are, which markdown-it takes out before it reads the cell"""

    def content(self, text: str) -> str:
        """What markdown-it reads of it."""
        places = [self.start, *(each + 1 for each in self.escapes)]
        ends = [*self.escapes, self.end]
        return "".join(text[place:end] for place, end in zip(places, ends, strict=True))

    def placed(self, renditions: list[Rendition]) -> list[Rendition]:
        """Renditions of the content as those of the text, with those of the backslashes."""
        # Where each backslash would be without those before it.
        without = [escape - number for number, escape in enumerate(self.escapes)]

        def at(offset: int) -> int:
            place = self.start + offset
            return place + bisect_left(without, place)

        found = [Rendition(at(start), at(end), seen) for start, end, seen in renditions]
        return found + [Rendition(escape, escape + 1, "") for escape in self.escapes]


def cells_of(text: str, start: int, end: int) -> list[Cell]:
    """The cells of the line text[start:end]."""
    bounds = [start]
    escapes: list[list[int]] = [[]]
    place = text.find("|", start, end)
    while place >= 0:
        if place > start and text[place - 1] == "\\":
            escapes[-1].append(place - 1)
        else:
            bounds.append(place + 1)
            escapes.append([])
        place = text.find("|", place + 1, end)
    cells: list[Cell] = []
    last = len(bounds) - 1
    for number, (first, inside) in enumerate(zip(bounds, escapes, strict=True)):
        stop = end if number == last else bounds[number + 1] - 1
        body = text[first:stop]
        if body.strip() or number not in (0, last):
            left = first + len(body) - len(body.lstrip())
            cells.append(Cell(left, max(left, first + len(body.rstrip())), inside))
    return cells
