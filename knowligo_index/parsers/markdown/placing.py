"""Where the content of markdown-it's tokens stands in the text of the file."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

from knowligo_index.parsers.plain import LINE_END
from knowligo_index.types import Rendition


class Alignment:
    """A content laid beside the text: each of its lines has a place there."""

    def __init__(self, places: Sequence[tuple[int, int]]) -> None:
        """`places`: for each line where it begins in the content, and where in the text."""
        self._starts = [start for start, _ in places]
        self._places = [place for _, place in places]

    def at(self, offset: int) -> int:
        """Where in the text the content's character at this offset is."""
        line = max(bisect_right(self._starts, offset) - 1, 0)
        return self._places[line] + max(offset - self._starts[line], 0)

    def placed(self, renditions: Iterable[Rendition]) -> list[Rendition]:
        """Renditions of the content as those of the text."""
        return [Rendition(self.at(start), self.at(end), seen) for start, end, seen in renditions]


class Lines:
    """The lines of a text, and where on each of them the text of its block begins: below quote marks and bullets."""

    def __init__(self, text: str, starts: Sequence[int], columns: Mapping[int, int]) -> None:
        """`columns`: by line, an offset in the text as markdown-it has it, with one character for each line end."""
        self.text = text
        self._starts = starts
        ends = [match.span() for match in LINE_END.finditer(text)]
        self._ends = [start for start, _ in ends][: len(starts)]
        self._ends += [len(text)] * (len(starts) - len(self._ends))
        # How many characters of the line ends before each line are only in the file.
        longer = [0]
        for start, end in ends:
            longer.append(longer[-1] + end - start - 1)
        self._places = {line: column + longer[line] for line, column in columns.items() if line < len(starts)}

    def begins(self, line: int) -> int:
        """Where the text of the line begins; at its end, where it has none."""
        return min(self._places.get(line, self._ends[line]), self._ends[line])

    def ends(self, line: int) -> int:
        """Where the line ends, without what ends it."""
        return self._ends[line]

    def whole(self, line: int) -> Rendition:
        """That nothing is seen of the line."""
        return Rendition(self.begins(line), self._ends[line], "")

    def margin(self, line: int) -> tuple[int, int]:
        """The span of what stands before the text of the line."""
        return self._starts[line], self.begins(line)

    def aligned(self, first: int, content: str) -> Alignment | None:
        """The content laid beside the lines from `first` on; None where they are not the same."""
        places: list[tuple[int, int]] = []
        offset = 0
        # markdown-it trims form feeds off a content, and lines of nothing else, that are no indentation and no blank
        # lines to it before.
        while first < len(self._ends) and self.skipped(self.begins(first), self._ends[first]) == self._ends[first]:
            first += 1
        for number, part in enumerate(content.split("\n"), first):
            body = part.lstrip(" \t")
            if number >= len(self._ends):
                return None
            start = self.begins(number)
            if number == first:
                start = self.skipped(start, self._ends[number])
            if not self.text.startswith(body, start):
                return None
            places.append((offset + len(part) - len(body), start))
            offset += len(part) + 1
        return Alignment(places)

    def skipped(self, start: int, end: int) -> int:
        """Where the white space ends that begins there."""
        body = self.text[start:end]
        return start + len(body) - len(body.lstrip())
