"""Columns of a page: found by the gutter between them, and told from those of a table.

A gutter is a strip that few lines cross, with running text on both sides: most lines of a side are as wide as it, hold
several words, and go on from line to line. The cells of a table are short, or begin anew in each row.
"""

from dataclasses import dataclass
from itertools import pairwise
from statistics import median

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
    for place in line.gaps(GUTTER_GAP):
        if line.words[place - 1].right <= gutter.middle <= line.words[place].left:
            return line.split([place])
    return [line]


def _side(line: Line, gutter: Gutter) -> int:
    return -1 if line.right <= gutter.middle else 1 if line.left >= gutter.middle else 0


def _find_gutter(lines: list[Line]) -> Gutter | None:
    if len(lines) < _LEAST_LINES:
        return None
    height = median([line.height for line in lines])
    if _are_whole(lines):
        return None
    pieces = [part for line in lines if line.height < 3 * height for part in line.split(line.gaps(GUTTER_GAP))]
    if not pieces or height <= 0:
        return None
    start = min([piece.left for piece in pieces])
    end = max([piece.right for piece in pieces])
    if end - start < 2 * _LEAST_COLUMN * height:
        return None
    candidates = _strips(pieces, start, end, height)
    good = [strip for strip in candidates if _is_gutter(lines, strip, height)]
    return min(good, key=lambda strip: abs(strip.middle - (start + end) / 2), default=None)


def _are_whole(lines: list[Line]) -> bool:
    """Whether too many lines go across the region in one piece for it to have a gutter."""
    left, right = min([line.left for line in lines]), max([line.right for line in lines])
    wide = 0.8 * (right - left)
    whole = sum([line.right - line.left >= wide and line.widest_gap < GUTTER_GAP * line.height for line in lines])
    return whole > _MOST_CROSSING * 2 * len(lines)


def _strips(pieces: list[Line], start: float, end: float, height: float) -> list[Gutter]:
    """Strips with a column's width on either side that few pieces cross."""
    size = min(int((end - start) / _STEP) + 2, 5000)
    changes = [0] * (size + 1)
    for piece in pieces:
        first = min(max(int((piece.left - start) / _STEP), 0), size - 1)
        last = min(max(int((piece.right - start) / _STEP), first), size - 1)
        changes[first] += 1
        changes[last + 1] -= 1
    covers: list[int] = []
    covering = 0
    for change in changes[:size]:
        covering += change
        covers.append(covering)
    margin = int(_LEAST_COLUMN * height / _STEP)
    inner = range(margin, max(size - margin, margin))
    low = min((covers[place] for place in inner), default=0)
    most = max(low, int(_MOST_CROSSING * len(pieces) / 2))
    strips: list[Gutter] = []
    begin: int | None = None
    for place in [*inner, size]:
        clear = place < size - margin and covers[place] <= min(most, low + 1)
        if clear and begin is None:
            begin = place
        elif not clear and begin is not None:
            strips.append(Gutter(start + begin * _STEP, start + place * _STEP))
            begin = None
    return [strip for strip in strips if strip.right - strip.left >= _STEP][:20]


def _is_gutter(lines: list[Line], strip: Gutter, height: float) -> bool:
    sides: dict[int, list[Line]] = {-1: [], 0: [], 1: []}
    pieces = [part for line in lines for part in _cut(line, strip)]
    for piece in pieces:
        sides[_side(piece, strip)].append(piece)
    if len(sides[0]) > _MOST_CROSSING * len(pieces):
        return False
    return all(_is_prose(sides[side]) for side in (-1, 1)) and not _have_rows(sides[-1], sides[1], height)


def _is_prose(pieces: list[Line]) -> bool:
    if len(pieces) < _LEAST_LINES:
        return False
    left = min([piece.left for piece in pieces])
    width = max([piece.right for piece in pieces]) - left
    words = sum([len(piece.words) for piece in pieces]) / len(pieces)
    characters = sum([len(word.text) for piece in pieces for word in piece.words]) / len(pieces)
    # Chinese and Japanese have no spaces between words, and no small letters.
    spaced = characters / max(words, 1) < 12
    if spaced and words < _LEAST_WORDS:
        return False
    if median([piece.right - piece.left for piece in pieces]) < _LEAST_FILL * width or _is_loose(pieces):
        return False
    cased = [piece.words[0].text[0] for piece in pieces if piece.words[0].text[0].isalpha()]
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
