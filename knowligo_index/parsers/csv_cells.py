"""Where the cells of a row of CSV stand in its text: Python's reader gives their values only."""

import csv
import re
from collections.abc import Sequence

from knowligo_index.parsers.renditions import in_order, row_renditions
from knowligo_index.types import Rendition

# Renditions take some hundred bytes a cell. A file with more cells is read as it is written.
MOST_CELLS = 400_000


class CellFinder:
    """Finds the cells of rows in one dialect."""

    def __init__(self, dialect: type[csv.Dialect]) -> None:
        self._quote = dialect.quotechar or '"'
        quote, delimiter = re.escape(self._quote), re.escape(dialect.delimiter)
        blanks = "[ ]*+" if dialect.skipinitialspace else ""
        self._cell = re.compile(
            rf"{blanks}(?:{quote}((?:[^{quote}]|{quote}{quote})*+){quote}([^{delimiter}]*+)|([^{delimiter}]*+))"
        )

    def renditions(
        self, text: str, start: int, end: int, values: Sequence[str], names: Sequence[str]
    ) -> list[Rendition] | None:
        """How the row text[start:end] is read; None where its cells are not found to have these values."""
        cells: list[tuple[tuple[int, int], str]] = []
        doubled: list[Rendition] = []
        position = start
        for value in values:
            # The white space that the row's span does not have may have been the delimiter of its last cells.
            match = self._cell.match(text, position, end) if position <= end else None
            if match is None:
                if value.strip():
                    return None
                continue
            first, last = (
                match.span(3) if match[1] is None else (match.start(1), match.end(2) if match[2] else match.end(1))
            )
            first, last = _trimmed(text, first, last)
            written = text[first:last]
            if match[1] is not None and self._quote in written:
                doubled += [Rendition(first + at, first + at + 1, "") for at in self._doubled(written)]
                written = written.replace(self._quote * 2, self._quote)
            if written != value.strip():
                return None
            cells.append(((first, last), value))
            position = match.end() + 1
        if position <= end:
            return None
        row = row_renditions(start, end, cells, names)
        return list(in_order([*row, *doubled])) if doubled else row

    def _doubled(self, written: str) -> list[int]:
        return [match.start() for match in re.finditer(re.escape(self._quote * 2), written)]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    body = text[start:end]
    first = start + len(body) - len(body.lstrip())
    return first, max(first, start + len(body.rstrip()))
