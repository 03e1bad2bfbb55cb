"""CSV and its like: one table, its first row the header. The canonical text is the file itself."""

import csv
import io
import sys
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from knowligo_index.errors import ParseError
from knowligo_index.parsers.csv_cells import MOST_CELLS, CellFinder
from knowligo_index.parsers.plain import (
    cut_out,
    decode,
    line_starts,
    paragraphs,
    spelled_exclusions,
    text_warnings,
    trim,
)
from knowligo_index.parsers.renditions import column_names
from knowligo_index.types import Block, Document, Rendition, Source

_DELIMITERS = ",;\t|"

# The sniffer looks at this much: its time grows faster than its sample.
_SAMPLE_CHARACTERS = 8192


def parse(source: Source, data: bytes) -> Document:
    """The decoded file as a table; its name, without the suffix, is the title. A file that breaks the rules of CSV is
    read as plain text, with a warning. Raises ParseError where it is not text, or has none."""
    text, encoding = decode(data)
    lines = line_starts(text)
    warnings = text_warnings(text, encoding, lines)
    exclusions = spelled_exclusions(text, ())
    reading = _Reading(text)
    try:
        rows = _rows(text, lines, reading)
    except csv.Error as error:
        warnings.append(f"read as plain text, since it is not CSV: {error}")
        blocks = paragraphs(text, 0, len(text))
    else:
        blocks = [Block("table", rows[0].char_start, rows[-1].char_end, tuple(rows), names_columns=bool(reading.names))]
    return Document(
        source=source.name,
        format=source.format,
        title=PurePosixPath(source.name).stem,
        text=text,
        blocks=cut_out(text, blocks, exclusions),
        line_starts=lines,
        encoding=encoding,
        exclusions=tuple(exclusions),
        warnings=tuple(warnings),
        renditions=tuple(reading.renditions),
    )


@dataclass(slots=True)
class _Reading:
    """How the rows are read: all as they are written, where one of them is not understood or there are too many."""

    text: str
    finder: CellFinder | None = None
    names: list[str] = field(default_factory=list)
    renditions: list[Rendition] = field(default_factory=list)
    cells: int = 0

    def add(self, start: int, end: int, values: list[str]) -> None:
        """The next row that is not blank."""
        if self.finder is None:
            return
        row = self.finder.renditions(self.text, start, end, values, self.names)
        is_header = self.cells == 0
        self.cells += len(values)
        if row is None or self.cells > MOST_CELLS:
            self.finder, self.names, self.renditions = None, [], []
            return
        self.renditions += row
        if is_header:
            self.names = column_names(values)


def _rows(text: str, lines: tuple[int, ...], reading: _Reading) -> list[Block]:
    """A block for each row that is not blank. Raises csv.Error, and ParseError where no cell has text."""
    # A cell may be as long as the file: what a row may hold is the chunker's business.
    csv.field_size_limit(sys.maxsize)
    # Without newline="", a line end inside quotes would come out as another one, and lines would not count up.
    dialect = _dialect(text)
    reader = csv.reader(io.StringIO(text, newline=""), dialect=dialect, strict=True)
    reading.finder = CellFinder(dialect)
    rows: list[Block] = []
    first = 0
    has_text = False
    for cells in reader:
        has_text = has_text or any(cell.strip() for cell in cells)
        last = reader.line_num
        end = lines[last] if last < len(lines) else len(text)
        start, end = trim(text, lines[first], end)
        if start < end:
            rows.append(Block("row", start, end))
            reading.add(start, end, cells)
        first = last
    if not has_text:
        raise ParseError("no-text", "none of its cells has text")
    return rows


def _dialect(text: str) -> type[csv.Dialect]:
    """Which delimiter and quote the file uses; commas and double quotes where that is not plain."""
    sample = text[:_SAMPLE_CHARACTERS]
    try:
        found = csv.Sniffer().sniff(sample[: sample.rfind("\n") + 1] or sample, _DELIMITERS)
    except csv.Error:
        return csv.excel
    found.doublequote = True
    return found
