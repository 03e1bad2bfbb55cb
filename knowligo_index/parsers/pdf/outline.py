"""The outline of a PDF: its entries become the headings of the document, at the lines with their titles.

It is read by PDFium, which takes 10 ms for 451 entries (pypdf: 350 ms) and gives one entry at a time, so that their
number can be limited before all of them are in memory.
"""

import re
import unicodedata
from collections.abc import Mapping, Set
from dataclasses import dataclass
from itertools import islice

import pypdfium2

from knowligo_index.parsers.hidden import without_hidden
from knowligo_index.parsers.pdf.lines import Line
from knowligo_index.parsers.pdf.page import Page

MAX_ENTRIES = 10_000
_MAX_DEPTH = 12
_MAX_LINES = 3  # of one heading
_MAX_TITLE_CHARACTERS = 500
# A line may be longer than the title by a section number and by the characters between its words.
_EXTRA_CHARACTERS = 40
_MAX_MATCHES = 100  # of one title on one page

# A destination is in the line of the heading, or at most this far below its bottom.
_MAX_BELOW = 0.8  # heights of a line

_NUMBER = re.compile(
    r"\s*(?:(?:cap[íi]tulo|chapter|kapitel|anexo|ap[ée]ndice|appendix|parte|part|secci[óo]n|section)\s+)?"
    r"(?:\d{1,3}(?:\.\d{1,3}){0,8}|[A-Z](?:\.\d{1,3}){1,8}|[ivxlcIVXLC]{1,7}(?=[.):]))[.):]?\s+",
    re.IGNORECASE,
)

# The first letter or digit of a text, if neither normalization nor a combining mark after it can change it.
_HEAD = re.compile("[\\x00-/:-@\\[-`{-\\x7f]*([0-9A-Za-z])(?=[\\x00-\\u024f]|\\Z)")


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the outline."""

    title: str
    level: int
    """from 1 to 6"""
    page: int
    """from 1; 0 if it has no destination"""
    top: float | None
    """height of the destination in points from the bottom of the page; None if the entry does not give it"""


def read_outline(document: "pypdfium2.PdfDocument") -> tuple[list[Entry], str]:
    """The entries in order, and a warning if there are too many."""
    entries: list[Entry] = []
    for mark in islice(document.get_toc(max_depth=_MAX_DEPTH), MAX_ENTRIES):
        title = " ".join(without_hidden(mark.get_title() or "")[0].split())[:_MAX_TITLE_CHARACTERS]
        target = mark.get_dest()
        page = target.get_index() if target is not None else None
        top = None
        if target is not None and page is not None:
            mode, view = target.get_view()
            if mode == pypdfium2.raw.PDFDEST_VIEW_XYZ and len(view) > 1:
                top = view[1]
            elif mode in (pypdfium2.raw.PDFDEST_VIEW_FITH, pypdfium2.raw.PDFDEST_VIEW_FITBH) and view:
                top = view[0]
        if title:
            entries.append(Entry(title, min(mark.level + 1, 6), 0 if page is None else page + 1, top))
    warning = f"only the first {MAX_ENTRIES} entries of the outline were read" if len(entries) == MAX_ENTRIES else ""
    return entries, warning


def mark_headings(entries: list[Entry], pages: Mapping[int, tuple[Page, list[list[Line]]]]) -> int:
    """Mark the line of each entry as a heading; returns the number of entries without such a line.

    `pages`: by number, each page with its regions in reading order.
    """
    missing = 0
    max_characters = max([len(entry.title) for entry in entries], default=0) + _EXTRA_CHARACTERS
    titles_by_page: dict[int, set[str]] = {}
    for entry in entries:
        titles_by_page.setdefault(entry.page, set()).update(_compared_forms(entry.title))
    matches_by_page = {
        number: _matches_on(pages[number][1], max_characters, titles - {""})
        for number, titles in titles_by_page.items()
        if number in pages
    }
    for entry in entries:
        page = pages.get(entry.page)
        missing += page is None or not _mark(entry, page[0], matches_by_page[entry.page])
    return missing


def _matches_on(regions: list[list[Line]], max_characters: int, titles: Set[str]) -> dict[str, list[list[Line]]]:
    """The runs of one to three lines on a page whose text, in the form in which it is compared, is one of `titles`."""
    matches: dict[str, list[list[Line]]] = {}
    initials = "".join({title[0] for title in titles})
    for region in regions:
        texts = [line.text for line in region]
        for first_line, text in enumerate(texts):
            if len(text) > max_characters or not _may_begin(text, initials):
                continue
            with_number = without_number = ""
            for last_line in range(first_line, min(first_line + _MAX_LINES, len(region))):
                if len(texts[last_line]) > max_characters:
                    break
                line_titles = _compared_forms(texts[last_line])
                with_number, without_number = (
                    with_number + line_titles[0],
                    without_number + line_titles[1 if last_line == first_line else 0],
                )
                for title in {with_number, without_number} & titles:
                    matches.setdefault(title, []).append(region[first_line : last_line + 1])
    return matches


def _may_begin(text: str, initials: str) -> bool:
    """Whether the compared form of the text may begin with one of these letters; a fast check, since most lines are not
    headings."""
    head = _HEAD.match(text)
    if head is None or head.group(1).casefold() in initials:
        return True
    number = _NUMBER.match(text)
    head = _HEAD.match(text, number.end()) if number else head
    return head is None or head.group(1).casefold() in initials


def _mark(entry: Entry, page: Page, matches: dict[str, list[list[Line]]]) -> bool:
    """Mark the lines of an entry as a heading; whether there are such lines."""
    titles = dict.fromkeys(_compared_forms(entry.title))
    candidates = [lines for title in titles for lines in matches.get(title, [])[:_MAX_MATCHES]]
    candidates = [lines for lines in candidates if not any(line.level for line in lines)]
    if not candidates:
        return False
    top = None if entry.top is None else page.height - entry.top
    lines = next((lines for lines in candidates if top is None or _is_at(lines[0], top)), candidates[0])
    for line in lines:
        line.level = -1
    lines[0].level, lines[0].label = entry.level, entry.title
    return True


def _is_at(line: Line, top: float) -> bool:
    return line.bottom + _MAX_BELOW * line.height > top


def _compared_forms(text: str) -> tuple[str, str]:
    """The forms in which titles are compared: only letters and digits, with and without the section number."""
    with_number, number = _letters(text), _NUMBER.match(text)
    return with_number, _letters(text[number.end() :]) if number else with_number


def _letters(text: str) -> str:
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return "".join(filter(str.isalnum, folded.casefold()))
