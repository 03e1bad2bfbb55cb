"""How many tokens a span of a document has, computed from one tokenization of the whole document."""

from typing import Literal

import numpy as np

from knowligo_index.chunking.visible_text import VisibleText
from knowligo_index.encoders.protocol import TokenCounter
from knowligo_index.system.arrays import IntVector

SpelledWords = Literal["no word", "long words", "all words"]
"""which words are counted with one token for each character"""

# WordPiece turns any word of more than 100 characters into one [UNK]. Without this limit a megabyte of base64 would be
# a passage of one token, and so would a megabyte of link definitions, which have no visible text. No real text has so
# many characters for each token on average.
_MAX_CHARACTERS_PER_TOKEN = 40


class Measure:
    """Token counts of the visible text of spans, without special tokens.

    Some tokenizers merge characters across a cut, so that a span alone may have a token more or less than it has within
    the document. The chunker counts every finished input again; the counts here only have to be close. If they were
    not, a document is measured again with `spelled_words`: no tokenizer needs many more tokens than characters.
    """

    def __init__(
        self, text: str, visible: VisibleText, counter: TokenCounter, spelled_words: SpelledWords = "no word"
    ) -> None:
        self.text = text
        self._visible = visible
        self._starts = counter.token_starts(visible.text)
        if spelled_words == "long words":
            self._starts = _with_long_tokens_spelled(self._starts, len(visible.text))
        elif spelled_words == "all words":
            self._starts = np.arange(len(visible.text), dtype=np.int64)

    def visible(self, start: int, end: int) -> str:
        """The visible text of text[start:end], without white space at its ends."""
        return self._visible.of_span(start, end).strip()

    def is_blank(self, start: int, end: int) -> bool:
        """Whether text[start:end] has no visible text."""
        return not self.visible(start, end)

    def tokens(self, start: int, end: int) -> int:
        """The number of tokens of text[start:end]."""
        first, last = np.searchsorted(self._starts, (self._visible.position_of(start), self._visible.position_of(end)))
        return max(int(last - first), -(-(end - start) // _MAX_CHARACTERS_PER_TOKEN))

    def fitting_end(self, start: int, end: int, limit: int) -> int:
        """The last offset up to `end` such that text[start:offset] has at most `limit` tokens; at least start + 1."""
        first = int(np.searchsorted(self._starts, self._visible.position_of(start)))
        offset = min(end, start + limit * _MAX_CHARACTERS_PER_TOKEN)
        if first + limit < len(self._starts):
            offset = min(offset, self._visible.offset_of(int(self._starts[first + limit])))
        return max(offset, start + 1)


def _with_long_tokens_spelled(starts: IntVector, length: int) -> IntVector:
    """The starts of tokens, and of each character in a token longer than `_MAX_CHARACTERS_PER_TOKEN`."""
    ends = np.append(starts[1:], length)
    positions = [
        np.arange(start, end, dtype=np.int64)
        if end - start > _MAX_CHARACTERS_PER_TOKEN
        else np.array([start], dtype=np.int64)
        for start, end in zip(starts, ends, strict=True)
    ]
    return np.concatenate(positions) if positions else starts
