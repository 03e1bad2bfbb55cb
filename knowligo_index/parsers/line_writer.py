"""Writes the lines of a canonical text behind the margins of lists and quotes, with renditions for unseen marks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowligo_index.types import Rendition

# The marks in a margin that a person does not see. Numbers of items are seen.
_UNSEEN_MARK = re.compile(r"(?:(?<=\s)|^)[->] ")


@dataclass(frozen=True, slots=True)
class Margin:
    """What is written before the lines of a node: before the first line, and before every further one."""

    first: str = ""
    further: str = ""
    depth: int = 0

    def inside(self, mark: str, indent: str) -> "Margin":
        """The margin of a node inside an item or quote that has this mark."""
        return Margin(self.first + mark, self.further + indent, self.depth + 1)

    def after_first_line(self) -> "Margin":
        return Margin(self.further, self.further, self.depth)


class LineWriter:
    """The text written so far, and how it is read."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.position = 0
        self.renditions: list[Rendition] = []

    def text(self) -> str:
        return "".join(self._parts)

    def write(self, text: str) -> None:
        """Append text as it is."""
        self._parts.append(text)
        self.position += len(text)

    def write_line(self, line: str, margin: str, unseen: int = 0) -> None:
        """Append a line behind its margin; the first `unseen` characters of the line are not seen. Of a blank line
        nothing is written: its margin would be text that the document does not have."""
        if not line.strip():
            return
        if margin:
            marks = (match.span() for match in _UNSEEN_MARK.finditer(margin))
            self.renditions += [Rendition(self.position + start, self.position + end, "") for start, end in marks]
        start = self.position + len(margin)
        self.write(margin + line)
        if unseen:
            self.renditions.append(Rendition(start, start + unseen, ""))

    def write_lines(self, lines: Sequence[str], margin: Margin) -> None:
        """Append lines, with a line end between each two."""
        for number, line in enumerate(lines):
            if number:
                self.write("\n")
            self.write_line(line, margin.further if number else margin.first)
