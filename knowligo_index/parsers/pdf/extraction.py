"""The lines of a page, by PDFium.

PDFium is asked for the text of a page in one call, and then for the box of each word's first and last character: a
call for each character would take three times as long.
"""

import ctypes
import re
from collections.abc import Iterator, Sequence

import pypdfium2
import pypdfium2.raw as pdfium

from knowligo_index.errors import ParseError
from knowligo_index.parsers.hidden import without_hidden
from knowligo_index.parsers.pdf.annotations import has_annotations
from knowligo_index.parsers.pdf.boxes import Box, Frame, are_apart, around, boxes_of, frame_of, is_level
from knowligo_index.parsers.pdf.drawings import look_at_drawings
from knowligo_index.parsers.pdf.lines import Line, Page, Word

MAX_PAGE_CHARACTERS = 500_000

# PDFium writes U+FFFE for a hyphen at the end of a line and leaves the line end out.
_CUT = "\ufffe"
_LINE_END = re.compile("[\\n\\ufffe]")
_WORD = re.compile("[^ \\t\\r\\n\\x0b\\x0c\\x85\\u2028\\u2029\\ufffe]+")

# Wingdings, Symbol and their like have their bullets here, and no map to Unicode.
_BULLETS = str.maketrans(dict.fromkeys("\uf0b7\uf0a7\uf0a8\uf076\uf0d8\uf0fc\uf06c\uf06e\uf071\uf02d\uf0e8", "•"))

_SYMBOL = re.compile("[\uf000-\uf0ff]")

_SMALLEST_TYPE = 1.0  # points


def read_page(document: "pypdfium2.PdfDocument", index: int) -> Page:
    """The page at `index` (from 0). Raises pypdfium2.PdfiumError where PDFium cannot load it, ParseError where it
    holds more than a page may."""
    page = document[index]
    try:
        text_page = page.get_textpage()
        try:
            return _read(page, text_page, index + 1)
        finally:
            text_page.close()
    finally:
        page.close()


def _read(source: "pypdfium2.PdfPage", text_page: "pypdfium2.PdfTextPage", number: int) -> Page:
    frame = frame_of(source)
    page = Page(number, *frame.size)
    page.raw = _text_of(text_page, number)
    page.lines = list(_lines(page, text_page.raw, frame))
    drawings = look_at_drawings(source.raw, page.width * page.height)
    page.images, page.image_share, page.drawings = drawings.images, drawings.image_share, drawings.lines
    if drawings.unseen:
        page.hidden = _unseen_words(text_page.raw, page.raw, drawings.unseen)
    for line in page.lines:
        if line.left < 0 or line.top < 0 or line.right > page.width or line.bottom > page.height:
            page.outside += sum([len(word.text) for word in line.words if _is_outside(word, page)])
        elif 0 < line.height < _SMALLEST_TYPE:
            page.hidden += len(line.text)
    page.annotated = has_annotations(source.raw)
    return page


def _text_of(text_page: "pypdfium2.PdfTextPage", number: int) -> str:
    count = text_page.count_chars()
    if count > MAX_PAGE_CHARACTERS:
        raise ParseError("expands-too-much", f"page {number} holds {count} characters: split the file, or leave it out")
    text = text_page.get_text_range() if count else ""
    if len(text) != count:
        # PDFium leaves some characters out of the text: then places in it are not places on the page.
        get, handle = pdfium.FPDFText_GetUnicode, text_page.raw
        text = "".join([_character(get(handle, place)) for place in range(count)])
    return text


def _character(code: int) -> str:
    return chr(code) if code < 0x110000 else "\ufffd"


def _unseen_words(text_page: object, text: str, unseen: set[int]) -> int:
    """How many characters the words have that begin in one of these text objects."""
    count = 0
    for word in _WORD.finditer(text):
        text_object = pdfium.FPDFText_GetTextObject(text_page, word.start())
        if text_object and ctypes.addressof(text_object.contents) in unseen:
            count += word.end() - word.start()
    return count


def _is_outside(word: Word, page: Page) -> bool:
    return word.right < 0 or word.left > page.width or word.bottom < 0 or word.top > page.height


def _lines(page: Page, text_page: object, frame: Frame) -> Iterator[Line]:
    text = page.raw.translate(_BULLETS) if _SYMBOL.search(page.raw) else page.raw
    spans = [word.span() for word in _WORD.finditer(text) if not word.group().isspace()]
    boxes = boxes_of(text_page, [place for start, end in spans for place in (start, end - 1)], frame)
    all_seen = len(without_hidden(text)[0]) == len(text)
    ends = _LINE_END.finditer(text)
    end = next(ends, None)
    words: list[Word] = []
    for number, (start, stop) in enumerate(spans):
        while end is not None and end.start() < start:
            yield from _line(words, end.group() == _CUT)
            words = []
            end = next(ends, None)
        first, last = boxes[2 * number], boxes[2 * number + 1]
        if all_seen and first[1] == last[1] and first[3] == last[3] and first[0] <= last[0]:
            words.append(Word(text[start:stop], first[0], first[1], last[2], first[3]))
            continue
        word, hidden = without_hidden(text[start:stop])
        page.hidden_format += hidden
        if are_apart(first, last) and len(word) == stop - start and is_level(text_page, start, frame):
            words += _parts(word, boxes_of(text_page, range(start, stop), frame))
        elif word:
            words.append(Word(word, *around(first, last)))
    yield from _line(words, end is not None and end.group() == _CUT)


def _parts(text: str, boxes: Sequence[Box]) -> list[Word]:
    """The parts of a word whose characters are on several lines: PDFium takes digits of a column for one number."""
    words: list[Word] = []
    begin, box = 0, boxes[0]
    for place in range(1, len(text)):
        if are_apart(box, boxes[place]):
            words.append(Word(text[begin:place], *box))
            begin, box = place, boxes[place]
        else:
            box = around(box, boxes[place])
    return [*words, Word(text[begin:], *box)]


def _line(words: list[Word], cut: bool) -> Iterator[Line]:
    """The words as a line; as several, where one stands above or below the one that PDFium puts it behind."""
    if cut and words:
        words[-1] = words[-1]._replace(text=words[-1].text + "-")
    begin = 0
    for place in range(1, len(words)):
        before, word = words[place - 1], words[place]
        apart = word.top >= before.bottom or word.bottom <= before.top
        # Text that runs up or down the page is as high as it is long.
        if apart and word.bottom - word.top <= 2 * (word.right - word.left) + _SMALLEST_TYPE:
            yield Line(words[begin:place])
            begin = place
    if words:
        yield Line(words[begin:], cut)
