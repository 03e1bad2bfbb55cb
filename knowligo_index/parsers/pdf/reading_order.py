"""Puts the lines of a page into the order in which a person reads them.

Most programs draw text in that order, which contains more information than the positions on the page: which lines
belong to one cell of a table, for example. So the order is kept where it goes down the page, and corrected where it
goes up or to the side.
"""

from collections.abc import Sequence
from itertools import pairwise

from knowligo_index.parsers.pdf.columns import split_columns
from knowligo_index.parsers.pdf.lines import Line, Word, line_of

# Maximum number of lines in a row.
_MAX_ROW_LINES = 4000


def reading_order(lines: list[Line]) -> list[list[Line]]:
    """The regions of the page in order, each with its lines in order; a row of a table becomes one line."""
    regions = split_columns(_continued(lines)) if lines else []
    return [_ordered(region) for region in regions]


def _continued(lines: Sequence[Line]) -> list[Line]:
    """The lines, each joined to the previous one if it continues it on its baseline, as after a superscript."""
    joined: list[Line] = []
    for line in lines:
        previous = joined[-1] if joined else None
        if previous is not None and line.left >= previous.right - 0.3 * line.height and _same_row(previous, line):
            joined[-1] = line_of([*previous.words, *line.words], line.hyphenated)
        else:
            joined.append(line)
    return joined


def _same_row(line: Line, other: Line) -> bool:
    if line.bottom <= other.top:
        # Most lines are below the one before.
        return False
    shared = min(line.bottom, other.bottom) - max(line.top, other.top)
    return shared > 0.45 * min(line.height, other.height)


def _ordered(lines: list[Line]) -> list[Line]:
    ordered: list[Line] = []
    for group in _groups(_runs(lines)):
        if len(group) == 1:
            ordered.extend(group[0])
        elif _are_side_by_side(group) and _is_running_text(group):
            for run in sorted(group, key=lambda run: min([line.left for line in run])):
                ordered.extend(run)
        else:
            ordered.extend(_rows([line for run in group for line in run]))
    return ordered


def _runs(lines: list[Line]) -> list[list[Line]]:
    """Runs of lines that the file draws one below the other."""
    runs: list[list[Line]] = []
    for line in lines:
        previous = runs[-1][-1] if runs else None
        is_below = previous is not None and line.middle > previous.middle and not _same_row(previous, line)
        if previous is not None and is_below and line.left < previous.right and line.right > previous.left:
            runs[-1].append(line)
        else:
            runs.append([line])
    return runs


def _groups(runs: list[list[Line]]) -> list[list[list[Line]]]:
    """Groups of runs that are beside each other, in order down the page."""
    groups: list[list[list[Line]]] = []
    floor = float("-inf")
    for run in sorted(runs, key=lambda run: run[0].middle):
        if groups and run[0].middle < floor:
            groups[-1].append(run)
        else:
            groups.append([run])
            floor = float("-inf")
        floor = max(floor, max([line.middle + 0.3 * line.height for line in run]))
    return groups


def _are_side_by_side(group: list[list[Line]]) -> bool:
    spans = sorted([(min([line.left for line in run]), max([line.right for line in run])) for run in group])
    return all(left_span[1] <= right_span[0] for left_span, right_span in pairwise(spans))


def _is_running_text(group: list[list[Line]]) -> bool:
    """Whether lines continue in the next one, in at least half of the runs that have several lines."""
    long_runs = [run for run in group if len(run) > 1]
    if not long_runs:
        return False
    continued_runs = 0
    for run in long_runs:
        first_letters = [line.texts[0][0] for line in run[1:]]
        continued_runs += sum([character.islower() for character in first_letters]) >= 0.4 * len(first_letters)
    return continued_runs >= 0.5 * len(long_runs)


def _rows(lines: list[Line]) -> list[Line]:
    """The lines from top to bottom, those on one baseline joined to one."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (line.middle, line.left)):
        if rows and _same_row(rows[-1][0], line) and len(rows[-1]) < _MAX_ROW_LINES:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [_row(row) for row in rows]


def _row(lines: list[Line]) -> Line:
    if len(lines) == 1:
        return lines[0]
    ordered = sorted(lines, key=lambda line: line.left)
    words: list[Word] = [word for line in ordered for word in line.words]
    return line_of(words, ordered[-1].hyphenated)
