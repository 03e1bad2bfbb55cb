"""Tables of a Word file. The text of a merged cell stands once, but a short one again in each row that it spans, so
that each row says what it is about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lxml.etree import _Element

from knowligo_index.parsers.canonical import Node, paragraph, table
from knowligo_index.parsers.word.names import child, mc, number, value, w
from knowligo_index.parsers.word.tally import Tally, all_text, chosen

# Word's own bound.
_MOST_COLUMNS = 63

_REPEATED_CHARACTERS = 80

# Rows are filled up to the widest: of a table with few cells and much to fill, only the cells are written.
_MOST_FILLING = 100_000

_PROPERTIES = frozenset((w("tblPr"), w("tblGrid"), w("tblPrEx"), w("trPr"), w("tcPr"), w("sdtPr"), w("sdtEndPr")))
_BLOCKS = frozenset((w("p"), w("tbl"), w("tc")))


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table as the file has it."""

    cells: tuple[_Element, ...]
    """cells; in a broken file other things too"""
    empty_before: int = 0


def rows_of(element: _Element, tally: Tally) -> list[Row]:
    """The rows of a table without those that are deleted."""
    rows: list[Row] = []
    for row in _inside(element, w("tr")):
        if row.tag != w("tr"):
            rows.append(Row((row,)))
            continue
        properties = child(row, "trPr")
        if child(properties, "del") is not None:
            tally.drop("deleted", all_text(row))
            continue
        before = min(max(number(value(properties, "gridBefore")) or 0, 0), _MOST_COLUMNS)
        rows.append(Row(tuple(_inside(row, w("tc"))), before))
    return [row for row in rows if row.cells]


def is_layout(rows: Sequence[Row]) -> bool:
    """Whether it is no table but a frame, or a way to put things side by side."""
    return len(rows) <= 1 or all(len(row.cells) == 1 for row in rows)


def table_nodes(rows: Sequence[Row], text_of: Callable[[_Element], str]) -> list[Node]:
    """The table, its cells read by `text_of` in the order of the file."""
    grid: list[list[str]] = []
    hanging: dict[int, str] = {}
    for row in rows:
        line = [""] * row.empty_before
        for cell in row.cells:
            properties = child(cell, "tcPr")
            text = " ".join(text_of(cell).split())
            merge = child(properties, "vMerge")
            if merge is None:
                hanging.pop(len(line), None)
            elif merge.get(w("val")) == "restart":
                hanging[len(line)] = text if len(text) <= _REPEATED_CHARACTERS else ""
            else:
                text = f"{hanging.get(len(line), '')} {text}".strip()
            span = min(max(number(value(properties, "gridSpan")) or 1, 1), max(_MOST_COLUMNS - len(line), 1))
            line += [text, *[""] * (span - 1)]
        grid.append(line)
    found = [line for line in grid if any(line)]
    width = max((max(place for place, cell in enumerate(line) if cell) + 1 for line in found), default=0)
    if width * len(found) > sum(map(len, found)) * 2 + _MOST_FILLING:
        return [paragraph(" | ".join(filter(None, line))) for line in found]
    return [table([line[:width] for line in found])] if found else []


def _inside(element: _Element, name: str) -> list[_Element]:
    """The rows of a table or the cells of a row, within whatever stands around them; and what is neither."""
    found: list[_Element] = []
    left = list(reversed(element))
    while left:
        each = left.pop()
        if each.tag == name or each.tag in _BLOCKS:
            found.append(each)
        elif each.tag == mc("AlternateContent"):
            left.extend(chosen(each))
        elif each.tag not in _PROPERTIES:
            left.extend(reversed(each))
    return found
