"""Splits the lines of a page into columns, in the order in which a person reads them."""

from knowligo_index.parsers.pdf.gutters import Gutter, find_gutter
from knowligo_index.parsers.pdf.lines import GUTTER_GAP, Line

_MAX_NESTED_COLUMNS = 3


def split_columns(lines: list[Line], depth: int = 0) -> list[list[Line]]:
    """The lines as one list; or, if there are columns, as several lists to be read one after the other. A line across
    both columns separates the columns above it from those below it."""
    gutter = find_gutter(lines) if depth < _MAX_NESTED_COLUMNS else None
    if gutter is None:
        return [lines]
    crossing: list[Line] = []
    left_lines: list[Line] = []
    right_lines: list[Line] = []
    for line in lines:
        for piece in _cut(line, gutter):
            side = _side(piece, gutter)
            (left_lines if side < 0 else right_lines if side > 0 else crossing).append(piece)
    regions: list[list[Line]] = []
    crossing.sort(key=lambda line: line.middle)
    crossing_middles = [line.middle for line in crossing]
    for number, lower_bound in enumerate([*crossing_middles, float("inf")]):
        upper_bound = crossing_middles[number - 1] if number else float("-inf")
        for side_lines in (left_lines, right_lines):
            band = [line for line in side_lines if upper_bound <= line.middle < lower_bound]
            if band:
                regions.extend(split_columns(band, depth + 1))
        if number < len(crossing):
            regions.append([crossing[number]])
    return _joined(regions)


def _joined(regions: list[list[Line]]) -> list[list[Line]]:
    """The regions, with consecutive lines that cross the columns in one region."""
    joined: list[list[Line]] = []
    for region in regions:
        previous = joined[-1] if joined else None
        if previous and len(region) == 1 and region[0].top >= previous[-1].top and _overlap(previous[-1], region[0]):
            previous.extend(region)
        else:
            joined.append(list(region))
    return joined


def _overlap(line: Line, other: Line) -> bool:
    return min(line.right, other.right) - max(line.left, other.left) > 0.5 * max(line.right - line.left, 1.0)


def _cut(line: Line, gutter: Gutter) -> list[Line]:
    """The line, cut at the gap that contains the gutter, if it has one."""
    if line.right <= gutter.middle or line.left >= gutter.middle:
        return [line]
    gap = line.gap_at(line.gaps(GUTTER_GAP), gutter.middle)
    return line.split([gap]) if gap else [line]


def _side(line: Line, gutter: Gutter) -> int:
    """-1 for the left of the gutter, 1 for the right, 0 for a line that crosses it."""
    return -1 if line.right <= gutter.middle else 1 if line.left >= gutter.middle else 0
