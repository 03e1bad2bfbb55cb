"""A document's text as a person sees it, and what of it stands in the place of a span of the canonical text."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from knowligo_index.types import Rendition


class ReadText:
    """The canonical text with its renditions applied.

    What stands in the place of a span belongs to where the span begins: of two passages between which it is cut, the
    first one has it.
    """

    def __init__(self, text: str, renditions: Sequence[Rendition]) -> None:
        self._starts = [each.char_start for each in renditions]
        self._ends = [each.char_end for each in renditions]
        self._firsts: list[int] = []
        """where each rendition begins and ends in the text that is read"""
        self._lasts: list[int] = []
        parts: list[str] = []
        position = length = 0
        for start, end, seen in renditions:
            parts += (text[position:start], seen)
            length += start - position
            self._firsts.append(length)
            length += len(seen)
            self._lasts.append(length)
            position = end
        parts.append(text[position:])
        self.text = "".join(parts) if renditions else text

    def place(self, offset: int) -> int:
        """Where in the read text that begins which begins at this offset of the canonical text."""
        last = bisect_left(self._starts, offset) - 1
        return offset if last < 0 else self._lasts[last] + max(offset - self._ends[last], 0)

    def offset(self, place: int) -> int:
        """The last offset of the canonical text up to which no more is read than up to this place."""
        last = bisect_right(self._firsts, place) - 1
        if last < 0:
            return place
        if place < self._lasts[last]:
            return self._starts[last]
        return self._ends[last] + place - self._lasts[last]

    def of(self, start: int, end: int) -> str:
        """What is read of a span of the canonical text."""
        return self.text[self.place(start) : self.place(end)]
