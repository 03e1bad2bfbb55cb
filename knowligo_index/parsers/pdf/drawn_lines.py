"""The words of pages into lines, as the file draws them: for many pages at once, in arrays."""

from collections.abc import Iterator, Sequence
from itertools import chain, repeat

import numpy as np
from numpy.typing import NDArray

from knowligo_index.parsers.pdf.boxes import Boxes
from knowligo_index.parsers.pdf.lines import SMALLEST_TYPE, DrawnWords, Line
from knowligo_index.parsers.pdf.typewriter import EQUAL
from knowligo_index.system.arrays import IntVector


def lines_of(pages: Sequence[DrawnWords]) -> Iterator[list[Line]]:
    """The lines of each page: the words of each line of its text; as several lines, where one stands above or below
    the one that PDFium puts it behind."""
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
    ends = np.flatnonzero(ends_row | _goes_elsewhere(boxes)) + 1
    hyphenated = (np.concatenate([words.cut for words in pages]) & ends_row)[ends - 1]
    for place in (ends[hyphenated] - 1).tolist():
        texts[place] += "-"
    lines = _measured(texts, boxes, ends, hyphenated)
    begin = 0
    for end in np.searchsorted(numbers[ends - 1], np.arange(len(pages)), side="right").tolist():
        yield lines[begin:end]
        begin = end


def _goes_elsewhere(boxes: Boxes) -> NDArray[np.bool_]:
    """Whether the word after each stands above or below it."""
    left, top, right, bottom = boxes
    apart = (top[1:] >= bottom[:-1]) | (bottom[1:] <= top[:-1])
    # Text that runs up or down the page is as high as it is long.
    apart &= (bottom - top)[1:] <= 2 * (right - left)[1:] + SMALLEST_TYPE
    return np.append(apart, True)


def _measured(texts: list[str], boxes: Boxes, ends: IntVector, hyphenated: NDArray[np.bool_]) -> list[Line]:
    """The lines that end before these words."""
    left, top, right, bottom = boxes
    width = right - left
    begins = np.concatenate(([0], ends[:-1]))
    gaps = np.zeros(len(texts))
    gaps[1:] = np.where(left[1:] > left[:-1], left[1:] - right[:-1], left[:-1] - right[1:])
    gaps[begins] = 0.0
    typical = _typical(boxes, begins, ends)
    tops, bottoms = top[typical], bottom[typical]
    letters = width / np.fromiter(map(len, texts), np.int64, len(texts))
    widest = np.maximum.reduceat(letters, begins)
    columns = (
        np.minimum.reduceat(left, begins),
        np.maximum.reduceat(right, begins),
        tops,
        bottoms,
        bottoms - tops,
        (tops + bottoms) / 2,
        width[begins],
        np.maximum.reduceat(gaps, begins),
        widest - np.minimum.reduceat(letters, begins) <= EQUAL * widest,
        hyphenated,
    )
    of_lines = map(texts.__getitem__, map(slice, begins.tolist(), ends.tolist()))
    return list(map(Line, of_lines, *[column.tolist() for column in columns], repeat(boxes), begins.tolist()))


def _typical(boxes: Boxes, begins: IntVector, ends: IntVector) -> IntVector:
    """The word of middle height in each line."""
    _, top, _, bottom = boxes
    differ = (top[1:] != top[:-1]) | (bottom[1:] != bottom[:-1])
    differ[ends[:-1] - 1] = False
    mixed = np.unique(np.searchsorted(ends, np.flatnonzero(differ), side="right"))
    typical = begins.copy()
    if len(mixed):
        counts = (ends - begins)[mixed]
        starts = np.cumsum(counts) - counts
        # The words of those lines alone, one line after the other.
        line = np.repeat(np.arange(len(mixed)), counts)
        words = np.arange(len(line)) + (begins[mixed] - starts)[line]
        order = np.lexsort((bottom[words], top[words], (bottom - top)[words], line))
        typical[mixed] = words[order[starts + (counts - 1) // 2]]
    return typical
