"""Lines of running text into paragraphs and lists.

A line goes on in the next one where it was full: where the next line's first word would not have fitted any more. What
is shorter was ended on purpose, and keeps its line.

A hyphen at the end of a line is taken away where a small letter stands on both sides of it, unless the document has
the word with its hyphen elsewhere ("cliente-servidor") and without it nowhere. Any other hyphen stays.
"""

import re
from dataclasses import dataclass, field

from knowligo_index.parsers.pdf.known_words import KnownWords
from knowligo_index.parsers.pdf.lines import LIST_MARK, Line
from knowligo_index.types import BlockKind

NEW_BLOCK = 1.35  # of the usual step from line to line
_OTHER_SIZE = 1.18
_INDENT = 0.8  # heights of a line
_SPACE = 0.22
_FEW_LINES = 2
_NARROW = 0.8  # of the column

_CUT_END = re.compile(r"([^\W\d_]+)-\Z")
_CUT_BEGINNING = re.compile(r"[^\W\d_]+")
_LONGEST_WORD = 60

# A footnote begins with its number, which is set small and close.
_NOTE = re.compile(r"[\d¹²³⁴⁵⁶⁷⁸⁹]{1,2}[^\W\d_]|[¹²³⁴⁵⁶⁷⁸⁹]")


@dataclass(slots=True)
class Part:
    """A block to be: its lines as they will stand in the text."""

    kind: BlockKind
    lines: list[str] = field(default_factory=list)
    level: int = 0
    label: str = ""
    starts: list[int] = field(default_factory=list)
    """of a list, the number of the first line of each item"""


@dataclass(frozen=True, slots=True)
class Column:
    """What the lines of a region have in common."""

    left: float
    right: float
    step: float
    """from line to line, in heights of a line"""


def paragraphs_of(lines: list[Line], column: Column, words: KnownWords) -> list[Part]:
    """The paragraphs and lists that these lines of running text are."""
    edges = _edges(lines, column)
    parts: list[Part] = []
    for number, line in enumerate(lines):
        before = lines[number - 1] if number else None
        if is_item(line):
            if parts and parts[-1].kind == "list" and before is not None and line.middle > before.middle:
                parts[-1].starts.append(len(parts[-1].lines))
                parts[-1].lines.append(line.text)
            else:
                parts.append(Part("list", [line.text], starts=[0]))
        elif before is None or _is_apart(before, line, column):
            parts.append(Part("paragraph", [line.text]))
        elif _goes_on(before, line, *edges[number - 1]):
            if _begins_paragraph(before, line) and parts[-1].kind != "list":
                parts.append(Part("paragraph", [line.text]))
            else:
                _join(parts[-1].lines, line.text, words)
        elif line.left > before.left + _INDENT * line.height and parts[-1].kind != "list":
            parts.append(Part("paragraph", [line.text]))
        else:
            parts[-1].lines.append(line.text)
    return parts


def is_item(line: Line) -> bool:
    return len(line.texts) > 1 and LIST_MARK.fullmatch(line.texts[0]) is not None


def is_far(before: Line, line: Line, column: Column) -> bool:
    """Whether there is more than the usual space between two lines, or the second is not below the first."""
    return not 0 < line.middle - before.middle <= NEW_BLOCK * column.step * max(before.height, line.height)


def _is_apart(before: Line, line: Line, column: Column) -> bool:
    if line.middle <= before.middle:
        # The next column, or the next cell: a sentence may go on there.
        goes_on = line.texts[0][0].islower() and not before.texts[-1].endswith((".", ":", "!", "?"))
        return not (goes_on or _is_cut(before, line))
    small, large = sorted([before.height, line.height])
    return is_far(before, line, column) or large > _OTHER_SIZE * small


def _goes_on(before: Line, line: Line, edge: float, narrow: bool) -> bool:
    if line.middle <= before.middle or _is_cut(before, line):
        return True
    # Short lines of one length are as likely a list of names.
    if (narrow and not line.texts[0][0].islower()) or _NOTE.match(line.texts[0]):
        return False
    return before.right + _SPACE * before.height + line.first_width > edge - 0.1 * before.height


def _begins_paragraph(before: Line, line: Line) -> bool:
    """Whether the line is set in, as the first of a paragraph is. What hangs below a mark is set in too."""
    indented = line.middle > before.middle and line.left > before.left + _INDENT * line.height
    return indented and before.texts[-1].endswith((".", ":", "!", "?", "”", "»")) and not line.texts[0][0].islower()


def _is_cut(before: Line, line: Line) -> bool:
    end = before.texts[-1]
    return end.endswith("-") and end[-2:-1].islower() and line.texts[0][0].islower()


def _join(lines: list[str], text: str, words: KnownWords) -> None:
    """Append to the last line."""
    before = lines[-1]
    if not before.endswith("-"):
        lines[-1] = f"{before} {text}"
        return
    end, beginning = _CUT_END.search(before[-_LONGEST_WORD:]), _CUT_BEGINNING.match(text)
    if end is not None and beginning is not None:
        first, second = end.group(1), beginning.group()
        if first[-1].islower() and second[0].islower() and not words.has_hyphen(first, second):
            before = before[:-1]
        lines[-1] = before + text
        return
    # A hyphen after a number or before one is its own; one that stands alone is a dash.
    glued = before[-2:-1].isalnum()
    lines[-1] = before + text if glued else f"{before} {text}"


def _edges(lines: list[Line], column: Column) -> list[tuple[float, bool]]:
    """For each line, how far to the right the lines of its group go, those with the usual space between them; and
    whether that is far from the right of the column."""
    edges: list[tuple[float, bool]] = []
    group: list[Line] = []
    for number, line in enumerate(lines):
        group.append(line)
        if number + 1 == len(lines) or is_far(line, lines[number + 1], column):
            right = max([each.right for each in group])
            narrow = right - column.left < _NARROW * (column.right - column.left)
            edges += [(column.right if narrow and len(group) <= _FEW_LINES else right, narrow)] * len(group)
            group = []
    return edges
