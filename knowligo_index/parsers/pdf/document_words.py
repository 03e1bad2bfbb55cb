"""The words of a document, which decide whether a word that was cut at the end of a line keeps its hyphen."""

import re
from collections.abc import Sequence
from functools import cached_property

_WITH_HYPHEN = re.compile(r"(?<![^\W\d_])[^\W\d_]++-[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+")

# Searching for so many words one by one takes less time than splitting a long document into words.
_MAX_SEARCHES = 20


class DocumentWords:
    """The words of the texts of a document. The texts are split into words only when that is needed."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._searches = 0

    def has_hyphen(self, first: str, second: str) -> bool:
        """Whether the document has the two parts with a hyphen elsewhere, and nowhere as one word."""
        return f"{first}-{second}".casefold() in self._with_hyphen and not self._has(f"{first}{second}".casefold())

    def _has(self, word: str) -> bool:
        self._searches += 1
        if self._searches > _MAX_SEARCHES:
            return word in self._plain
        return any(word in text and word in _WORD.findall(text) for text in self._folded)

    @cached_property
    def _folded(self) -> list[str]:
        return [text.casefold() for text in self._texts]

    @cached_property
    def _with_hyphen(self) -> frozenset[str]:
        tokens = [token for text in self._texts if "-" in text for token in text.split() if "-" in token]
        return frozenset(_WITH_HYPHEN.findall(" ".join(tokens).casefold()))

    @cached_property
    def _plain(self) -> frozenset[str]:
        return frozenset([word for text in self._folded for word in _WORD.findall(text)])
