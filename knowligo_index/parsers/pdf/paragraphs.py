"""Joins lines of running text to paragraphs and lists.

A line continues in the next one if it was full, that is, if the first word of the next line would not have fitted. A
shorter line was ended on purpose, and keeps its line end.

A hyphen at the end of a line is removed if it is between lower-case letters, unless the document has the word with the
hyphen elsewhere ("cliente-servidor") and nowhere without it. Any other hyphen is kept.
"""

import re
from dataclasses import dataclass, field

from knowligo_index.parsers.pdf.document_words import DocumentWords
from knowligo_index.parsers.pdf.lines import LIST_MARK, Line
from knowligo_index.types import BlockKind

_MAX_STEP = 1.35  # usual steps from line to line, within a block
_SIZE_RATIO = 1.18  # heights of two lines of different type
_INDENT = 0.8  # heights of a line
_SPACE = 0.22  # heights of a line, between two words
_FEW_LINES = 2
_NARROW_SHARE = 0.8  # of the width of the column

_CUT_END = re.compile(r"(?<![^\W\d_])([^\W\d_]++)-\Z")
_CUT_BEGINNING = re.compile(r"[^\W\d_]+")
_MAX_WORD_CHARACTERS = 60

# A footnote begins with its number, directly before its first word.
_NOTE = re.compile(r"[\d¹²³⁴⁵⁶⁷⁸⁹]{1,2}[^\W\d_]|[¹²³⁴⁵⁶⁷⁸⁹]")


@dataclass(slots=True)
class PageBlock:
    """A block of a page, with its lines as they will be in the canonical text."""

    kind: BlockKind
    lines: list[str] = field(default_factory=list)
    level: int = 0
    label: str = ""
    starts: list[int] = field(default_factory=list)
    """for a list: the index of the first line of each item"""


@dataclass(frozen=True, slots=True)
class Column:
    """The extent of the running text of a region, and the distance between its lines."""

    left: float
    right: float
    step: float
    """from line to line, in heights of a line"""


def paragraphs_of(lines: list[Line], column: Column, words: DocumentWords) -> list[PageBlock]:
    """The paragraphs and lists that consist of these lines of running text."""
    edges = _edges(lines, column)
    blocks: list[PageBlock] = []
    for number, line in enumerate(lines):
        previous = lines[number - 1] if number else None
        if is_item(line):
            if blocks and blocks[-1].kind == "list" and previous is not None and line.middle > previous.middle:
                blocks[-1].starts.append(len(blocks[-1].lines))
                blocks[-1].lines.append(line.text)
            else:
                blocks.append(PageBlock("list", [line.text], starts=[0]))
        elif previous is None or _is_apart(previous, line, column):
            blocks.append(PageBlock("paragraph", [line.text]))
        elif _is_continued(previous, line, *edges[number - 1]):
            if _begins_paragraph(previous, line) and blocks[-1].kind != "list":
                blocks.append(PageBlock("paragraph", [line.text]))
            else:
                _join(blocks[-1].lines, line.text, words)
        elif line.left > previous.left + _INDENT * line.height and blocks[-1].kind != "list":
            blocks.append(PageBlock("paragraph", [line.text]))
        else:
            blocks[-1].lines.append(line.text)
    return blocks


def is_item(line: Line) -> bool:
    return len(line.texts) > 1 and LIST_MARK.fullmatch(line.texts[0]) is not None


def is_far(previous: Line, line: Line, column: Column) -> bool:
    """Whether there is more than the usual space between two lines, or the second one is not below the first."""
    return not 0 < line.middle - previous.middle <= _MAX_STEP * column.step * max(previous.height, line.height)


def _is_apart(previous: Line, line: Line, column: Column) -> bool:
    if line.middle <= previous.middle:
        # The next column or cell, in which a sentence may continue.
        is_same_sentence = line.texts[0][0].islower() and not previous.texts[-1].endswith((".", ":", "!", "?"))
        return not (is_same_sentence or _is_cut(previous, line))
    small, large = sorted([previous.height, line.height])
    return is_far(previous, line, column) or large > _SIZE_RATIO * small


def _is_continued(previous: Line, line: Line, edge: float, is_narrow: bool) -> bool:
    if line.middle <= previous.middle or _is_cut(previous, line):
        return True
    # Short lines of the same length may be a list of names.
    if (is_narrow and not line.texts[0][0].islower()) or _NOTE.match(line.texts[0]):
        return False
    return previous.right + _SPACE * previous.height + line.first_width > edge - 0.1 * previous.height


def _begins_paragraph(previous: Line, line: Line) -> bool:
    """Whether the line is indented like the first line of a paragraph, and not like one below a list mark."""
    is_indented = line.middle > previous.middle and line.left > previous.left + _INDENT * line.height
    return (
        is_indented and previous.texts[-1].endswith((".", ":", "!", "?", "”", "»")) and not line.texts[0][0].islower()
    )


def _is_cut(previous: Line, line: Line) -> bool:
    end = previous.texts[-1]
    return end.endswith("-") and end[-2:-1].islower() and line.texts[0][0].islower()


def _join(lines: list[str], text: str, words: DocumentWords) -> None:
    """Append the text to the last line."""
    last_line = lines[-1]
    if not last_line.endswith("-"):
        lines[-1] = f"{last_line} {text}"
        return
    cut_end, cut_beginning = _CUT_END.search(last_line[-_MAX_WORD_CHARACTERS:]), _CUT_BEGINNING.match(text)
    if cut_end is not None and cut_beginning is not None:
        first_part, second_part = cut_end.group(1), cut_beginning.group()
        if first_part[-1].islower() and second_part[0].islower() and not words.has_hyphen(first_part, second_part):
            last_line = last_line[:-1]
        lines[-1] = last_line + text
        return
    # A hyphen before or after a number is part of it; a hyphen that stands alone is a dash.
    is_compound = last_line[-2:-1].isalnum()
    lines[-1] = last_line + text if is_compound else f"{last_line} {text}"


def _edges(lines: list[Line], column: Column) -> list[tuple[float, bool]]:
    """For each line, the right edge of its group (the lines with the usual space between them), and whether the group
    is much narrower than the column."""
    edges: list[tuple[float, bool]] = []
    group: list[Line] = []
    for number, line in enumerate(lines):
        group.append(line)
        if number + 1 == len(lines) or is_far(line, lines[number + 1], column):
            right = max([group_line.right for group_line in group])
            is_narrow = right - column.left < _NARROW_SHARE * (column.right - column.left)
            edges += [(column.right if is_narrow and len(group) <= _FEW_LINES else right, is_narrow)] * len(group)
            group = []
    return edges
