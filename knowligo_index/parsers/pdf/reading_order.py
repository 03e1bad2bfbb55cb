"""The lines of a region in the order in which a person reads them.

Programs mostly draw text in that order, and it knows more than places on the page do: which lines are one cell of a
table, say. So it is kept where it goes down the page, and mended where it jumps up or beside.
"""

from collections.abc import Sequence
from itertools import pairwise

from knowligo_index.parsers.pdf.columns import split_columns
from knowligo_index.parsers.pdf.lines import Line, Word, line_of

# Above this many lines places are not compared pair by pair.
_MANY = 4000


def reading_order(lines: list[Line]) -> list[list[Line]]:
    """Regions of the page in order, each with its lines in order; a row of a table is one line."""
    regions = split_columns(_continued(lines)) if lines else []
    return [_ordered(region) for region in regions]


def _continued(lines: Sequence[Line]) -> list[Line]:
    """Lines that go on at the right of the last one, on its base line, are part of it: after a superscript, say."""
    joined: list[Line] = []
    for line in lines:
        last = joined[-1] if joined else None
        if last is not None and line.left >= last.right - 0.3 * line.height and _same_row(last, line):
            joined[-1] = line_of([*last.words, *line.words], line.hyphenated)
        else:
            joined.append(line)
    return joined


def _same_row(one: Line, other: Line) -> bool:
    if one.bottom <= other.top:
        # Most lines are below the one before.
        return False
    shared = min(one.bottom, other.bottom) - max(one.top, other.top)
    return shared > 0.45 * min(one.height, other.height)


def _ordered(lines: list[Line]) -> list[Line]:
    ordered: list[Line] = []
    for group in _groups(_runs(lines)):
        if len(group) == 1:
            ordered.extend(group[0])
        elif _side_by_side(group) and _is_running_text(group):
            for run in sorted(group, key=lambda run: min([line.left for line in run])):
                ordered.extend(run)
        else:
            ordered.extend(_rows([line for run in group for line in run]))
    return ordered


def _runs(lines: list[Line]) -> list[list[Line]]:
    """Lines one below the other, as long as the file draws them so."""
    runs: list[list[Line]] = []
    for line in lines:
        last = runs[-1][-1] if runs else None
        below = last is not None and line.middle > last.middle and not _same_row(last, line)
        if last is not None and below and line.left < last.right and line.right > last.left:
            runs[-1].append(line)
        else:
            runs.append([line])
    return runs


def _groups(runs: list[list[Line]]) -> list[list[list[Line]]]:
    """Runs that stand beside each other are one group; groups follow each other down the page."""
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


def _side_by_side(group: list[list[Line]]) -> bool:
    spans = sorted([(min([line.left for line in run]), max([line.right for line in run])) for run in group])
    return all(before[1] <= after[0] for before, after in pairwise(spans))


def _is_running_text(group: list[list[Line]]) -> bool:
    """Whether lines go on in the next one, in most of the runs that have several."""
    several = [run for run in group if len(run) > 1]
    if not several:
        return False
    going = 0
    for run in several:
        begins = [line.texts[0][0] for line in run[1:]]
        going += sum([character.islower() for character in begins]) >= 0.4 * len(begins)
    return going >= 0.5 * len(several)


def _rows(lines: list[Line]) -> list[Line]:
    """The lines down the page, those on one base line as one."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (line.middle, line.left)):
        if rows and _same_row(rows[-1][0], line) and len(rows[-1]) < _MANY:
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
