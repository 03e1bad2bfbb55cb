"""Running headers, running footers and page numbers, which are on the paper and not in the document.

A row at the upper or lower edge of a page is one if the same text stands at the same height on at least three pages,
on four of ten pages or more from the first of them to the last; if rows like it stand there on half of the pages that
have text; and if its numbers stay the same or count the pages. In a document of less than four pages nothing is.
What is set in larger type, or has the columns of a table, stays where it stands first.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

from knowligo_index.parsers.pdf.lines import Line, Page
from knowligo_index.types import Dropped, DroppedKind

LEAST_PAGES = 4
_LEAST_REPEATS = 3
_LEAST_DENSITY = 0.4
_LEAST_COVERAGE = 0.5
_EDGE = 0.18  # of the page's height
_EDGE_ROWS = 3
_SAME_HEIGHT = 4.0  # points
_LARGE = 1.25  # heights of the body's lines
_LEAST_TABLE_COLUMNS = 3

# Stands for a number; no text has it.
_MARK = "\0"
_NUMBER = re.compile(r"\d+")
_ROMAN = re.compile(r"[ivxlc]{1,8}", re.IGNORECASE)
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_OF_PAGE_NUMBERS = re.compile(
    r"(?:p[áa]gina|p[áa]gs?\.?|page|pg\.?|p\.|seite|hoja|folio|de|of|von|sur|[-–—|/·•.()\[\]]|\0|\s)*"
)


@dataclass(slots=True)
class _Row:
    """Lines on one base line at the edge of a page."""

    page: Page
    lines: list[Line]
    rank: int
    """0 for the outermost"""
    text: str = ""
    """with a mark for each number"""
    numbers: list[int] = field(default_factory=list)
    repeats: bool = False

    def __post_init__(self) -> None:
        text = " ".join([line.text for line in sorted(self.lines, key=lambda line: line.left)])
        text = " ".join(text.casefold().split())[:400]
        words = text.split(" ")
        for place in (0, -1):
            if _ROMAN.fullmatch(words[place]):
                words[place] = str(_roman(words[place]))
        text = " ".join(words)
        self.numbers = [int(number[:9]) for number in _NUMBER.findall(text)]
        self.text = _NUMBER.sub(_MARK, text)

    @property
    def middle(self) -> float:
        return self.lines[0].middle

    @property
    def is_page_number(self) -> bool:
        return _MARK in self.text and _OF_PAGE_NUMBERS.fullmatch(self.text) is not None


def remove_furniture(pages: list[Page]) -> list[Dropped]:
    """Take furniture out of the pages' lines; how much of it there was."""
    written = [page for page in pages if page.lines and not page.by_pypdf]
    if len(written) < LEAST_PAGES:
        return []
    body = median([line.height for page in written for line in page.lines])
    removed: list[_Row] = []
    for at_top in (True, False):
        rows = [row for page in written for row in _edge_rows(page, at_top)]
        _find_repeats(rows, len(written))
        removed += _outermost(rows, body)
    if sum([len(row.lines) for row in removed]) >= sum([len(page.lines) for page in written]):
        # Pages that are all the same say something all the same.
        return []
    for page_number, lines in _by_page(removed).items():
        page = pages[page_number - 1]
        page.had_text = True
        page.lines = [line for line in page.lines if id(line) not in lines]
    return list(_counts(removed))


def _edge_rows(page: Page, at_top: bool) -> list[_Row]:
    limit = _EDGE * page.height
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
    return [_Row(page, each, rank) for rank, each in enumerate(rows)]


def _find_repeats(rows: list[_Row], pages: int) -> None:
    places: dict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        places[round(row.middle / _SAME_HEIGHT)].append(row)
    for place in places:
        # A height next to the border of two places is in both.
        near = [row for each in (place - 1, place, place + 1) for row in places.get(each, [])]
        found = _repeats(near)
        if len({row.page.number for row in found}) >= _LEAST_COVERAGE * pages:
            for row in found:
                row.repeats = True


def _repeats(rows: list[_Row]) -> list[_Row]:
    texts: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        texts[row.text].append(row)
    found: list[_Row] = []
    for text, same in texts.items():
        if len(same) < _LEAST_REPEATS:
            continue
        tallies = [_tallies(same, place) for place in range(text.count(_MARK))]
        kept = [row for row in same if _counts_pages(row, tallies)]
        on = sorted({row.page.number for row in kept})
        if len(on) >= _LEAST_REPEATS and len(on) >= _LEAST_DENSITY * (on[-1] - on[0] + 1):
            found += kept
    return found


def _counts_pages(row: _Row, tallies: list[tuple[Counter[int], Counter[int]]]) -> bool:
    """Whether each number of the row is one that other rows have, or goes up with the pages as theirs do."""
    counting = False
    for number, (constant, steady) in zip(row.numbers, tallies, strict=False):
        counts = steady[number - row.page.number] >= _LEAST_REPEATS
        counting = counting or counts
        if not counts and constant[number] < _LEAST_REPEATS:
            return False
    return counting or not row.is_page_number


def _tallies(same: list[_Row], place: int) -> tuple[Counter[int], Counter[int]]:
    """How often each number stands at this place of the text, and each distance of it from the page's own number."""
    return (
        Counter([row.numbers[place] for row in same]),
        Counter([row.numbers[place] - row.page.number for row in same]),
    )


def _outermost(rows: list[_Row], body: float) -> list[_Row]:
    """Of the rows that repeat, those with no other row between them and the edge, but the first of those that may
    be a title or the head of a table."""
    removed: list[_Row] = []
    ranks: Counter[int] = Counter()
    seen: set[str] = set()
    for row in rows:
        if row.repeats and ranks[row.page.number] == row.rank:
            ranks[row.page.number] += 1
            large = max(line.height for line in row.lines) > _LARGE * body
            table = sum([len(line.cells()) for line in row.lines]) >= _LEAST_TABLE_COLUMNS and not row.numbers
            if (large or table) and row.text not in seen:
                seen.add(row.text)
                continue
            removed.append(row)
    return removed


def _by_page(rows: Iterable[_Row]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for row in rows:
        found[row.page.number].update(id(line) for line in row.lines)
    return found


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
