"""Reads the lines of a page, by PDFium.

The text of a page is read in one call, and then the boxes of the first and the last character of each word: a call for
each character would take three times as long.
"""

import ctypes
import re
from collections.abc import Sequence
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from knowligo_index.errors import ParseError
from knowligo_index.parsers.pdf.annotations import has_annotations
from knowligo_index.parsers.pdf.boxes import frame_of
from knowligo_index.parsers.pdf.drawings import read_drawings
from knowligo_index.parsers.pdf.drawn_lines import lines_of
from knowligo_index.parsers.pdf.drawn_words import BETWEEN_WORDS, words_of
from knowligo_index.parsers.pdf.lines import MIN_FONT_SIZE, Word
from knowligo_index.parsers.pdf.page import Page
from knowligo_index.parsers.pdf.pdfium_calls import Handle, reference_to, text_object

MAX_PAGE_CHARACTERS = 500_000

_WORD = re.compile(f"[^{re.escape(BETWEEN_WORDS)}]+")


def read_page(document: "pypdfium2.PdfDocument", index: int) -> Page:
    """The page at `index` (from 0). Raises pypdfium2.PdfiumError if PDFium cannot load it, ParseError if it has too
    many characters."""
    page = _loaded(pdfium.FPDF_LoadPage(document.raw, index))
    try:
        text_page = _loaded(pdfium.FPDFText_LoadPage(page))
        try:
            return _read(page, text_page, index + 1)
        finally:
            pdfium.FPDFText_ClosePage(text_page)
    finally:
        pdfium.FPDF_ClosePage(page)


def put_into_lines(pages: Sequence[Page]) -> None:
    """Group the words of pages into lines, and count the characters that are outside of the page or too small."""
    pages_with_words = [page for page in pages if page.words is not None]
    lines_of_pages = lines_of([page.words for page in pages_with_words if page.words is not None])
    for page, lines in zip(pages_with_words, lines_of_pages, strict=True):
        page.lines, page.words = lines, None
        for line in page.lines:
            if line.left < 0 or line.top < 0 or line.right > page.width or line.bottom > page.height:
                page.outside_characters += sum([len(word.text) for word in line.words if _is_outside(word, page)])
            elif 0 < line.height < MIN_FONT_SIZE:
                page.hidden_characters += len(line.text)


def _loaded(handle: Any) -> Any:
    if not handle:
        raise pypdfium2.PdfiumError("a page cannot be loaded")
    return handle


def _read(source: Any, text_page: Any, number: int) -> Page:
    frame = frame_of(source)
    page = Page(number, *frame.size)
    page.raw_text = _text_of(text_page, number)
    page.words = words_of(page, text_page, frame)
    drawings = read_drawings(source, page.width * page.height)
    page.images, page.image_share, page.drawings = drawings.images, drawings.image_share, drawings.lines_and_areas
    if drawings.unseen:
        page.hidden_characters = _unseen_words(text_page, page.raw_text, drawings.unseen)
    page.has_annotations = has_annotations(source)
    return page


def _text_of(text_page: Any, number: int) -> str:
    count = pdfium.FPDFText_CountChars(text_page)
    if count > MAX_PAGE_CHARACTERS:
        raise ParseError("expands-too-much", f"page {number} has {count} characters: split the file, or leave it out")
    text = ""
    if count > 0 and pdfium.FPDFText_GetTextIndexFromCharIndex(text_page, count - 1) == count - 1:
        buffer = (ctypes.c_ushort * (count + 1))()
        unit_count = pdfium.FPDFText_GetText(text_page, 0, count, buffer)
        text = bytes(buffer)[: 2 * (unit_count - 1)].decode("utf-16-le", "ignore")
    if len(text) != count:
        # PDFium omitted characters from the text, so that an offset in it would not be the index of a character.
        unicode_at = pdfium.FPDFText_GetUnicode
        text = "".join([_character(unicode_at(text_page, index)) for index in range(count)])
    return text


def _character(code: int) -> str:
    return chr(code) if code < 0x110000 else "\ufffd"


def _unseen_words(text_page: object, text: str, unseen: set[Handle]) -> int:
    """The number of characters of the words that begin in one of these text objects."""
    reference = reference_to(text_page)
    words = [word.span() for word in _WORD.finditer(text)]
    return sum([end - start for start, end in words if text_object(reference, start) in unseen])


def _is_outside(word: Word, page: Page) -> bool:
    return word.right < 0 or word.left > page.width or word.bottom < 0 or word.top > page.height
