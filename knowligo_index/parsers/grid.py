"""Puts the cells of a table into rows and columns (WHATWG HTML, "Forming a table")."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowligo_index.parsers.nodes import Node, node_texts, table

# The limits of the standard.
_MAX_COLUMNS = 1000
_MAX_ROWS = 65534

# A cell that spans several rows is repeated in each of them, so that each row has its context; longer texts are not.
_MAX_REPEATED_CHARACTERS = 80

# Limits of the places that spanning cells fill, so that a small file cannot give a huge table.
_MAX_FILLED = 10_000
_MAX_FILLED_PER_CELL = 8

# A table with one of these in a cell is used for the layout of a page, unless it is marked as a table of data.
_LAYOUT_KINDS = frozenset(("table", "heading", "code", "quote"))


@dataclass(frozen=True, slots=True)
class _Cell:
    nodes: tuple[Node, ...]
    repeated: bool = False
    """whether it begins in a row above and spans this one"""


class Grid:
    """A table that is built cell by cell."""

    def __init__(self) -> None:
        self.has_header = False
        """whether a header or a caption marks it as a table of data"""
        self.is_layout = False
        """whether it is marked as layout"""
        self._rows: list[dict[int, _Cell]] = []
        self._column = 0
        self._spanning: dict[int, tuple[int, _Cell | None]] = {}
        """columns that a cell of a row above spans: the last row that it spans, and the cell that is repeated there"""
        self._filled = 0
        self._cells = 0

    def start_row(self) -> None:
        """Begin a row."""
        self._rows.append({})
        self._column = 0

    def add_cell(self, nodes: Sequence[Node], columns: int | None = 1, rows: int | None = 1) -> None:
        """Put a cell with this content at the next free place."""
        if not self._rows:
            self.start_row()
        self._cells += 1
        self._skip_spanned()
        row, column = len(self._rows) - 1, self._column
        cell = _Cell(tuple(nodes))
        self._rows[row][column] = cell
        width = max(1, min(columns or 1, _MAX_COLUMNS - column))
        height = max(1, min(_MAX_ROWS if rows == 0 else rows or 1, _MAX_ROWS))
        if height > 1:
            text = _joined_texts(cell.nodes)
            repeated_cell = _Cell(cell.nodes, repeated=True) if len(text) <= _MAX_REPEATED_CHARACTERS else None
            self._spanning[column] = (row + height - 1, repeated_cell)
            for spanned_column in range(column + 1, column + width):
                self._spanning[spanned_column] = (row + height - 1, None)
        self._column = column + width

    def end_row(self) -> None:
        """Complete the last row."""
        if self._rows and self._rows[-1]:
            self._skip_spanned()

    def _skip_spanned(self) -> None:
        row = len(self._rows) - 1
        while self._column in self._spanning:
            last, cell = self._spanning[self._column]
            if last < row:
                break
            self._filled += 1
            if self._filled > _MAX_FILLED + _MAX_FILLED_PER_CELL * self._cells:
                # The cells span more places than those of any table that a person wrote.
                self._spanning.clear()
                break
            if cell is not None:
                self._rows[row][self._column] = cell
            self._column += 1

    def nodes(self) -> list[Node]:
        """The table as one node; or the content of its cells if it is only used for layout."""
        rows = [row for row in self._rows if any(cell.nodes and not cell.repeated for cell in row.values())]
        if self._is_layout(rows):
            cells = (row[column] for row in rows for column in sorted(row))
            return [node for cell in cells if not cell.repeated for node in cell.nodes]
        used_columns = sorted({column for row in rows for column, cell in row.items() if cell.nodes})
        row_texts = [{column: _joined_texts(cell.nodes) for column, cell in row.items()} for row in rows]
        if len(rows) * len(used_columns) <= _MAX_FILLED + _MAX_FILLED_PER_CELL * self._cells:
            return [table([[row.get(column, "") for column in used_columns] for row in row_texts])]
        return [Node("table", children=tuple(_ragged(row) for row in row_texts))]

    def _is_layout(self, rows: Sequence[dict[int, _Cell]]) -> bool:
        if self.is_layout or sum(map(len, rows)) < 2:
            return True
        if self.has_header:
            return False
        has_one_column = all(len(row) == 1 for row in rows)
        kinds = {node.kind for row in rows for cell in row.values() for node in cell.nodes}
        return len(rows) == 1 or has_one_column or not kinds.isdisjoint(_LAYOUT_KINDS)


def _ragged(row: dict[int, str]) -> Node:
    """A row without its empty cells."""
    return Node("row", cells=tuple(" ".join(row[column].split()) for column in sorted(row) if row[column]))


def _joined_texts(nodes: Sequence[Node]) -> str:
    """The texts of these nodes and of all nodes below them, in order."""
    texts = (text.strip() for node in nodes for text in node_texts(node))
    return " ".join(text for text in texts if text)
