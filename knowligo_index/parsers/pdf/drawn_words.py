"""The words of a page as the file draws them, from its text and the boxes of its characters.

Only the boxes of the first and the last character of a word are read. All words of a page are processed at once, in
arrays, since a document has hundreds of thousands of them.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowligo_index.parsers.hidden import without_hidden
from knowligo_index.parsers.pdf.boxes import Box, Boxes, PageFrame, are_apart, around, boxes_of, is_level
from knowligo_index.parsers.pdf.lines import Word
from knowligo_index.parsers.pdf.page import DrawnWords, Page
from knowligo_index.system.arrays import IntVector

# PDFium writes U+FFFE for a hyphen at the end of a line, and no line end.
_LINE_HYPHEN = "\ufffe"
BETWEEN_WORDS = " \t\r\n\x0b\x0c\x85\u2028\u2029" + _LINE_HYPHEN
# White space that does not separate words: there may be words that consist of it.
_WITHIN_WORDS = "\x1c\x1d\x1e\x1f\xa0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))

# Wingdings, Symbol and similar fonts have bullets at these code points, without a map to Unicode.
_BULLETS = str.maketrans(dict.fromkeys("\uf0b7\uf0a7\uf0a8\uf076\uf0d8\uf0fc\uf06c\uf06e\uf071\uf02d\uf0e8", "•"))

# A page with only these characters has no hidden ones, and is not searched for them.
_VISIBLE = frozenset("\t\n\r\x0c–—‘’“”•…€" + _LINE_HYPHEN).union(
    map(chr, [*range(0x20, 0x7F), *range(0xA0, 0xAD), *range(0xAE, 0x250)])
)

# The class of a character, by its code. Codes beyond U+FFFF are looked up as U+FFFF, which no text has.
_LAST = 0xFFFF
_BETWEEN, _WITHIN, _ENDS_LINE, _BULLET, _UNKNOWN = 1, 2, 4, 8, 16
_CLASSES = np.full(_LAST + 1, _UNKNOWN, np.uint8)
_CLASSES[[ord(character) for character in _VISIBLE]] = 0
_CLASSES[[ord(character) for character in BETWEEN_WORDS]] |= _BETWEEN
_CLASSES[[ord(character) for character in _WITHIN_WORDS]] |= _WITHIN
_CLASSES[[ord("\n"), ord(_LINE_HYPHEN)]] |= _ENDS_LINE
_CLASSES[list(_BULLETS)] |= _BULLET


def words_of(page: Page, text_page: object, frame: PageFrame) -> DrawnWords:
    """The words of a page whose text is in `raw_text`, in the order in which they are drawn."""
    codes = np.frombuffer(page.raw_text.encode("utf-32-le", "surrogatepass"), np.uint32)
    classes = _CLASSES[np.minimum(codes, _LAST)]
    present = int(np.bitwise_or.reduce(classes)) if len(classes) else 0
    text = page.raw_text.translate(_BULLETS) if present & _BULLET else page.raw_text
    texts, starts, ends = _spans(text, classes, bool(present & _WITHIN))
    end_boxes = boxes_of(text_page, np.concatenate((starts, ends - 1)), frame)
    first_boxes, last_boxes = end_boxes[:, : len(texts)], end_boxes[:, len(texts) :]
    all_visible = not present & _UNKNOWN or len(without_hidden(text)[0]) == len(text)
    boxes = _word_boxes(first_boxes, last_boxes, all_visible)
    line_ends = np.flatnonzero(classes & _ENDS_LINE)
    rows = np.searchsorted(line_ends, starts)
    is_apart = (first_boxes[3] <= last_boxes[1]) | (last_boxes[3] <= first_boxes[1])
    needs_repair = is_apart if all_visible else is_apart | _may_hide(texts)
    if needs_repair.any():
        words = [[Word(*values)] for values in zip(texts, *boxes.tolist(), strict=True)]
        for index in np.flatnonzero(needs_repair).tolist():
            words[index] = _repaired(page, words[index][0], is_apart[index], text_page, int(starts[index]), frame)
        rows = np.repeat(rows, list(map(len, words)))
        texts = [word.text for word_parts in words for word in word_parts]
        boxes = np.array([word[1:] for word_parts in words for word in word_parts], np.float64).reshape(-1, 4).T
    hyphenated = np.append(codes[line_ends] == ord(_LINE_HYPHEN), False)[rows]
    return DrawnWords(texts, boxes, rows, hyphenated)


def _may_hide(texts: list[str]) -> NDArray[np.bool_]:
    """bool (n,): whether each word has a character that is hidden, alone or in a run."""
    hidden_characters = {
        character for character in set("".join(texts)) - _VISIBLE if len(without_hidden(2 * character)[0]) < 2
    }
    return ~np.array([hidden_characters.isdisjoint(text) for text in texts], np.bool_)


def _spans(text: str, classes: NDArray[np.uint8], blank_words: bool) -> tuple[list[str], IntVector, IntVector]:
    """The words, where each begins, and where each ends; if `blank_words` is set, without words of white space."""
    inside = np.zeros(len(classes) + 2, np.bool_)
    np.equal(classes & _BETWEEN, 0, out=inside[1:-1])
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    starts, ends = edges[0::2], edges[1::2]
    if not blank_words:
        return text.replace(_LINE_HYPHEN, " ").split(), starts, ends
    words = [text[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    if True not in map(str.isspace, words):
        return words, starts, ends
    is_kept = np.array([not word.isspace() for word in words], np.bool_)
    return [word for word in words if not word.isspace()], starts[is_kept], ends[is_kept]


def _word_boxes(first_boxes: Boxes, last_boxes: Boxes, all_visible: bool) -> Boxes:
    """The box of each word, from those of its first and its last character."""
    boxes = np.minimum(first_boxes, last_boxes)
    np.maximum(first_boxes[2:], last_boxes[2:], out=boxes[2:])
    if all_visible:
        # In a level line a word ends at the right of its last character, even if that is a narrow accent.
        is_level_line = (
            (first_boxes[1] == last_boxes[1]) & (first_boxes[3] == last_boxes[3]) & (first_boxes[0] <= last_boxes[0])
        )
        np.copyto(boxes[2], last_boxes[2], where=is_level_line)
    return boxes


def _repaired(page: Page, word: Word, is_apart: bool, text_page: object, start: int, frame: PageFrame) -> list[Word]:
    """The word without hidden characters; as several words if its ends are on different lines."""
    text, hidden = without_hidden(word.text)
    page.format_characters += hidden
    if is_apart and len(text) == len(word.text) and is_level(text_page, start, frame):
        return _parts(text, boxes_of(text_page, np.arange(start, start + len(text)), frame).T.tolist())
    return [word._replace(text=text)] if text else []


def _parts(text: str, boxes: Sequence[Box]) -> list[Word]:
    """The parts of a word whose characters are on several lines: PDFium may join the digits of a column."""
    words: list[Word] = []
    start, box = 0, boxes[0]
    for index in range(1, len(text)):
        if are_apart(box, boxes[index]):
            words.append(Word(text[start:index], *box))
            start, box = index, boxes[index]
        else:
            box = around(box, boxes[index])
    return [*words, Word(text[start:], *box)]
