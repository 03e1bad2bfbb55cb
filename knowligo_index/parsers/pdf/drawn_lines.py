"""Groups the words of pages into lines, in the order in which the file draws them: many pages at once, in arrays."""

from collections.abc import Iterator, Sequence
from itertools import chain, repeat

import numpy as np
from numpy.typing import NDArray

from knowligo_index.parsers.pdf.boxes import Boxes
from knowligo_index.parsers.pdf.lines import MIN_FONT_SIZE, Line
from knowligo_index.parsers.pdf.monospace import WIDTH_TOLERANCE
from knowligo_index.parsers.pdf.page import DrawnWords
from knowligo_index.system.arrays import IntVector


def lines_of(pages: Sequence[DrawnWords]) -> Iterator[list[Line]]:
    """The lines of each page. A line has the words of one line of PDFium's text, up to a word that is above or below
    the word before it."""
    if not pages:
        return
    texts = list(chain.from_iterable([words.texts for words in pages]))
    boxes = np.concatenate([words.boxes for words in pages], axis=1)
    lengths = np.array([len(words.texts) for words in pages])
    if not texts:
        yield from ([] for _ in pages)
        return
    numbers = np.repeat(np.arange(len(pages)), lengths)
    rows = np.concatenate([words.rows for words in pages])
    ends_row = np.append((rows[1:] != rows[:-1]) | (numbers[1:] != numbers[:-1]), True)
    ends = np.flatnonzero(ends_row | _leaves_line(boxes)) + 1
    hyphenated = (np.concatenate([words.hyphenated for words in pages]) & ends_row)[ends - 1]
    for index in (ends[hyphenated] - 1).tolist():
        texts[index] += "-"
    lines = _measured(texts, boxes, ends, hyphenated)
    first_line = 0
    for end_line in np.searchsorted(numbers[ends - 1], np.arange(len(pages)), side="right").tolist():
        yield lines[first_line:end_line]
        first_line = end_line


def _leaves_line(boxes: Boxes) -> NDArray[np.bool_]:
    """bool (n,): whether the word after each word is above or below it."""
    left, top, right, bottom = boxes
    is_apart = (top[1:] >= bottom[:-1]) | (bottom[1:] <= top[:-1])
    # The box of a word in vertical text is as high as the word is long.
    is_apart &= (bottom - top)[1:] <= 2 * (right - left)[1:] + MIN_FONT_SIZE
    return np.append(is_apart, True)


def _measured(texts: list[str], boxes: Boxes, ends: IntVector, hyphenated: NDArray[np.bool_]) -> list[Line]:
    """The lines that end before the words at these indices."""
    left, top, right, bottom = boxes
    width = right - left
    starts = np.concatenate(([0], ends[:-1]))
    gaps = np.zeros(len(texts))
    gaps[1:] = np.where(left[1:] > left[:-1], left[1:] - right[:-1], left[:-1] - right[1:])
    gaps[starts] = 0.0
    typical = _typical(boxes, starts, ends)
    tops, bottoms = top[typical], bottom[typical]
    letter_widths = width / np.fromiter(map(len, texts), np.int64, len(texts))
    widest = np.maximum.reduceat(letter_widths, starts)
    columns = (
        np.minimum.reduceat(left, starts),
        np.maximum.reduceat(right, starts),
        tops,
        bottoms,
        bottoms - tops,
        (tops + bottoms) / 2,
        width[starts],
        np.maximum.reduceat(gaps, starts),
        widest - np.minimum.reduceat(letter_widths, starts) <= WIDTH_TOLERANCE * widest,
        hyphenated,
    )
    line_texts = map(texts.__getitem__, map(slice, starts.tolist(), ends.tolist()))
    return list(map(Line, line_texts, *[column.tolist() for column in columns], repeat(boxes), starts.tolist()))


def _typical(boxes: Boxes, starts: IntVector, ends: IntVector) -> IntVector:
    """The index of the word of median height in each line."""
    _, top, _, bottom = boxes
    differs = (top[1:] != top[:-1]) | (bottom[1:] != bottom[:-1])
    differs[ends[:-1] - 1] = False
    mixed_lines = np.unique(np.searchsorted(ends, np.flatnonzero(differs), side="right"))
    typical = starts.copy()
    if len(mixed_lines):
        counts = (ends - starts)[mixed_lines]
        group_starts = np.cumsum(counts) - counts
        # The words of only those lines, one line after the other.
        lines = np.repeat(np.arange(len(mixed_lines)), counts)
        words = np.arange(len(lines)) + (starts[mixed_lines] - group_starts)[lines]
        order = np.lexsort((bottom[words], top[words], (bottom - top)[words], lines))
        typical[mixed_lines] = words[order[group_starts + (counts - 1) // 2]]
    return typical
