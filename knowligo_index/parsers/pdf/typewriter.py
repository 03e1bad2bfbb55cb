"""Type in which every character is as wide as every other: what code and what a terminal shows is set in."""

from itertools import pairwise
from statistics import median

from knowligo_index.parsers.pdf.lines import Line, Word

# Chinese and Japanese characters are as wide as each other too, and about as wide as the line is high.
_WIDEST = 0.78
EQUAL = 0.012
"""of the width of a character, that those of two words may differ"""
_LEAST_WORDS = 3
_LEAST_CHARACTERS = 8
_MOST_COLUMNS = 200


def is_typewritten(line: Line) -> bool:
    """Whether the characters of its words have one width. Of two words this says too little: it may be chance."""
    if not line.may_be_typewritten or len(line.texts) < _LEAST_WORDS:
        return False
    if sum(map(len, line.texts)) < _LEAST_CHARACTERS:
        return False
    widths = [_width(word) for word in line.words]
    return 0 < max(widths) <= _WIDEST * line.height and max(widths) - min(widths) <= EQUAL * max(widths)


def is_as_typewritten(line: Line, other: Line) -> bool:
    """Whether the line may be in the type of the other, which is typewritten."""
    width = column_width(other)
    return all(abs(_width(word) - width) <= EQUAL * width for word in line.words)


def column_width(line: Line) -> float:
    return median([_width(word) for word in line.words])


def code_text(line: Line, left: float) -> str:
    """The line with as many spaces before and between its words as fit there, for one that begins at `left`."""
    width = column_width(line)
    if width <= 0:
        return line.text
    parts = [" " * _columns(line.left - left, width, 0), line.words[0].text]
    for before, word in pairwise(line.words):
        parts += [" " * _columns(word.left - before.right, width, 1), word.text]
    return "".join(parts)


def _columns(distance: float, width: float, least: int) -> int:
    return min(max(round(distance / width), least), _MOST_COLUMNS)


def _width(word: Word) -> float:
    return (word.right - word.left) / len(word.text)
