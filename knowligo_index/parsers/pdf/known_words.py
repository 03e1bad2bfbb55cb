"""The words of a document, which tell how one was cut at the end of a line."""

import re
from collections.abc import Sequence
from functools import cached_property

_WITH_HYPHEN = re.compile(r"[^\W\d_]+-[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+")


# To look for so many words one by one takes less time than to find all words of a long document.
_FEW = 20


class KnownWords:
    """The words of these texts. They are looked for when one is first asked about."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts
        self._asked = 0

    def has_hyphen(self, first: str, second: str) -> bool:
        """Whether the document has the two with a hyphen between them elsewhere, and as one word nowhere."""
        return f"{first}-{second}".casefold() in self._with_hyphen and not self._has(f"{first}{second}".casefold())

    def _has(self, word: str) -> bool:
        self._asked += 1
        if self._asked > _FEW:
            return word in self._plain
        return any(word in text and word in _WORD.findall(text) for text in self._folded)

    @cached_property
    def _folded(self) -> list[str]:
        return [text.casefold() for text in self._texts]

    @cached_property
    def _with_hyphen(self) -> frozenset[str]:
        near = [token for text in self._texts if "-" in text for token in text.split() if "-" in token]
        return frozenset(_WITH_HYPHEN.findall(" ".join(near).casefold()))

    @cached_property
    def _plain(self) -> frozenset[str]:
        return frozenset([word for text in self._folded for word in _WORD.findall(text)])
