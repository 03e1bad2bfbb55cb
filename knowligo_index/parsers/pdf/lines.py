"""The lines of a page: words with their places, as every later step reads them."""

import re
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# A section number or a bullet stands far from its text, and the two are no cells of a table.
LIST_MARK = re.compile(r"(?:[•‣◦▪▫●○■□◆◇►▶➢➤✓✔❖·∙⁃–—*-]|\(?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})[.)])")
SECTION_NUMBER = re.compile(r"(?:\d{1,3}|[A-Z])(?:\.\d{1,3})*\.?")

# Gaps are measured in heights of the line, which is about 1.2 times the size of its type. In a justified line a
# space may be stretched to nearly half of that; the gutter between two columns is wider than the first of these, the
# gap between the cells of a row wider than the second.
GUTTER_GAP = 0.62
CELL_GAP = 1.1


SMALLEST_TYPE = 1.0
"""points; nobody reads what is smaller"""


class Word(NamedTuple):
    """Characters between two spaces, in points from the left and the top of the page as it is shown."""

    text: str
    left: float
    top: float
    right: float
    bottom: float


as_word = partial(tuple.__new__, Word)
"""Makes a Word of a tuple of its values; to call the class takes four times as long."""


@dataclass(slots=True)
class Line:
    """Words on one base line, of which there is at least one."""

    texts: list[str]
    """of its words"""
    left: float
    right: float
    top: float
    """of its typical word: symbols of other fonts may be far higher"""
    bottom: float
    height: float
    middle: float
    first_width: float
    """of its first word"""
    widest_gap: float
    """between two of its words; in text from right to left the next word stands at the left"""
    may_be_typewritten: bool
    """whether the characters of its words are equally wide, as far as it is known"""
    hyphenated: bool
    """whether its last word is cut and goes on in the next line"""
    places: NDArray[np.float64] | list[Word]
    """of its words: float64 (4, n) with those of its page, or the words themselves"""
    place: int = 0
    """of its first word in that"""
    level: int = 0
    """of the heading that begins here; -1 on the further lines of a heading, 0 elsewhere"""
    label: str = ""

    @property
    def words(self) -> list[Word]:
        """They are made when they are first asked for: running text is put together without them."""
        if not isinstance(self.places, list):
            places = self.places[:, self.place : self.place + len(self.texts)].tolist()
            self.places = list(map(as_word, zip(self.texts, *places, strict=True)))
        return self.places

    @property
    def text(self) -> str:
        """Its words, a space between each two."""
        return " ".join(self.texts)

    def gaps(self, least: float) -> list[int]:
        """Positions of the words before which there is a gap of at least so many heights of the line."""
        wide = least * self.height
        if self.widest_gap < wide:
            return []
        lefts, rights = self.edges()
        return [
            place
            for place in range(1, len(lefts))
            if lefts[place] - rights[place - 1] >= wide or lefts[place - 1] - rights[place] >= wide
        ]

    def edges(self) -> tuple[list[float], list[float]]:
        """Left and right of each of its words."""
        if isinstance(self.places, list):
            return [word.left for word in self.places], [word.right for word in self.places]
        lefts, rights = self.places[::2, self.place : self.place + len(self.texts)].tolist()
        return lefts, rights

    def spans(self, gaps: list[int]) -> list[tuple[float, float]]:
        """Left and right of its parts between these gaps."""
        if not gaps:
            return [(self.left, self.right)]
        lefts, rights = self.edges()
        bounds = pairwise([0, *gaps, len(lefts)])
        return [(min(lefts[start:end]), max(rights[start:end])) for start, end in bounds]

    def gap_at(self, gaps: list[int], place: float) -> int:
        """Which of these gaps is there; 0 where none is."""
        if not gaps:
            return 0
        lefts, rights = self.edges()
        return next((gap for gap in gaps if rights[gap - 1] <= place <= lefts[gap]), 0)

    def cells(self) -> list[list[str]]:
        """The texts of the words between gaps as wide as those of a table."""
        starts = self.gaps(CELL_GAP)
        if starts and starts[0] == 1:
            mark = self.texts[0]
            # A number alone before two cells and more is the first cell of a row.
            is_cell = mark.isdecimal() and len(starts) > 1
            if not is_cell and (LIST_MARK.fullmatch(mark) or SECTION_NUMBER.fullmatch(mark)):
                del starts[0]
        return [self.texts[start:end] for start, end in pairwise([0, *starts, len(self.texts)])]

    def split(self, starts: list[int]) -> list["Line"]:
        """This line cut before each of these words; the line itself, where there are none."""
        if not starts:
            return [self]
        bounds = [0, *starts, len(self.words)]
        parts = [line_of(self.words[start:end]) for start, end in pairwise(bounds) if start < end]
        parts[-1].hyphenated = self.hyphenated
        return parts


def line_of(words: list[Word], hyphenated: bool = False) -> Line:
    """The line that these words are."""
    _, left, top, right, bottom = words[0]
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
    texts = [word.text for word in words]
    height, middle = bottom - top, (top + bottom) / 2
    first = words[0].right - words[0].left
    return Line(texts, left, right, top, bottom, height, middle, first, widest, True, hyphenated, words)


@dataclass(frozen=True, slots=True)
class DrawnWords:
    """The words of a page, before they are put into lines."""

    texts: list[str]
    boxes: NDArray[np.float64]
    """float64 (4, n): left, top, right and bottom"""
    rows: NDArray[np.int64]
    """int64 (n,), which line of the page's text each is in"""
    cut: NDArray[np.bool_]
    """bool (n,), whether a hyphen ends that line"""


@dataclass(slots=True)
class Page:
    """What was read of one page."""

    number: int
    """from 1"""
    width: float
    height: float
    lines: list[Line] = field(default_factory=list)
    """in the order in which the file draws them, until the layout puts them in reading order"""
    words: DrawnWords | None = None
    """until they are put into lines"""
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
