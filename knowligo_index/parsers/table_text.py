"""CSV and its like: one table, its first row the header. The canonical text is the file itself."""

import csv
import io
import sys
from pathlib import PurePosixPath

from knowligo_index.errors import ParseError
from knowligo_index.parsers.plain import (
    cut_out,
    decode,
    line_starts,
    paragraphs,
    spelled_exclusions,
    text_warnings,
    trim,
)
from knowligo_index.types import Block, Document, Source

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
    try:
        rows = _rows(text, lines)
    except csv.Error as error:
        warnings.append(f"read as plain text, since it is not CSV: {error}")
        blocks = paragraphs(text, 0, len(text))
    else:
        blocks = [Block("table", rows[0].char_start, rows[-1].char_end, tuple(rows))]
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
    )


def _rows(text: str, lines: tuple[int, ...]) -> list[Block]:
    """A block for each row that is not blank. Raises csv.Error, and ParseError where no cell has text."""
    # A cell may be as long as the file: what a row may hold is the chunker's business.
    csv.field_size_limit(sys.maxsize)
    # Without newline="", a line end inside quotes would come out as another one, and lines would not count up.
    reader = csv.reader(io.StringIO(text, newline=""), dialect=_dialect(text), strict=True)
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
