"""The tables of a Word file. The text of a cell that spans several rows is repeated in each of them if it is short, so
that each row has its context."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from lxml.etree import _Element

from knowligo_index.parsers.markers import whole_number
from knowligo_index.parsers.nodes import Node, paragraph, table
from knowligo_index.parsers.word.dropped_content import DroppedContent
from knowligo_index.parsers.word.names import child, mc, value, w
from knowligo_index.parsers.word.texts import all_text, chosen

# The limit of Word.
_MAX_COLUMNS = 63

_MAX_REPEATED_CHARACTERS = 80

# Rows are filled up to the width of the widest one. If that takes more empty cells, only the cells are written.
_MAX_FILLING = 100_000

_PROPERTIES = frozenset((w("tblPr"), w("tblGrid"), w("tblPrEx"), w("trPr"), w("tcPr"), w("sdtPr"), w("sdtEndPr")))
_BLOCKS = frozenset((w("p"), w("tbl"), w("tc")))


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table in the file."""

    cells: tuple[_Element, ...]
    """cells; in a damaged file also other elements"""
    empty_before: int = 0


def rows_of(element: _Element, dropped: DroppedContent) -> list[Row]:
    """The rows of a table, without deleted and empty ones."""
    rows: list[Row] = []
    for row in _inside(element, w("tr")):
        if row.tag != w("tr"):
            rows.append(Row((row,)))
            continue
        properties = child(row, "trPr")
        if child(properties, "del") is not None:
            dropped.add_text("deleted", all_text(row))
            continue
        empty_before = min(max(whole_number(value(properties, "gridBefore")) or 0, 0), _MAX_COLUMNS)
        rows.append(Row(tuple(_inside(row, w("tc"))), empty_before))
    return [row for row in rows if row.cells]


def is_layout(rows: Sequence[Row]) -> bool:
    """Whether the table is not one of data, but a frame, or a way to place text side by side."""
    return len(rows) <= 1 or all(len(row.cells) == 1 for row in rows)


def table_nodes(rows: Sequence[Row], text_of: Callable[[_Element], str]) -> list[Node]:
    """The nodes of the table, whose cells are read by `text_of` in the order of the file."""
    lines: list[list[str]] = []
    spanning_texts: dict[int, str] = {}
    for row in rows:
        line = [""] * row.empty_before
        for cell in row.cells:
            properties = child(cell, "tcPr")
            text = " ".join(text_of(cell).split())
            merge = child(properties, "vMerge")
            if merge is None:
                spanning_texts.pop(len(line), None)
            elif merge.get(w("val")) == "restart":
                spanning_texts[len(line)] = text if len(text) <= _MAX_REPEATED_CHARACTERS else ""
            else:
                text = f"{spanning_texts.get(len(line), '')} {text}".strip()
            span = min(max(whole_number(value(properties, "gridSpan")) or 1, 1), max(_MAX_COLUMNS - len(line), 1))
            line += [text, *[""] * (span - 1)]
        lines.append(line)
    nonempty_lines = [line for line in lines if any(line)]
    width = max((max(column for column, cell in enumerate(line) if cell) + 1 for line in nonempty_lines), default=0)
    if width * len(nonempty_lines) > sum(map(len, nonempty_lines)) * 2 + _MAX_FILLING:
        return [paragraph(" | ".join(filter(None, line))) for line in nonempty_lines]
    return [table([line[:width] for line in nonempty_lines])] if nonempty_lines else []


def _inside(element: _Element, name: str) -> list[_Element]:
    """The rows of a table, or the cells of a row, inside any elements around them; and blocks that are neither."""
    blocks: list[_Element] = []
    stack = list(reversed(element))
    while stack:
        node = stack.pop()
        if node.tag == name or node.tag in _BLOCKS:
            blocks.append(node)
        elif node.tag == mc("AlternateContent"):
            stack.extend(chosen(node))
        elif node.tag not in _PROPERTIES:
            stack.extend(reversed(node))
    return blocks
