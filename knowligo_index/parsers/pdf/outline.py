"""The outline of a PDF: its entries become the headings of the document, at the lines that they name.

PDFium reads it: 451 entries in 10 ms, where pypdf takes 350, and one after the other, so that their number can be
limited before they are all in memory.
"""

import re
import unicodedata
from collections.abc import Mapping, Set
from dataclasses import dataclass
from itertools import islice

import pypdfium2

from knowligo_index.parsers.hidden import without_hidden
from knowligo_index.parsers.pdf.lines import Line, Page

MAX_ENTRIES = 10_000
_MAX_DEPTH = 12
_MOST_LINES = 3
_MOST_TITLE = 500
# A line is longer than the title by a number, and by what is between its words.
_LONGER = 40
_MOST_PLACES = 100  # on one page, of one title

# The destination is somewhat above the line, or in it.
_ABOVE = 0.8  # heights of a line

_NUMBER = re.compile(
    r"\s*(?:(?:cap[íi]tulo|chapter|kapitel|anexo|ap[ée]ndice|appendix|parte|part|secci[óo]n|section)\s+)?"
    r"(?:\d{1,3}(?:\.\d{1,3}){0,8}|[A-Z](?:\.\d{1,3}){1,8}|[ivxlcIVXLC]{1,7}(?=[.):]))[.):]?\s+",
    re.IGNORECASE,
)


# The first letter or digit, where none of the characters up to it, nor a mark after it, turns into another one.
_HEAD = re.compile("[\\x00-/:-@\\[-`{-\\x7f]*([0-9A-Za-z])(?=[\\x00-\\u024f]|\\Z)")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the outline."""

    title: str
    level: int
    """from 1 to 6"""
    page: int
    """from 1; 0 where it leads to none"""
    top: float | None
    """where on the page, from its bottom; None where the entry does not say"""


def read_outline(document: "pypdfium2.PdfDocument") -> tuple[list[Entry], str]:
    """The entries in order, and a warning where there are too many."""
    entries: list[Entry] = []
    for mark in islice(document.get_toc(max_depth=_MAX_DEPTH), MAX_ENTRIES):
        title = " ".join(without_hidden(mark.get_title() or "")[0].split())[:_MOST_TITLE]
        target = mark.get_dest()
        page = target.get_index() if target is not None else None
        top = None
        if target is not None and page is not None:
            mode, place = target.get_view()
            if mode == pypdfium2.raw.PDFDEST_VIEW_XYZ and len(place) > 1:
                top = place[1]
            elif mode in (pypdfium2.raw.PDFDEST_VIEW_FITH, pypdfium2.raw.PDFDEST_VIEW_FITBH) and place:
                top = place[0]
        if title:
            entries.append(Entry(title, min(mark.level + 1, 6), 0 if page is None else page + 1, top))
    warning = f"only the first {MAX_ENTRIES} entries of the outline were read" if len(entries) == MAX_ENTRIES else ""
    return entries, warning


def mark_headings(entries: list[Entry], pages: Mapping[int, tuple[Page, list[list[Line]]]]) -> int:
    """Mark the line of each entry as a heading; how many entries no line was found for. `pages` by number: each with
    its regions in reading order."""
    missing = 0
    longest = max([len(entry.title) for entry in entries], default=0) + _LONGER
    wanted: dict[int, set[str]] = {}
    for entry in entries:
        wanted.setdefault(entry.page, set()).update(_names(entry.title))
    found = {
        number: _names_on(pages[number][1], longest, names - {""})
        for number, names in wanted.items()
        if number in pages
    }
    for entry in entries:
        page = pages.get(entry.page)
        missing += page is None or not _mark(entry, page[0], found[entry.page])
    return missing


def _names_on(regions: list[list[Line]], longest: int, wanted: Set[str]) -> dict[str, list[list[Line]]]:
    """The lines of the page, one, two and three together, whose text is one of these, as it is compared."""
    found: dict[str, list[list[Line]]] = {}
    initials = "".join({name[0] for name in wanted})
    for region in regions:
        texts = [line.text for line in region]
        for first, text in enumerate(texts):
            if len(text) > longest or not _may_begin(text, initials):
                continue
            whole = bare = ""
            for last in range(first, min(first + _MOST_LINES, len(region))):
                if len(texts[last]) > longest:
                    break
                name_of_line = _names(texts[last])
                whole, bare = whole + name_of_line[0], bare + name_of_line[1 if last == first else 0]
                for name in {whole, bare} & wanted:
                    found.setdefault(name, []).append(region[first : last + 1])
    return found


def _may_begin(text: str, initials: str) -> bool:
    """Whether what is compared of the text may begin with one of these; quickly, since most lines are no headings."""
    head = _HEAD.match(text)
    if head is None or head.group(1).casefold() in initials:
        return True
    number = _NUMBER.match(text)
    head = _HEAD.match(text, number.end()) if number else head
    return head is None or head.group(1).casefold() in initials


def _mark(entry: Entry, page: Page, names: dict[str, list[list[Line]]]) -> bool:
    wanted = _names(entry.title)
    found = [lines for name in dict.fromkeys(wanted) for lines in names.get(name, [])[:_MOST_PLACES]]
    free = [lines for lines in found if not any(line.level for line in lines)]
    if not free:
        return False
    top = None if entry.top is None else page.height - entry.top
    lines = next((lines for lines in free if top is None or _is_at(lines[0], top)), free[0])
    for line in lines:
        line.level = -1
    lines[0].level, lines[0].label = entry.level, entry.title
    return True


def _is_at(line: Line, top: float) -> bool:
    return line.bottom + _ABOVE * line.height > top


def _names(text: str) -> tuple[str, str]:
    """What is compared: letters and digits alone, with the section's number and without."""
    whole, number = _letters(text), _NUMBER.match(text)
    return whole, _letters(text[number.end() :]) if number else whole


def _letters(text: str) -> str:
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return "".join(filter(str.isalnum, folded.casefold()))
