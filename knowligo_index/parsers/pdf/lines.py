"""The lines of a page: words with their places, as every later step reads them."""

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

# A section number or a bullet stands far from its text, and the two are no cells of a table.
LIST_MARK = re.compile(r"(?:[•‣◦▪▫●○■□◆◇►▶➢➤✓✔❖·∙⁃–—*-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)])")
SECTION_NUMBER = re.compile(r"(?:\d{1,3}|[A-Z])(?:\.\d{1,3})*\.?")

# Gaps are measured in heights of the line, which is about 1.2 times the size of its type. In a justified line a
# space may be stretched to nearly half of that; the gutter between two columns is wider than the first of these, the
# gap between the cells of a row wider than the second.
GUTTER_GAP = 0.62
CELL_GAP = 1.1


class Word(NamedTuple):
    """Characters between two spaces, in points from the left and the top of the page as it is shown."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


@dataclass(slots=True)
class Line:
    """Words on one base line."""

    words: list[Word]
    hyphenated: bool = False
    """whether its last word is cut and goes on in the next line"""
    level: int = 0
    """of the heading that begins here; -1 on the further lines of a heading, 0 elsewhere"""
    label: str = ""
    left: float = field(init=False)
    right: float = field(init=False)
    top: float = field(init=False)
    """of its typical word: symbols of other fonts may be far higher"""
    bottom: float = field(init=False)
    height: float = field(init=False)
    middle: float = field(init=False)
    widest_gap: float = field(init=False)
    """between two of its words; in text from right to left the next word stands at the left"""

    def __post_init__(self) -> None:
        words = self.words
        first = words[0]
        left, right, top, bottom = first.left, first.right, first.top, first.bottom
        end, begin, widest, even = right, left, 0.0, True
        for _, word_left, word_top, word_right, word_bottom in words[1:]:
            gap = word_left - end if word_left > begin else begin - word_right
            if gap > widest:
                widest = gap
            if word_right > right:
                right = word_right
            if word_left < left:
                left = word_left
            even = even and word_top == top and word_bottom == bottom
            begin, end = word_left, word_right
        if not even:
            heights = sorted([(word.bottom - word.top, word.top, word.bottom) for word in words])
            _, top, bottom = heights[(len(heights) - 1) // 2]
        self.left, self.right, self.top, self.bottom, self.widest_gap = left, right, top, bottom, widest
        self.height, self.middle = bottom - top, (top + bottom) / 2

    @property
    def text(self) -> str:
        """Its words, a space between each two."""
        return " ".join([word.text for word in self.words])

    def gaps(self, least: float) -> list[int]:
        """Positions of the words before which there is a gap of at least so many heights of the line."""
        wide = least * self.height
        if self.widest_gap < wide:
            return []
        words = self.words
        return [
            place
            for place in range(1, len(words))
            if words[place].left - words[place - 1].right >= wide or words[place - 1].left - words[place].right >= wide
        ]

    def cells(self) -> list[list[Word]]:
        """The words between gaps as wide as those of a table."""
        if self.widest_gap < CELL_GAP * self.height:
            return [self.words]
        starts = [0, *self.gaps(CELL_GAP), len(self.words)]
        cells = [self.words[start:end] for start, end in pairwise(starts)]
        if len(cells) > 1 and len(cells[0]) == 1:
            mark = cells[0][0].text
            if LIST_MARK.fullmatch(mark) or SECTION_NUMBER.fullmatch(mark):
                cells[:2] = [cells[0] + cells[1]]
        return cells

    def split(self, starts: list[int]) -> list["Line"]:
        """This line cut before each of these words."""
        bounds = [0, *starts, len(self.words)]
        parts = [Line(self.words[start:end]) for start, end in pairwise(bounds) if start < end]
        parts[-1].hyphenated = self.hyphenated
        return parts


@dataclass(slots=True)
class Page:
    """What was read of one page."""

    number: int
    """from 1"""
    width: float
    height: float
    lines: list[Line] = field(default_factory=list)
    """in the order in which the file draws them, until the layout puts them in reading order"""
    hidden: int = 0
    """characters, white space left out, that nobody sees on the page and that are in its lines"""
    outside: int = 0
    """characters of its lines that are beyond the edges of the page"""
    hidden_format: int = 0
    """format characters that nobody sees, which are not in its lines"""
    images: int = 0
    image_share: float = 0.0
    """of the page, that its largest image covers"""
    drawings: int = 0
    had_text: bool = False
    """whether it had any before headers, footers and page numbers were taken out"""
    annotated: bool = False
    """whether it has form fields or notes"""
    raw: str = ""
    """the text as the file gives it, which tells more of its quality"""
    by_pypdf: bool = False
    """whether the places of its lines are made up"""
    extra: list[str] = field(default_factory=list)
    """values of form fields and notes written on the page, which stand on lines of their own"""
    score: float = 1.0
