"""Recognizes monospaced text, in which code and terminal output are set."""

from itertools import pairwise
from statistics import median

from knowligo_index.parsers.pdf.lines import Line, Word

# Wider characters are Chinese or Japanese, which have equal widths too, about the height of the line.
_MAX_WIDTH = 0.78  # heights of a line
WIDTH_TOLERANCE = 0.012
"""share of the width of a character by which the widths in two words may differ"""
_MIN_WORDS = 3
_MIN_CHARACTERS = 8
_MAX_SPACES = 200


def is_monospaced(line: Line) -> bool:
    """Whether the characters of all words have the same width. For fewer than three words it may be a coincidence."""
    if not line.may_be_monospaced or len(line.texts) < _MIN_WORDS:
        return False
    if sum(map(len, line.texts)) < _MIN_CHARACTERS:
        return False
    widths = [_width(word) for word in line.words]
    return 0 < max(widths) <= _MAX_WIDTH * line.height and max(widths) - min(widths) <= WIDTH_TOLERANCE * max(widths)


def has_same_pitch(line: Line, other: Line) -> bool:
    """Whether the characters of the line are as wide as those of the other line, which is monospaced."""
    width = column_width(other)
    return all(abs(_width(word) - width) <= WIDTH_TOLERANCE * width for word in line.words)


def column_width(line: Line) -> float:
    """The width of a character, in points."""
    return median([_width(word) for word in line.words])


def code_text(line: Line, left: float) -> str:
    """The line with as many spaces as fit before its first word, from the position `left` on, and between its words."""
    width = column_width(line)
    if width <= 0:
        return line.text
    parts = [" " * _space_count(line.left - left, width, 0), line.words[0].text]
    for previous, word in pairwise(line.words):
        parts += [" " * _space_count(word.left - previous.right, width, 1), word.text]
    return "".join(parts)


def _space_count(distance: float, width: float, min_count: int) -> int:
    return min(max(round(distance / width), min_count), _MAX_SPACES)


def _width(word: Word) -> float:
    return (word.right - word.left) / len(word.text)
