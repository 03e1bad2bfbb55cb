"""Columns of a page: found by the gutter between them, and told from those of a table.

A gutter is a strip that few lines cross, with running text on both sides: most lines of a side are as wide as it, hold
several words, and go on from line to line. The cells of a table are short, or begin anew in each row.
"""

from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np

from knowligo_index.parsers.pdf.lines import CELL_GAP, GUTTER_GAP, Line

MAX_COLUMNS_DEEP = 3
_LEAST_LINES = 5
_LEAST_WORDS = 3.0
_LEAST_FILL = 0.62
_LEAST_GOING_ON = 0.5
_MOST_LOOSE = 0.3  # of the lines of a column may have gaps as wide as a table's, or wide space above
_LOOSE_STEP = 1.7  # heights of a line
_LEAST_COLUMN = 10.0  # heights of a line
_MOST_CROSSING = 0.25
_STEP = 2.0  # points
_MOST_STEPS = 5000


@dataclass(frozen=True, slots=True)
class Gutter:
    """A strip between two columns."""

    left: float
    right: float

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


def split_columns(lines: list[Line], depth: int = 0) -> list[list[Line]]:
    """The lines as one list, or where there are columns as several to be read one after the other: what goes across
    both columns separates what is above it from what is below."""
    gutter = _find_gutter(lines) if depth < MAX_COLUMNS_DEEP else None
    if gutter is None:
        return [lines]
    crossing: list[Line] = []
    left: list[Line] = []
    right: list[Line] = []
    for line in lines:
        for part in _cut(line, gutter):
            side = _side(part, gutter)
            (left if side < 0 else right if side > 0 else crossing).append(part)
    regions: list[list[Line]] = []
    crossing.sort(key=lambda line: line.middle)
    bounds = [line.middle for line in crossing]
    for number, bound in enumerate([*bounds, float("inf")]):
        above = bounds[number - 1] if number else float("-inf")
        for side_lines in (left, right):
            band = [line for line in side_lines if above <= line.middle < bound]
            if band:
                regions.extend(split_columns(band, depth + 1))
        if number < len(crossing):
            regions.append([crossing[number]])
    return _joined(regions)


def _joined(regions: list[list[Line]]) -> list[list[Line]]:
    """Lines that go across, one region together."""
    joined: list[list[Line]] = []
    for region in regions:
        last = joined[-1] if joined else None
        if last and len(region) == 1 and region[0].top >= last[-1].top and _overlap(last[-1], region[0]):
            last.extend(region)
        else:
            joined.append(list(region))
    return joined


def _overlap(one: Line, other: Line) -> bool:
    return min(one.right, other.right) - max(one.left, other.left) > 0.5 * max(one.right - one.left, 1.0)


def _cut(line: Line, gutter: Gutter) -> list[Line]:
    """The line, cut where one of its gaps holds the gutter."""
    if line.right <= gutter.middle or line.left >= gutter.middle:
        return [line]
    gap = line.gap_at(line.gaps(GUTTER_GAP), gutter.middle)
    return line.split([gap]) if gap else [line]


def _side(line: Line, gutter: Gutter) -> int:
    return -1 if line.right <= gutter.middle else 1 if line.left >= gutter.middle else 0


def _find_gutter(lines: list[Line]) -> Gutter | None:
    if len(lines) < _LEAST_LINES:
        return None
    height = median([line.height for line in lines])
    if height <= 0 or _are_whole(lines):
        return None
    gapped = [(line, line.gaps(GUTTER_GAP)) for line in lines]
    pieces = [span for line, gaps in gapped if line.height < 3 * height for span in line.spans(gaps)]
    if not pieces:
        return None
    start = min([left for left, _ in pieces])
    end = max([right for _, right in pieces])
    if end - start < 2 * _LEAST_COLUMN * height:
        return None
    far = start + _LEAST_COLUMN * height - _STEP
    if sum([left >= far for left, _ in pieces]) + sum([line.height >= 3 * height for line in lines]) < _LEAST_LINES:
        return None
    strips = sorted(_strips(pieces, start, end, height), key=lambda strip: abs(strip.middle - (start + end) / 2))
    return next((strip for strip in strips if _is_gutter(gapped, strip.middle, height)), None)


def _are_whole(lines: list[Line]) -> bool:
    """Whether too many lines go across the region in one piece for it to have a gutter."""
    left, right = min([line.left for line in lines]), max([line.right for line in lines])
    wide = 0.8 * (right - left)
    whole = sum([line.right - line.left >= wide and line.widest_gap < GUTTER_GAP * line.height for line in lines])
    return whole > _MOST_CROSSING * 2 * len(lines)


def _strips(pieces: list[tuple[float, float]], start: float, end: float, height: float) -> list[Gutter]:
    """Strips with a column's width on either side that few pieces cross."""
    size = min(int((end - start) / _STEP) + 2, _MOST_STEPS)
    steps = np.clip((np.array(pieces) - start) / _STEP, 0, size - 1).astype(np.int64)
    changes = np.bincount(steps[:, 0], minlength=size) - np.bincount(steps[:, 1] + 1, minlength=size)[:size]
    margin = int(_LEAST_COLUMN * height / _STEP)
    covers = np.cumsum(changes)[margin : max(size - margin, margin)]
    if not len(covers):
        return []
    low = int(covers.min())
    limit = min(max(low, int(_MOST_CROSSING * len(pieces) / 2)), low + 1)
    free = np.concatenate(([False], covers <= limit, [False]))
    bounds = (start + (np.flatnonzero(free[1:] != free[:-1]) + margin) * _STEP).tolist()
    return [Gutter(left, right) for left, right in zip(bounds[0::2], bounds[1::2], strict=True)][:20]


def _is_gutter(lines: list[tuple[Line, list[int]]], middle: float, height: float) -> bool:
    """Whether columns are at both sides of this place; lines with their gaps."""
    across = [(line, gaps) for line, gaps in lines if line.left < middle < line.right]
    left = [line for line, _ in lines if line.right <= middle]
    right = [line for line, _ in lines if line.left >= middle and line.right > middle]
    if min(len(left), len(right)) + len(across) < _LEAST_LINES:
        return False
    gaps = [line.gap_at(its_gaps, middle) for line, its_gaps in across]
    cut = len(gaps) - gaps.count(0)
    if len(across) - cut > _MOST_CROSSING * (len(lines) + cut):
        return False
    if min(len(left), len(right)) + cut < _LEAST_LINES:
        return False
    for (line, _), gap in zip(across, gaps, strict=True):
        if gap:
            before, after = line.split([gap])
            left.append(before)
            right.append(after)
    return _is_prose(left) and _is_prose(right) and not _have_rows(left, right, height)


def _is_prose(pieces: list[Line]) -> bool:
    if len(pieces) < _LEAST_LINES:
        return False
    left = min([piece.left for piece in pieces])
    width = max([piece.right for piece in pieces]) - left
    words = sum([len(piece.texts) for piece in pieces]) / len(pieces)
    characters = sum([len(text) for piece in pieces for text in piece.texts]) / len(pieces)
    # Chinese and Japanese have no spaces between words, and no small letters.
    spaced = characters / max(words, 1) < 12
    if spaced and words < _LEAST_WORDS:
        return False
    if median([piece.right - piece.left for piece in pieces]) < _LEAST_FILL * width or _is_loose(pieces):
        return False
    cased = [piece.texts[0][0] for piece in pieces if piece.texts[0][0].isalpha()]
    going_on = sum([not character.isupper() for character in cased])
    return going_on >= _LEAST_GOING_ON * max(len(cased), 1)


def _is_loose(pieces: list[Line]) -> bool:
    middles = sorted([piece.middle for piece in pieces])
    far = _LOOSE_STEP * median([piece.height for piece in pieces])
    gapped = sum([bool(piece.gaps(CELL_GAP)) for piece in pieces])
    apart = sum([after - before > far for before, after in pairwise(middles)])
    return max(gapped, apart) > _MOST_LOOSE * len(pieces)


def _have_rows(left: list[Line], right: list[Line], height: float) -> bool:
    """Whether both sides begin anew at the same places, as the cells of a table's rows do."""
    ours, theirs = _beginnings(left), _beginnings(right)
    fewer, more = sorted([ours, theirs], key=len)
    if len(fewer) < 3:
        return False
    both = sum([any(abs(one - other) < 0.3 * height for other in more) for one in fewer])
    return both >= 0.7 * len(fewer)


def _beginnings(pieces: list[Line]) -> list[float]:
    """Where there is a wider gap than from line to line."""
    middles = sorted([piece.middle for piece in pieces])
    steps = [after - before for before, after in pairwise(middles) if after - before > 1]
    if not steps:
        return []
    usual = median(steps)
    return [after for before, after in pairwise(middles) if after - before > 1.25 * usual]
