"""How many tokens a span of a document has, from one tokenisation of the whole."""

from typing import Literal

import numpy as np

from knowligo_index.chunking.read_text import ReadText
from knowligo_index.encoders.protocol import TokenCounter
from knowligo_index.system.arrays import IntVector

Spelled = Literal["no word", "long words", "all words"]

# To WordPiece any word of more than 100 characters is one [UNK]. Measured so, a megabyte of base64 would be one
# passage of one token, and so would one of link definitions, of which nothing is read. No real text averages this many
# characters a token.
_MAX_CHARS_A_TOKEN = 40


class Measure:
    """Token counts of what is read of spans of one text, without special tokens.

    Tokenisers that see across a cut may count a token more or less once the span stands alone; the chunker counts
    every finished input again, so this only has to be close. Where it was not, words are counted as if they were
    spelt, each character a token: no tokenizer needs many more.
    """

    def __init__(self, text: str, read: ReadText, counter: TokenCounter, spelled: Spelled = "no word") -> None:
        self.text = text
        self._read = read
        self._starts = counter.token_starts(read.text)
        if spelled == "long words":
            self._starts = _with_long_tokens_spelled(self._starts, len(read.text))
        elif spelled == "all words":
            self._starts = np.arange(len(read.text), dtype=np.int64)

    def read(self, start: int, end: int) -> str:
        """What is read of text[start:end], without the white space at its ends."""
        return self._read.of(start, end).strip()

    def is_blank(self, start: int, end: int) -> bool:
        """Whether nothing is read of text[start:end]."""
        return not self.read(start, end)

    def tokens(self, start: int, end: int) -> int:
        first, last = np.searchsorted(self._starts, (self._read.place(start), self._read.place(end)))
        return max(int(last - first), -(-(end - start) // _MAX_CHARS_A_TOKEN))

    def reach(self, start: int, end: int, limit: int) -> int:
        """The last offset up to `end` such that text[start:offset] has at most `limit` tokens, and at least one
        character."""
        first = int(np.searchsorted(self._starts, self._read.place(start)))
        offset = min(end, start + limit * _MAX_CHARS_A_TOKEN)
        if first + limit < len(self._starts):
            offset = min(offset, self._read.offset(int(self._starts[first + limit])))
        return max(offset, start + 1)


def _with_long_tokens_spelled(starts: IntVector, length: int) -> IntVector:
    """A token of up to `_MAX_CHARS_A_TOKEN` characters as it is, and of each other one every character."""
    ends = np.append(starts[1:], length)
    places = [
        np.arange(start, end, dtype=np.int64) if end - start > _MAX_CHARS_A_TOKEN else np.array([start], dtype=np.int64)
        for start, end in zip(starts, ends, strict=True)
    ]
    return np.concatenate(places) if places else starts
