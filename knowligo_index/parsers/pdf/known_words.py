"""The words of a document, which tell how one was cut at the end of a line."""

import re
from collections.abc import Sequence
from functools import cached_property

_WITH_HYPHEN = re.compile(r"[^\W\d_]+-[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]+")


class KnownWords:
    """The words of these texts. They are looked for when one is first asked about."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    def has_hyphen(self, first: str, second: str) -> bool:
        """Whether the document has the two with a hyphen between them elsewhere, and as one word nowhere."""
        return f"{first}-{second}".casefold() in self._with_hyphen and f"{first}{second}".casefold() not in self._plain

    @cached_property
    def _with_hyphen(self) -> frozenset[str]:
        return frozenset([word for text in self._texts for word in _WITH_HYPHEN.findall(text.casefold())])

    @cached_property
    def _plain(self) -> frozenset[str]:
        return frozenset([word for text in self._texts for word in _WORD.findall(text.casefold())])
