"""A page: its words as the file draws them, its lines, and what else was read of it."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from knowligo_index.parsers.pdf.lines import Line


@dataclass(frozen=True, slots=True)
class DrawnWords:
    """The words of a page before they are grouped into lines."""

    texts: list[str]
    boxes: NDArray[np.float64]
    """float64 (4, n): left, top, right and bottom"""
    rows: NDArray[np.int64]
    """int64 (n,): the number of the line of the page's text in which each word is"""
    hyphenated: NDArray[np.bool_]
    """bool (n,): whether that line ends with a hyphen that PDFium has left out of the text"""


@dataclass(slots=True)
class Page:
    """What was read of one page."""

    number: int
    """from 1"""
    width: float
    height: float
    lines: list[Line] = field(default_factory=list)
    """in the order in which the file draws them"""
    words: DrawnWords | None = None
    """None after they are grouped into lines"""
    hidden_characters: int = 0
    """number of characters in its lines, without white space, that are not visible on the page"""
    outside_characters: int = 0
    """number of characters in its lines that are beyond the edges of the page"""
    format_characters: int = 0
    """number of hidden format characters, which were removed from its lines"""
    images: int = 0
    image_share: float = 0.0
    """share of the page that its largest image covers"""
    drawings: int = 0
    """number of lines and areas that are drawn on it"""
    had_text: bool = False
    """whether page furniture was removed from it"""
    has_annotations: bool = False
    """whether it has form fields, free text or comments"""
    raw_text: str = ""
    """the text as PDFium or pypdf gives it, by which its quality is judged"""
    by_pypdf: bool = False
    """whether pypdf read it, which does not give the boxes of words"""
    annotation_lines: list[str] = field(default_factory=list)
    """values of form fields, and free text on the page"""
    score: float = 1.0
    """quality of the text, see `quality`"""
