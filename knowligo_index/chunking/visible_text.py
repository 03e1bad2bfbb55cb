"""The text of a document as a person sees it, and which part of it belongs to a span of the canonical text."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from knowligo_index.types import Rendition


class VisibleText:
    """The canonical text with its renditions applied.

    A rendition belongs to the offset at which its span begins: if the span is cut between two passages, the first one
    contains the rendition.
    """

    def __init__(self, text: str, renditions: Sequence[Rendition]) -> None:
        self._starts = [rendition.char_start for rendition in renditions]
        self._ends = [rendition.char_end for rendition in renditions]
        self._visible_starts: list[int] = []
        """where each rendition begins in the visible text"""
        self._visible_ends: list[int] = []
        parts: list[str] = []
        position = length = 0
        for start, end, replacement in renditions:
            parts += (text[position:start], replacement)
            length += start - position
            self._visible_starts.append(length)
            length += len(replacement)
            self._visible_ends.append(length)
            position = end
        parts.append(text[position:])
        self.text = "".join(parts) if renditions else text

    def position_of(self, offset: int) -> int:
        """The position in the visible text that corresponds to an offset of the canonical text."""
        index = bisect_left(self._starts, offset) - 1
        return offset if index < 0 else self._visible_ends[index] + max(offset - self._ends[index], 0)

    def offset_of(self, position: int) -> int:
        """The last offset of the canonical text before which no visible text beyond this position stands."""
        index = bisect_right(self._visible_starts, position) - 1
        if index < 0:
            return position
        if position < self._visible_ends[index]:
            return self._starts[index]
        return self._ends[index] + position - self._visible_ends[index]

    def of_span(self, start: int, end: int) -> str:
        """The visible text of a span of the canonical text."""
        return self.text[self.position_of(start) : self.position_of(end)]
