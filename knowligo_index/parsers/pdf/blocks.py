"""Groups the lines of a page into blocks: headings, code, tables, running text."""

from collections.abc import Set
from itertools import groupby, pairwise
from statistics import median

from knowligo_index.parsers.pdf.document_words import DocumentWords
from knowligo_index.parsers.pdf.lines import CELL_GAP, Line
from knowligo_index.parsers.pdf.monospace import code_text, has_same_pitch
from knowligo_index.parsers.pdf.paragraphs import Column, PageBlock, is_item, paragraphs_of
from knowligo_index.types import BlockKind

_DEFAULT_STEP = 1.25  # heights of a line, if there are too few lines to measure it
_MIN_STEPS = 4
_MAX_SPACE = 3.0  # heights of a line, in justified text
_MAX_ROW_STEP = 3.5  # heights of a line, from one row of a table or line of code to the next

# If a larger share of the lines is monospaced, it is the font of the whole document and does not indicate code.
MAX_MONOSPACED_SHARE = 0.6


def blocks_of(lines: list[Line], words: DocumentWords, code: Set[int]) -> list[PageBlock]:
    """The blocks of one region, whose lines are in reading order. `code`: the ids of monospaced lines."""
    kinds = _kinds(lines, code)
    column = _column(lines, kinds)
    blocks: list[PageBlock] = []
    for kind, numbers in groupby(range(len(lines)), key=kinds.__getitem__):
        group_lines = [lines[number] for number in numbers]
        if kind == "heading":
            blocks += _headings(group_lines)
        elif kind == "code":
            left = min([line.left for line in group_lines])
            blocks += [PageBlock("code", [code_text(line, left) for line in piece]) for piece in _pieces(group_lines)]
        elif kind == "table":
            for piece in _pieces(group_lines):
                blocks.append(
                    PageBlock("table" if len(piece) > 1 else "paragraph", [_row_text(line) for line in piece])
                )
        else:
            blocks += paragraphs_of(group_lines, column, words)
    return blocks


def _column(lines: list[Line], kinds: list[BlockKind]) -> Column:
    text_lines = [line for line, kind in zip(lines, kinds, strict=True) if kind == "paragraph"] or lines
    steps = [
        (lower.middle - upper.middle) / max(lower.height, 0.1)
        for upper, lower in pairwise(text_lines)
        if 0 < lower.middle - upper.middle < 2.5 * lower.height
    ]
    return Column(
        min([line.left for line in text_lines]),
        max([line.right for line in text_lines]),
        median(steps) if len(steps) >= _MIN_STEPS else _DEFAULT_STEP,
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
    _correct_rows(lines, kinds)
    if "code" in kinds:
        _spread_code(lines, kinds, range(1, len(lines)), -1)
        _spread_code(lines, kinds, range(len(lines) - 2, -1, -1), 1)
    return kinds


def _correct_rows(lines: list[Line], kinds: list[BlockKind]) -> None:
    """Correct the kinds of rows: a line between two rows continues a cell, and a line with wide spaces that is as wide
    as a line above or below it is justified text."""
    rows = [kind == "table" for kind in kinds]
    for number, line in enumerate(lines):
        above = number > 0 and rows[number - 1]
        below = number + 1 < len(lines) and rows[number + 1]
        if kinds[number] == "paragraph" and above and below and not is_item(line):
            kinds[number] = "table"
        elif kinds[number] == "table" and not above and not below:
            neighbours = [lines[index] for index in (number - 1, number + 1) if 0 <= index < len(lines)]
            if any(_is_as_wide(line, neighbour) for neighbour in neighbours) and not line.gaps(_MAX_SPACE):
                kinds[number] = "paragraph"


def _is_as_wide(line: Line, other: Line) -> bool:
    is_near = abs(line.middle - other.middle) < 2 * line.height
    return is_near and abs(line.left - other.left) < 2 * line.height and abs(line.right - other.right) < line.height


def _spread_code(lines: list[Line], kinds: list[BlockKind], numbers: range, step: int) -> None:
    """Mark lines next to code in the same font as code, though they have too few words to be recognized alone."""
    for number in numbers:
        neighbour = number + step
        may_be_code = kinds[number] in ("paragraph", "table") and kinds[neighbour] == "code"
        if may_be_code and has_same_pitch(lines[number], lines[neighbour]):
            kinds[number] = "code"


def _headings(lines: list[Line]) -> list[PageBlock]:
    headings: list[PageBlock] = []
    for line in lines:
        if line.level > 0:
            headings.append(PageBlock("heading", [line.text], line.level, line.label))
        else:
            headings[-1].lines.append(line.text)
    return headings


def _pieces(lines: list[Line]) -> list[list[Line]]:
    """The lines, cut before each line that is far below the previous one or not below it."""
    pieces: list[list[Line]] = []
    for line in lines:
        if pieces and 0 < line.middle - pieces[-1][-1].middle <= _MAX_ROW_STEP * line.height:
            pieces[-1].append(line)
        else:
            pieces.append([line])
    return pieces


def _row_text(line: Line) -> str:
    return "\t".join([" ".join(cell) for cell in line.cells()])
