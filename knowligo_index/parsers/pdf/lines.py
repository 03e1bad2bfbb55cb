"""The lines of a page: words and their boxes, as every later step uses them."""

import re
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# A section number or a bullet may be far from its text; the two are not cells of a table.
LIST_MARK = re.compile(r"(?:[•‣◦▪▫●○■□◆◇►▶➢➤✓✔❖·∙⁃–—*-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)])")
SECTION_NUMBER = re.compile(r"(?:\d{1,3}|[A-Z])(?:\.\d{1,3})*\.?")

# Widths of gaps, in heights of the line, which is about 1.2 times its font size. A space in a justified line is at most
# nearly half a height wide. The gutter between two columns is wider than GUTTER_GAP, the gap between two cells wider
# than CELL_GAP.
GUTTER_GAP = 0.62
CELL_GAP = 1.1

MIN_FONT_SIZE = 1.0
"""in points; smaller text cannot be read"""


class Word(NamedTuple):
    """Characters between two spaces, and their box in points from the left and the top of the page as it is shown."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


as_word = partial(tuple.__new__, Word)
"""Creates a Word from a tuple of its values; calling the class takes four times as long."""


@dataclass(slots=True)
class Line:
    """One or more words on one baseline."""

    texts: list[str]
    """the text of each word"""
    left: float
    right: float
    top: float
    """top of the word of median height: symbols of other fonts may be much higher"""
    bottom: float
    height: float
    middle: float
    first_width: float
    """width of the first word"""
    widest_gap: float
    """the widest gap between two words; in text from right to left the next word is at the left"""
    may_be_monospaced: bool
    """False if its characters are known to have different widths"""
    hyphenated: bool
    """whether the last word is cut and continues in the next line"""
    boxes: NDArray[np.float64] | list[Word]
    """float64 (4, n) with the boxes of all words of its page, or the words of the line"""
    box_start: int = 0
    """index of the box of the first word"""
    level: int = 0
    """level of the heading that begins here; -1 in the further lines of a heading, 0 elsewhere"""
    label: str = ""
    """title of the heading that begins here"""

    @property
    def words(self) -> list[Word]:
        """The words, which are created at the first use: running text is assembled without them."""
        if not isinstance(self.boxes, list):
            edges = self.boxes[:, self.box_start : self.box_start + len(self.texts)].tolist()
            self.boxes = list(map(as_word, zip(self.texts, *edges, strict=True)))
        return self.boxes

    @property
    def text(self) -> str:
        """The texts of the words, separated by spaces."""
        return " ".join(self.texts)

    def gaps(self, min_gap: float) -> list[int]:
        """Indices of the words before which there is a gap of at least `min_gap` heights of the line."""
        min_width = min_gap * self.height
        if self.widest_gap < min_width:
            return []
        lefts, rights = self.edges()
        return [
            index
            for index in range(1, len(lefts))
            if lefts[index] - rights[index - 1] >= min_width or lefts[index - 1] - rights[index] >= min_width
        ]

    def edges(self) -> tuple[list[float], list[float]]:
        """The left edges and the right edges of the words."""
        if isinstance(self.boxes, list):
            return [word.left for word in self.boxes], [word.right for word in self.boxes]
        lefts, rights = self.boxes[::2, self.box_start : self.box_start + len(self.texts)].tolist()
        return lefts, rights

    def spans(self, gaps: list[int]) -> list[tuple[float, float]]:
        """Left and right of each part between these gaps."""
        if not gaps:
            return [(self.left, self.right)]
        lefts, rights = self.edges()
        bounds = pairwise([0, *gaps, len(lefts)])
        return [(min(lefts[start:end]), max(rights[start:end])) for start, end in bounds]

    def gap_at(self, gaps: list[int], position: float) -> int:
        """The one of these gaps that contains the horizontal position; 0 if none does."""
        if not gaps:
            return 0
        lefts, rights = self.edges()
        return next((gap for gap in gaps if rights[gap - 1] <= position <= lefts[gap]), 0)

    def cells(self) -> list[list[str]]:
        """The texts of the words between gaps as wide as those between the cells of a table."""
        starts = self.gaps(CELL_GAP)
        if starts and starts[0] == 1:
            mark = self.texts[0]
            # A single number before two or more cells is the first cell of a row.
            is_cell = mark.isdecimal() and len(starts) > 1
            if not is_cell and (LIST_MARK.fullmatch(mark) or SECTION_NUMBER.fullmatch(mark)):
                del starts[0]
        return [self.texts[start:end] for start, end in pairwise([0, *starts, len(self.texts)])]

    def split(self, starts: list[int]) -> list["Line"]:
        """The parts of this line, which is cut before each of the words at these indices."""
        if not starts:
            return [self]
        bounds = [0, *starts, len(self.words)]
        parts = [line_of(self.words[start:end]) for start, end in pairwise(bounds) if start < end]
        parts[-1].hyphenated = self.hyphenated
        return parts


def line_of(words: list[Word], hyphenated: bool = False) -> Line:
    """The line that consists of these words."""
    _, left, top, right, bottom = words[0]
    previous_right, previous_left, widest, same_height = right, left, 0.0, True
    for _, word_left, word_top, word_right, word_bottom in words[1:]:
        gap = word_left - previous_right if word_left > previous_left else previous_left - word_right
        if gap > widest:
            widest = gap
        if word_right > right:
            right = word_right
        if word_left < left:
            left = word_left
        same_height = same_height and word_top == top and word_bottom == bottom
        previous_left, previous_right = word_left, word_right
    if not same_height:
        heights = sorted([(word.bottom - word.top, word.top, word.bottom) for word in words])
        _, top, bottom = heights[(len(heights) - 1) // 2]
    texts = [word.text for word in words]
    height, middle = bottom - top, (top + bottom) / 2
    first_width = words[0].right - words[0].left
    return Line(texts, left, right, top, bottom, height, middle, first_width, widest, True, hyphenated, words)
