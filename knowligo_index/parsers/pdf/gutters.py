"""Finds the gutter between two columns of running text, and distinguishes it from the gaps in a table.

A gutter is a strip that few lines cross, with running text on both sides: most lines of a side are as wide as the side,
have several words, and continue in the next line. The cells of a table are short, or begin anew in each row.
"""

from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import numpy as np

from knowligo_index.parsers.pdf.lines import CELL_GAP, GUTTER_GAP, Line

_MIN_LINES = 5  # in each column
_MIN_WORDS = 3.0  # in each line, on average
_MIN_FILL = 0.62  # share of the column's width that the median line has
_MIN_CONTINUED = 0.5  # share of the lines that do not begin with a capital letter
_MAX_LOOSE = 0.3  # share of the lines of a column that have gaps as wide as in a table, or wide space above
_LOOSE_STEP = 1.7  # heights of a line
_MIN_COLUMN_WIDTH = 10.0  # heights of a line
_MAX_CROSSING = 0.25  # share of the lines
_STEP = 2.0  # points
_MAX_STEPS = 5000


@dataclass(frozen=True, slots=True)
class Gutter:
    """A strip between two columns."""

    left: float
    right: float

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


def find_gutter(lines: list[Line]) -> Gutter | None:
    """The gutter nearest to the middle of these lines; None if they are not in columns."""
    if len(lines) < _MIN_LINES:
        return None
    height = median([line.height for line in lines])
    if height <= 0 or _cross_columns(lines):
        return None
    lines_with_gaps = [(line, line.gaps(GUTTER_GAP)) for line in lines]
    spans = [span for line, gaps in lines_with_gaps if line.height < 3 * height for span in line.spans(gaps)]
    if not spans:
        return None
    start = min([span_left for span_left, _ in spans])
    end = max([span_right for _, span_right in spans])
    if end - start < 2 * _MIN_COLUMN_WIDTH * height:
        return None
    right_column_start = start + _MIN_COLUMN_WIDTH * height - _STEP
    if (
        sum([span_left >= right_column_start for span_left, _ in spans])
        + sum([line.height >= 3 * height for line in lines])
        < _MIN_LINES
    ):
        return None
    candidates = sorted(_strips(spans, start, end, height), key=lambda strip: abs(strip.middle - (start + end) / 2))
    return next((strip for strip in candidates if _is_gutter(lines_with_gaps, strip.middle, height)), None)


def _cross_columns(lines: list[Line]) -> bool:
    """Whether so many lines cross the whole region without a gap that it cannot have a gutter."""
    left, right = min([line.left for line in lines]), max([line.right for line in lines])
    min_width = 0.8 * (right - left)
    crossing = sum(
        [line.right - line.left >= min_width and line.widest_gap < GUTTER_GAP * line.height for line in lines]
    )
    return crossing > _MAX_CROSSING * 2 * len(lines)


def _strips(spans: list[tuple[float, float]], start: float, end: float, height: float) -> list[Gutter]:
    """Strips that few spans cross, with the width of a column on either side."""
    step_count = min(int((end - start) / _STEP) + 2, _MAX_STEPS)
    steps = np.clip((np.array(spans) - start) / _STEP, 0, step_count - 1).astype(np.int64)
    changes = (
        np.bincount(steps[:, 0], minlength=step_count) - np.bincount(steps[:, 1] + 1, minlength=step_count)[:step_count]
    )
    margin = int(_MIN_COLUMN_WIDTH * height / _STEP)
    span_counts = np.cumsum(changes)[margin : max(step_count - margin, margin)]
    if not len(span_counts):
        return []
    fewest = int(span_counts.min())
    limit = min(max(fewest, int(_MAX_CROSSING * len(spans) / 2)), fewest + 1)
    is_free = np.concatenate(([False], span_counts <= limit, [False]))
    bounds = (start + (np.flatnonzero(is_free[1:] != is_free[:-1]) + margin) * _STEP).tolist()
    return [Gutter(left, right) for left, right in zip(bounds[0::2], bounds[1::2], strict=True)][:20]


def _is_gutter(lines: list[tuple[Line, list[int]]], middle: float, height: float) -> bool:
    """Whether there are columns on both sides of this position. `lines`: each with its gaps."""
    crossing = [(line, line_gaps) for line, line_gaps in lines if line.left < middle < line.right]
    left_lines = [line for line, _ in lines if line.right <= middle]
    right_lines = [line for line, _ in lines if line.left >= middle and line.right > middle]
    if min(len(left_lines), len(right_lines)) + len(crossing) < _MIN_LINES:
        return False
    cuts = [line.gap_at(line_gaps, middle) for line, line_gaps in crossing]
    cut_count = len(cuts) - cuts.count(0)
    if len(crossing) - cut_count > _MAX_CROSSING * (len(lines) + cut_count):
        return False
    if min(len(left_lines), len(right_lines)) + cut_count < _MIN_LINES:
        return False
    for (line, _), cut in zip(crossing, cuts, strict=True):
        if cut:
            left_part, right_part = line.split([cut])
            left_lines.append(left_part)
            right_lines.append(right_part)
    return _is_prose(left_lines) and _is_prose(right_lines) and not _have_rows(left_lines, right_lines, height)


def _is_prose(lines: list[Line]) -> bool:
    if len(lines) < _MIN_LINES:
        return False
    left = min([line.left for line in lines])
    width = max([line.right for line in lines]) - left
    words = sum([len(line.texts) for line in lines]) / len(lines)
    characters = sum([len(text) for line in lines for text in line.texts]) / len(lines)
    # Chinese and Japanese have no spaces between words, and no lower-case letters.
    has_spaces = characters / max(words, 1) < 12
    if has_spaces and words < _MIN_WORDS:
        return False
    if median([line.right - line.left for line in lines]) < _MIN_FILL * width or _is_loose(lines):
        return False
    first_letters = [line.texts[0][0] for line in lines if line.texts[0][0].isalpha()]
    continued = sum([not character.isupper() for character in first_letters])
    return continued >= _MIN_CONTINUED * max(len(first_letters), 1)


def _is_loose(lines: list[Line]) -> bool:
    """Whether too many lines have wide gaps, or wide space above them, for running text."""
    middles = sorted([line.middle for line in lines])
    loose_step = _LOOSE_STEP * median([line.height for line in lines])
    gap_count = sum([bool(line.gaps(CELL_GAP)) for line in lines])
    loose_count = sum([lower - upper > loose_step for upper, lower in pairwise(middles)])
    return max(gap_count, loose_count) > _MAX_LOOSE * len(lines)


def _have_rows(left_lines: list[Line], right_lines: list[Line], height: float) -> bool:
    """Whether paragraphs on both sides begin at the same heights, as the cells of the rows of a table do."""
    left_starts, right_starts = _paragraph_starts(left_lines), _paragraph_starts(right_lines)
    fewer_starts, more_starts = sorted([left_starts, right_starts], key=len)
    if len(fewer_starts) < 3:
        return False
    common = sum(
        [any(abs(start - other_start) < 0.3 * height for other_start in more_starts) for start in fewer_starts]
    )
    return common >= 0.7 * len(fewer_starts)


def _paragraph_starts(lines: list[Line]) -> list[float]:
    """The middles of the lines above which there is more space than usual."""
    middles = sorted([line.middle for line in lines])
    steps = [lower - upper for upper, lower in pairwise(middles) if lower - upper > 1]
    if not steps:
        return []
    usual_step = median(steps)
    return [lower for upper, lower in pairwise(middles) if lower - upper > 1.25 * usual_step]
