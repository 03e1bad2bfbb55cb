"""Locate the cells of a row of CSV in its text: Python's `csv` module gives only their values."""

import csv
import re
from collections.abc import Sequence

from knowligo_index.parsers.renditions import in_order, row_renditions
from knowligo_index.types import Rendition

# Renditions take about a hundred bytes for each cell. A file with more cells is read as it is written.
MAX_CELLS = 400_000


class CellFinder:
    """Locates the cells of rows that are written in one dialect of CSV."""

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
        """The renditions of the row text[start:end]; None if the cells in the text do not have these values."""
        cells: list[tuple[tuple[int, int], str]] = []
        quote_renditions: list[Rendition] = []
        position = start
        for value in values:
            # The last cells may lie beyond the end: a delimiter that is white space was trimmed from the span.
            match = self._cell.match(text, position, end) if position <= end else None
            if match is None:
                if value.strip():
                    return None
                continue
            if match[1] is None:
                cell_start, cell_end = match.span(3)
            else:
                cell_start, cell_end = match.start(1), match.end(2) if match[2] else match.end(1)
            cell_start, cell_end = _trimmed(text, cell_start, cell_end)
            content = text[cell_start:cell_end]
            if match[1] is not None and self._quote in content:
                offsets = [cell_start + offset for offset in self._doubled_quotes(content)]
                quote_renditions += [Rendition(offset, offset + 1, "") for offset in offsets]
                content = content.replace(self._quote * 2, self._quote)
            if content != value.strip():
                return None
            cells.append(((cell_start, cell_end), value))
            position = match.end() + 1
        if position <= end:
            return None
        renditions = row_renditions(start, end, cells, names)
        return list(in_order([*renditions, *quote_renditions])) if quote_renditions else renditions

    def _doubled_quotes(self, content: str) -> list[int]:
        """Offsets of the quotes that are written twice."""
        return [match.start() for match in re.finditer(re.escape(self._quote * 2), content)]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    body = text[start:end]
    body_start = start + len(body) - len(body.lstrip())
    return body_start, max(body_start, start + len(body.rstrip()))
