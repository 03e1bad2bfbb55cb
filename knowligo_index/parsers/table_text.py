"""CSV and TSV: one table whose first row is the header. The canonical text is the file itself."""

import csv
import io
import sys
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from knowligo_index.errors import ParseError
from knowligo_index.parsers.csv_cells import MAX_CELLS, CellFinder
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

# Characters given to `csv.Sniffer`, whose time grows faster than its sample.
_SAMPLE_CHARACTERS = 8192


def parse(source: Source, data: bytes) -> Document:
    """The decoded file as a table; the title is the file's name without the suffix. A file that is not valid CSV is
    read as plain text, with a warning. Raises ParseError if the file is not text, or no cell has text."""
    text, encoding = decode(data)
    lines = line_starts(text)
    warnings = text_warnings(text, encoding, lines)
    exclusions = spelled_exclusions(text, ())
    reading = _Reading(text)
    try:
        rows = _rows(text, lines, reading)
    except csv.Error as error:
        warnings.append(f"read as plain text, because it is not valid CSV: {error}")
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
    """Renditions of the rows. If the cells of a row cannot be located, or there are too many cells, there are none: the
    whole file is read as it is written."""

    text: str
    finder: CellFinder | None = None
    names: list[str] = field(default_factory=list)
    renditions: list[Rendition] = field(default_factory=list)
    cells: int = 0

    def add(self, start: int, end: int, values: list[str]) -> None:
        """Add the next row that is not blank."""
        if self.finder is None:
            return
        row_renditions = self.finder.renditions(self.text, start, end, values, self.names)
        is_header = self.cells == 0
        self.cells += len(values)
        if row_renditions is None or self.cells > MAX_CELLS:
            self.finder, self.names, self.renditions = None, [], []
            return
        self.renditions += row_renditions
        if is_header:
            self.names = column_names(values)


def _rows(text: str, lines: tuple[int, ...], reading: _Reading) -> list[Block]:
    """A block for each row that is not blank. Raises csv.Error if the text is not valid CSV, ParseError if no cell
    has text."""
    # A cell may be as long as the file: the chunker limits the size of a passage.
    csv.field_size_limit(sys.maxsize)
    # Without newline="", a line end inside quotes would be translated, and line_num would not count the file's lines.
    dialect = _dialect(text)
    reader = csv.reader(io.StringIO(text, newline=""), dialect=dialect, strict=True)
    reading.finder = CellFinder(dialect)
    rows: list[Block] = []
    first_line = 0
    has_text = False
    for cells in reader:
        has_text = has_text or any(cell.strip() for cell in cells)
        next_line = reader.line_num
        end = lines[next_line] if next_line < len(lines) else len(text)
        start, end = trim(text, lines[first_line], end)
        if start < end:
            rows.append(Block("row", start, end))
            reading.add(start, end, cells)
        first_line = next_line
    if not has_text:
        raise ParseError("no-text", "none of its cells has text")
    return rows


def _dialect(text: str) -> type[csv.Dialect]:
    """The delimiter and quote of the file; comma and double quote if they cannot be recognized."""
    sample = text[:_SAMPLE_CHARACTERS]
    try:
        dialect = csv.Sniffer().sniff(sample[: sample.rfind("\n") + 1] or sample, _DELIMITERS)
    except csv.Error:
        return csv.excel
    dialect.doublequote = True
    return dialect
