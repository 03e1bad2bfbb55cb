"""The words of a page as the file draws them, from its text and the places of its characters.

Of a word only the first and the last character are asked for. What is the same for every word is done for all words of
a page at once, in arrays: a document has hundreds of thousands of them.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowligo_index.parsers.hidden import without_hidden
from knowligo_index.parsers.pdf.boxes import Box, Boxes, Frame, are_apart, around, boxes_of, is_level
from knowligo_index.parsers.pdf.lines import DrawnWords, Page, Word
from knowligo_index.system.arrays import IntVector

# PDFium writes U+FFFE for a hyphen at the end of a line and leaves the line end out.
_CUT = "\ufffe"
BETWEEN_WORDS = " \t\r\n\x0b\x0c\x85\u2028\u2029" + _CUT
# White space that separates no words: there may be words of it alone.
_WITHIN_WORDS = "\x1c\x1d\x1e\x1f\xa0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))

# Wingdings, Symbol and their like have their bullets here, and no map to Unicode.
_BULLETS = str.maketrans(dict.fromkeys("\uf0b7\uf0a7\uf0a8\uf076\uf0d8\uf0fc\uf06c\uf06e\uf071\uf02d\uf0e8", "•"))

# A page of these has nothing hidden, and no pattern has to look for it.
_SEEN = frozenset("\t\n\r\x0c–—‘’“”•…€" + _CUT).union(
    map(chr, [*range(0x20, 0x7F), *range(0xA0, 0xAD), *range(0xAE, 0x250)])
)

# What a character is, by its code; those beyond U+FFFF are looked up as that one, which no text has.
_LAST = 0xFFFF
_BETWEEN, _WITHIN, _ENDS_LINE, _BULLET, _UNKNOWN = 1, 2, 4, 8, 16
_CLASSES = np.full(_LAST + 1, _UNKNOWN, np.uint8)
_CLASSES[[ord(character) for character in _SEEN]] = 0
_CLASSES[[ord(character) for character in BETWEEN_WORDS]] |= _BETWEEN
_CLASSES[[ord(character) for character in _WITHIN_WORDS]] |= _WITHIN
_CLASSES[[ord("\n"), ord(_CUT)]] |= _ENDS_LINE
_CLASSES[list(_BULLETS)] |= _BULLET


def words_of(page: Page, text_page: object, frame: Frame) -> DrawnWords:
    """The words of a page whose text is in `raw`, in the order in which it is drawn."""
    codes = np.frombuffer(page.raw.encode("utf-32-le", "surrogatepass"), np.uint32)
    classes = _CLASSES[np.minimum(codes, _LAST)]
    present = int(np.bitwise_or.reduce(classes)) if len(classes) else 0
    text = page.raw.translate(_BULLETS) if present & _BULLET else page.raw
    texts, starts, ends = _spans(text, classes, bool(present & _WITHIN))
    both = boxes_of(text_page, np.concatenate((starts, ends - 1)), frame)
    first, last = both[:, : len(texts)], both[:, len(texts) :]
    all_seen = not present & _UNKNOWN or len(without_hidden(text)[0]) == len(text)
    boxes = _around(first, last, all_seen)
    line_ends = np.flatnonzero(classes & _ENDS_LINE)
    rows = np.searchsorted(line_ends, starts)
    apart = (first[3] <= last[1]) | (last[3] <= first[1])
    odd = apart if all_seen else apart | _may_hide(texts)
    if odd.any():
        words = [[Word(*values)] for values in zip(texts, *boxes.tolist(), strict=True)]
        for place in np.flatnonzero(odd).tolist():
            words[place] = _mended(page, words[place][0], apart[place], text_page, int(starts[place]), frame)
        rows = np.repeat(rows, list(map(len, words)))
        texts = [word.text for parts in words for word in parts]
        boxes = np.array([word[1:] for parts in words for word in parts], np.float64).reshape(-1, 4).T
    cut = np.append(codes[line_ends] == ord(_CUT), False)[rows]
    return DrawnWords(texts, boxes, rows, cut)


def _may_hide(texts: list[str]) -> NDArray[np.bool_]:
    """Whether each of the words has a character that is hidden, or that is where there are two of it."""
    hidden = {each for each in set("".join(texts)) - _SEEN if len(without_hidden(2 * each)[0]) < 2}
    return ~np.array([hidden.isdisjoint(text) for text in texts], np.bool_)


def _spans(text: str, classes: NDArray[np.uint8], blank_words: bool) -> tuple[list[str], IntVector, IntVector]:
    """Words, and where each begins and ends; but not those of white space alone, if there may be some."""
    inside = np.zeros(len(classes) + 2, np.bool_)
    np.equal(classes & _BETWEEN, 0, out=inside[1:-1])
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    starts, ends = edges[0::2], edges[1::2]
    if not blank_words:
        return text.replace(_CUT, " ").split(), starts, ends
    words = [text[start:end] for start, end in zip(starts.tolist(), ends.tolist(), strict=True)]
    if True not in map(str.isspace, words):
        return words, starts, ends
    kept = np.array([not word.isspace() for word in words], np.bool_)
    return [word for word in words if not word.isspace()], starts[kept], ends[kept]


def _around(first: Boxes, last: Boxes, all_seen: bool) -> Boxes:
    """The box of each word, by those of its first and its last character."""
    boxes = np.minimum(first, last)
    np.maximum(first[2:], last[2:], out=boxes[2:])
    if all_seen:
        # Along a line a word ends where its last character does, though an accent may be narrower than its letter.
        along = (first[1] == last[1]) & (first[3] == last[3]) & (first[0] <= last[0])
        np.copyto(boxes[2], last[2], where=along)
    return boxes


def _mended(page: Page, word: Word, apart: bool, text_page: object, start: int, frame: Frame) -> list[Word]:
    """The word without hidden characters; as several, where its ends are apart."""
    text, hidden = without_hidden(word.text)
    page.hidden_format += hidden
    if apart and len(text) == len(word.text) and is_level(text_page, start, frame):
        return _parts(text, boxes_of(text_page, np.arange(start, start + len(text)), frame).T.tolist())
    return [word._replace(text=text)] if text else []


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
