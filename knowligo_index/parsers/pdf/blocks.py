"""The lines of a page into blocks: headings, code, tables, running text."""

from collections.abc import Set
from itertools import groupby, pairwise
from statistics import median

from knowligo_index.parsers.pdf.known_words import KnownWords
from knowligo_index.parsers.pdf.lines import CELL_GAP, Line
from knowligo_index.parsers.pdf.paragraphs import Column, Part, is_item, paragraphs_of
from knowligo_index.parsers.pdf.typewriter import code_text, is_as_typewritten
from knowligo_index.types import BlockKind

_USUAL_STEP = 1.25  # heights of a line, where there are too few lines to tell
_LEAST_STEPS = 4
_WIDEST_SPACE = 3.0  # heights of a line, in justified text
_FAR_ROWS = 3.5  # heights of a line between two rows of one table, or two lines of one piece of code

# Where more of the lines than this are typewritten, it is the type of the document and says nothing.
MOST_TYPEWRITTEN = 0.6


def parts_of(lines: list[Line], words: KnownWords, code: Set[int]) -> list[Part]:
    """The blocks of one region, whose lines are in reading order. `code`: the ids of lines that are code by their
    type."""
    kinds = _kinds(lines, code)
    column = _column(lines, kinds)
    parts: list[Part] = []
    for kind, numbers in groupby(range(len(lines)), key=kinds.__getitem__):
        group = [lines[number] for number in numbers]
        if kind == "heading":
            parts += _headings(group)
        elif kind == "code":
            left = min([line.left for line in group])
            parts += [Part("code", [code_text(line, left) for line in piece]) for piece in _pieces(group)]
        elif kind == "table":
            for piece in _pieces(group):
                parts.append(Part("table" if len(piece) > 1 else "paragraph", [_row_text(line) for line in piece]))
        else:
            parts += paragraphs_of(group, column, words)
    return parts


def _column(lines: list[Line], kinds: list[BlockKind]) -> Column:
    text = [line for line, kind in zip(lines, kinds, strict=True) if kind == "paragraph"] or lines
    steps = [
        (after.middle - before.middle) / max(after.height, 0.1)
        for before, after in pairwise(text)
        if 0 < after.middle - before.middle < 2.5 * after.height
    ]
    return Column(
        min([line.left for line in text]),
        max([line.right for line in text]),
        median(steps) if len(steps) >= _LEAST_STEPS else _USUAL_STEP,
    )


def _kinds(lines: list[Line], code: Set[int]) -> list[BlockKind]:
    kinds: list[BlockKind] = []
    for line in lines:
        if line.level:
            kinds.append("heading")
        elif id(line) in code:
            kinds.append("code")
        elif line.widest_gap >= CELL_GAP * line.height and len(line.cells()) > 1:
            kinds.append("table")
        else:
            kinds.append("paragraph")
    _mend_rows(lines, kinds)
    if "code" in kinds:
        _spread_code(lines, kinds, range(1, len(lines)), -1)
        _spread_code(lines, kinds, range(len(lines) - 2, -1, -1), 1)
    return kinds


def _mend_rows(lines: list[Line], kinds: list[BlockKind]) -> None:
    """A line between two rows is what is left of a cell that goes over several lines. One with wide spaces that is as
    wide as the lines above and below is justified."""
    rows = [kind == "table" for kind in kinds]
    for number, line in enumerate(lines):
        above = number > 0 and rows[number - 1]
        below = number + 1 < len(lines) and rows[number + 1]
        if kinds[number] == "paragraph" and above and below and not is_item(line):
            kinds[number] = "table"
        elif kinds[number] == "table" and not above and not below:
            beside = [lines[other] for other in (number - 1, number + 1) if 0 <= other < len(lines)]
            if any(_is_as_wide(line, other) for other in beside) and not line.gaps(_WIDEST_SPACE):
                kinds[number] = "paragraph"


def _is_as_wide(line: Line, other: Line) -> bool:
    near = abs(line.middle - other.middle) < 2 * line.height
    return near and abs(line.left - other.left) < 2 * line.height and abs(line.right - other.right) < line.height


def _spread_code(lines: list[Line], kinds: list[BlockKind], numbers: range, step: int) -> None:
    """What stands beside code in the same type is code, though it has too few words to tell alone."""
    for number in numbers:
        beside = number + step
        may_be = kinds[number] in ("paragraph", "table") and kinds[beside] == "code"
        if may_be and is_as_typewritten(lines[number], lines[beside]):
            kinds[number] = "code"


def _headings(group: list[Line]) -> list[Part]:
    parts: list[Part] = []
    for line in group:
        if line.level > 0:
            parts.append(Part("heading", [line.text], line.level, line.label))
        else:
            parts[-1].lines.append(line.text)
    return parts


def _pieces(group: list[Line]) -> list[list[Line]]:
    """The lines, cut where one is far below the last or not below it."""
    pieces: list[list[Line]] = []
    for line in group:
        if pieces and 0 < line.middle - pieces[-1][-1].middle <= _FAR_ROWS * line.height:
            pieces[-1].append(line)
        else:
            pieces.append([line])
    return pieces


def _row_text(line: Line) -> str:
    return "\t".join([" ".join(cell) for cell in line.cells()])
