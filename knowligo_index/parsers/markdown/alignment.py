"""Locates the content of markdown-it's tokens in the text of the file."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

from knowligo_index.parsers.plain import LINE_END
from knowligo_index.types import Rendition


class Alignment:
    """The offsets in the text of the lines of a content."""

    def __init__(self, line_offsets: Sequence[tuple[int, int]]) -> None:
        """`line_offsets`: for each line, its offset in the content and its offset in the text."""
        self._content_starts = [content_start for content_start, _ in line_offsets]
        self._text_starts = [text_start for _, text_start in line_offsets]

    def text_offset(self, content_offset: int) -> int:
        """The offset in the text of the character at this offset of the content."""
        line = max(bisect_right(self._content_starts, content_offset) - 1, 0)
        return self._text_starts[line] + max(content_offset - self._content_starts[line], 0)

    def placed(self, renditions: Iterable[Rendition]) -> list[Rendition]:
        """Renditions of the content as renditions of the text."""
        return [Rendition(self.text_offset(start), self.text_offset(end), text) for start, end, text in renditions]


class MarkdownLines:
    """The lines of a text, and where the text of the block on each of them begins, after quote marks and bullets."""

    def __init__(self, text: str, starts: Sequence[int], columns: Mapping[int, int]) -> None:
        """`columns`: by line, the offset in markdown-it's copy of the text, in which each line end is one character."""
        self.text = text
        self._starts = starts
        ends = [match.span() for match in LINE_END.finditer(text)]
        self._ends = [start for start, _ in ends][: len(starts)]
        self._ends += [len(text)] * (len(starts) - len(self._ends))
        # Before each line: the number of characters of line ends that are in the file and not in markdown-it's copy.
        extra_characters = [0]
        for start, end in ends:
            extra_characters.append(extra_characters[-1] + end - start - 1)
        self._block_starts = {
            line: column + extra_characters[line] for line, column in columns.items() if line < len(starts)
        }

    def begins(self, line: int) -> int:
        """Where the text of the block on this line begins; the end of the line if it has none."""
        return min(self._block_starts.get(line, self._ends[line]), self._ends[line])

    def ends(self, line: int) -> int:
        """Where the line ends, without its line end."""
        return self._ends[line]

    def hidden_line(self, line: int) -> Rendition:
        """A rendition that hides the text of the line."""
        return Rendition(self.begins(line), self._ends[line], "")

    def margin(self, line: int) -> tuple[int, int]:
        """The span before the text of the block on this line."""
        return self._starts[line], self.begins(line)

    def aligned(self, first: int, content: str) -> Alignment | None:
        """The alignment of the content with the lines from `first` on; None if they differ."""
        line_offsets: list[tuple[int, int]] = []
        offset = 0
        # markdown-it removes form feeds, and lines of form feeds, from the beginning of a content, although it does not
        # treat them as indentation or blank lines before that.
        while first < len(self._ends) and self.after_blanks(self.begins(first), self._ends[first]) == self._ends[first]:
            first += 1
        for number, part in enumerate(content.split("\n"), first):
            body = part.lstrip(" \t")
            if number >= len(self._ends):
                return None
            start = self.begins(number)
            if number == first:
                start = self.after_blanks(start, self._ends[number])
            if not self.text.startswith(body, start):
                return None
            line_offsets.append((offset + len(part) - len(body), start))
            offset += len(part) + 1
        return Alignment(line_offsets)

    def after_blanks(self, start: int, end: int) -> int:
        """Where the white space at the beginning of text[start:end] ends."""
        body = self.text[start:end]
        return start + len(body) - len(body.lstrip())
