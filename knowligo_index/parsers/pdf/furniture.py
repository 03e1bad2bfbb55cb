"""Removes page furniture: running headers, running footers and page numbers.

A row at the upper or lower edge of a page is furniture if all of this is true: the same text is at the same height on
at least three pages, and on at least four of ten pages between the first and the last of them; such rows are at this
height on at least half of the pages that have text; its numbers are constant or count the pages. A document of less
than four pages has no furniture. The first occurrence of a row in larger type, or with the columns of a table, is kept.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

from knowligo_index.parsers.pdf.lines import Line
from knowligo_index.parsers.pdf.page import Page
from knowligo_index.types import Dropped, DroppedKind

_MIN_PAGES = 4
_MIN_REPEATS = 3
_MIN_DENSITY = 0.4
_MIN_COVERAGE = 0.5
_EDGE_SHARE = 0.18  # of the page's height
_EDGE_ROWS = 3
_HEIGHT_STEP = 4.0  # points
_LARGE_TYPE = 1.25  # heights of the body's lines
_MIN_TABLE_COLUMNS = 3

# Replaces each number of a row; no text has this character.
_NUMBER_MARK = "\0"
_NUMBER = re.compile(r"\d+")
_ROMAN = re.compile(r"[ivxlc]{1,8}", re.IGNORECASE)
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_OF_PAGE_NUMBERS = re.compile(
    r"(?:p[áa]gina|p[áa]gs?\.?|page|pg\.?|p\.|seite|hoja|folio|de|of|von|sur|[-–—|/·•.()\[\]]|\0|\s)*"
)


@dataclass(slots=True)
class _Row:
    """Lines on one baseline at the edge of a page."""

    page: Page
    lines: list[Line]
    rank: int
    """0 for the outermost row"""
    text: str = ""
    """with a mark in the place of each number"""
    numbers: list[int] = field(default_factory=list)
    is_repeated: bool = False

    def __post_init__(self) -> None:
        text = " ".join([line.text for line in sorted(self.lines, key=lambda line: line.left)])
        text = " ".join(text.casefold().split())[:400]
        words = text.split(" ")
        for index in (0, -1):
            if _ROMAN.fullmatch(words[index]):
                words[index] = str(_roman(words[index]))
        text = " ".join(words)
        self.numbers = [int(number[:9]) for number in _NUMBER.findall(text)]
        self.text = _NUMBER.sub(_NUMBER_MARK, text)

    @property
    def middle(self) -> float:
        return self.lines[0].middle

    @property
    def is_page_number(self) -> bool:
        return _NUMBER_MARK in self.text and _OF_PAGE_NUMBERS.fullmatch(self.text) is not None


def remove_furniture(pages: list[Page]) -> list[Dropped]:
    """Remove the furniture from the lines of the pages; returns how much was removed."""
    pages_with_text = [page for page in pages if page.lines and not page.by_pypdf]
    if len(pages_with_text) < _MIN_PAGES:
        return []
    body_height = median([line.height for page in pages_with_text for line in page.lines])
    removed: list[_Row] = []
    for at_top in (True, False):
        rows = [row for page in pages_with_text for row in _edge_rows(page, at_top)]
        _find_repeats(rows, len(pages_with_text))
        removed += _outermost(rows, body_height)
    if sum([len(row.lines) for row in removed]) >= sum([len(page.lines) for page in pages_with_text]):
        # If all pages are the same, their text is kept.
        return []
    for page_number, removed_ids in _by_page(removed).items():
        page = pages[page_number - 1]
        page.had_text = True
        page.lines = [line for line in page.lines if id(line) not in removed_ids]
    return list(_counts(removed))


def _edge_rows(page: Page, at_top: bool) -> list[_Row]:
    limit = _EDGE_SHARE * page.height
    lines = [line for line in page.lines if (line.middle < limit if at_top else page.height - line.middle < limit)]
    lines.sort(key=lambda line: line.middle if at_top else -line.middle)
    rows: list[list[Line]] = []
    for line in lines:
        if rows and abs(line.middle - rows[-1][0].middle) < 0.5 * min(line.height, rows[-1][0].height):
            rows[-1].append(line)
        elif len(rows) == _EDGE_ROWS:
            break
        else:
            rows.append([line])
    return [_Row(page, row_lines, rank) for rank, row_lines in enumerate(rows)]


def _find_repeats(rows: list[_Row], page_count: int) -> None:
    rows_by_height: dict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        rows_by_height[round(row.middle / _HEIGHT_STEP)].append(row)
    for height in rows_by_height:
        # Rows near the border between two steps of height are compared with those of both.
        near_rows = [row for step in (height - 1, height, height + 1) for row in rows_by_height.get(step, [])]
        repeated = _repeated_rows(near_rows)
        if len({row.page.number for row in repeated}) >= _MIN_COVERAGE * page_count:
            for row in repeated:
                row.is_repeated = True


def _repeated_rows(rows: list[_Row]) -> list[_Row]:
    rows_by_text: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        rows_by_text[row.text].append(row)
    repeated: list[_Row] = []
    for text, same_rows in rows_by_text.items():
        if len(same_rows) < _MIN_REPEATS:
            continue
        counts = [_number_counts(same_rows, index) for index in range(text.count(_NUMBER_MARK))]
        matching = [row for row in same_rows if _counts_pages(row, counts)]
        numbers = sorted({row.page.number for row in matching})
        if len(numbers) >= _MIN_REPEATS and len(numbers) >= _MIN_DENSITY * (numbers[-1] - numbers[0] + 1):
            repeated += matching
    return repeated


def _counts_pages(row: _Row, counts: list[tuple[Counter[int], Counter[int]]]) -> bool:
    """Whether each number of the row is the same in other rows, or increases with the pages as it does in them."""
    counts_pages = False
    for number, (constant, page_distances) in zip(row.numbers, counts, strict=False):
        is_steady = page_distances[number - row.page.number] >= _MIN_REPEATS
        counts_pages = counts_pages or is_steady
        if not is_steady and constant[number] < _MIN_REPEATS:
            return False
    return counts_pages or not row.is_page_number


def _number_counts(rows: list[_Row], index: int) -> tuple[Counter[int], Counter[int]]:
    """How often the number at this index of the text has each value, and each difference from its page number."""
    return (
        Counter([row.numbers[index] for row in rows]),
        Counter([row.numbers[index] - row.page.number for row in rows]),
    )


def _outermost(rows: list[_Row], body_height: float) -> list[_Row]:
    """The repeated rows without another row between them and the edge, except the first occurrence of a row that may be
    a title or the header of a table."""
    removed: list[_Row] = []
    ranks: Counter[int] = Counter()
    kept_texts: set[str] = set()
    for row in rows:
        if row.is_repeated and ranks[row.page.number] == row.rank:
            ranks[row.page.number] += 1
            is_large = max(line.height for line in row.lines) > _LARGE_TYPE * body_height
            is_table = sum([len(line.cells()) for line in row.lines]) >= _MIN_TABLE_COLUMNS and not row.numbers
            if (is_large or is_table) and row.text not in kept_texts:
                kept_texts.add(row.text)
                continue
            removed.append(row)
    return removed


def _by_page(rows: Iterable[_Row]) -> dict[int, set[int]]:
    ids_by_page: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        ids_by_page[row.page.number].update(id(line) for line in row.lines)
    return ids_by_page


def _counts(removed: list[_Row]) -> Iterable[Dropped]:
    kinds: tuple[DroppedKind, ...] = ("page-number", "running-header")
    for kind in kinds:
        rows = [row for row in removed if row.is_page_number == (kind == "page-number")]
        if rows:
            characters = sum([len(text) for row in rows for line in row.lines for text in line.texts])
            yield Dropped(kind, len(rows), characters)


def _roman(text: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in text.casefold()]
    return sum(
        [-value if value < following else value for value, following in zip(values, [*values[1:], 0], strict=True)]
    )
