"""The cells of a table, put in their rows and columns (WHATWG HTML, "Forming a table")."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowligo_index.parsers.canonical import Node, table

# The standard's own bounds.
_MOST_COLUMNS = 1000
_MOST_ROWS = 65534

# A cell over several rows is repeated in each of them, so that each says what it is about: unless it is a text.
_REPEATED_CHARACTERS = 80

# Cells that span others may not make a table so much larger than what is written of it.
_MOST_FILLED = 10_000
_MOST_FILLED_PER_CELL = 8

# A table with one of these in a cell lays out a page, if nothing says that it is one of data.
_OF_PAGES = frozenset(("table", "heading", "code", "quote"))


@dataclass(frozen=True, slots=True)
class _Cell:
    nodes: tuple[Node, ...]
    repeated: bool = False
    """it stands in a row above, and reaches down to this one"""


class Grid:
    """A table as it is read, cell after cell."""

    def __init__(self) -> None:
        self.has_header = False
        """something says that it is a table of data: a header, a caption"""
        self.is_layout = False
        """something says that it is none"""
        self._rows: list[dict[int, _Cell]] = []
        self._column = 0
        self._hanging: dict[int, tuple[int, _Cell | None]] = {}
        """columns that a cell of a row above takes: up to which row, and what stands there"""
        self._filled = 0
        self._cells = 0

    def start_row(self) -> None:
        """Begin a row."""
        self._rows.append({})
        self._column = 0

    def add_cell(self, nodes: Sequence[Node], columns: int | None = 1, rows: int | None = 1) -> None:
        """Put what is in a cell at the next free place."""
        if not self._rows:
            self.start_row()
        self._cells += 1
        self._pass_hanging()
        row, column = len(self._rows) - 1, self._column
        cell = _Cell(tuple(nodes))
        self._rows[row][column] = cell
        width = max(1, min(columns or 1, _MOST_COLUMNS - column))
        height = max(1, min(_MOST_ROWS if rows == 0 else rows or 1, _MOST_ROWS))
        if height > 1:
            text = " ".join(texts(cell.nodes))
            again = _Cell(cell.nodes, repeated=True) if len(text) <= _REPEATED_CHARACTERS else None
            self._hanging[column] = (row + height - 1, again)
            for beside in range(column + 1, column + width):
                self._hanging[beside] = (row + height - 1, None)
        self._column = column + width

    def end_row(self) -> None:
        """The row has no more cells."""
        if self._rows and self._rows[-1]:
            self._pass_hanging()

    def _pass_hanging(self) -> None:
        row = len(self._rows) - 1
        while self._column in self._hanging:
            last, cell = self._hanging[self._column]
            if last < row:
                break
            self._filled += 1
            if self._filled > _MOST_FILLED + _MOST_FILLED_PER_CELL * self._cells:
                # Its cells span more than any table that a person wrote.
                self._hanging.clear()
                break
            if cell is not None:
                self._rows[row][self._column] = cell
            self._column += 1

    def nodes(self) -> list[Node]:
        """A table; or, where it only lays out a page, what is in its cells."""
        rows = [row for row in self._rows if any(cell.nodes and not cell.repeated for cell in row.values())]
        if self._lays_out(rows):
            cells = (row[column] for row in rows for column in sorted(row))
            return [node for cell in cells if not cell.repeated for node in cell.nodes]
        used = sorted({column for row in rows for column, cell in row.items() if cell.nodes})
        written = [{column: " ".join(texts(cell.nodes)) for column, cell in row.items()} for row in rows]
        if len(rows) * len(used) <= _MOST_FILLED + _MOST_FILLED_PER_CELL * self._cells:
            return [table([[row.get(column, "") for column in used] for row in written])]
        return [Node("table", children=tuple(_ragged(row) for row in written))]

    def _lays_out(self, rows: Sequence[dict[int, _Cell]]) -> bool:
        if self.is_layout or sum(map(len, rows)) < 2:
            return True
        if self.has_header:
            return False
        one_column = all(len(row) == 1 for row in rows)
        kinds = {node.kind for row in rows for cell in row.values() for node in cell.nodes}
        return len(rows) == 1 or one_column or not kinds.isdisjoint(_OF_PAGES)


def _ragged(row: dict[int, str]) -> Node:
    """A row without the cells that nothing is in."""
    return Node("row", cells=tuple(" ".join(row[column].split()) for column in sorted(row) if row[column]))


def texts(nodes: Sequence[Node]) -> Iterator[str]:
    """The texts of these nodes and of all below them, in order, each without white space at its ends."""
    left = list(reversed(nodes))
    while left:
        node = left.pop()
        yield from (text for each in (node.text, *node.cells) if (text := each.strip()))
        left.extend(reversed(node.children))
