"""Citations: marks such as [2] or [1, 3] in an answer, which name passages by their numbers."""

import re

# Some models set their marks in lenticular brackets, and put after a dagger where in the passage they read.
_MARK = re.compile(r"[ \t]*[\[【]\s*(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\s*(?:†[^\]】\n]*)?[\]】]")

# What may still become a mark, or the space before one, when more text comes.
_BEGUN = re.compile(r"[ \t]*[\[【][\d\s,;]*(?:†[^\]】\n]*)?\Z|[ \t]+\Z")


class CitationFilter:
    """Takes an answer piece by piece and gives it back without marks that name no passage, which would send the reader
    to nothing; and knows which passages were cited. However the answer is cut into pieces, the result is the same."""

    def __init__(self, passages: int) -> None:
        self._passages = passages
        self._held = ""
        self._cited: dict[int, None] = {}
        self._unknown: dict[int, None] = {}

    @property
    def cited(self) -> list[int]:
        """Numbers of the passages that were cited, in the order of their first mark."""
        return list(self._cited)

    @property
    def unknown(self) -> list[int]:
        """Numbers that were cited and name no passage."""
        return list(self._unknown)

    def feed(self, piece: str) -> str:
        """The text that can be shown now."""
        text = self._held + piece
        begun = _BEGUN.search(text)
        end = begun.start() if begun else len(text)
        self._held = text[end:]
        return self._checked(text[:end])

    def end(self) -> str:
        """The text that was held back until it was known whether a mark would come of it."""
        text, self._held = self._held, ""
        return self._checked(text)

    def _checked(self, text: str) -> str:
        return _MARK.sub(self._mark, text)

    def _mark(self, match: re.Match[str]) -> str:
        numbers = [int(number) for number in re.findall(r"\d+", match[1])]
        known = [number for number in numbers if 1 <= number <= self._passages]
        self._cited.update(dict.fromkeys(known))
        self._unknown.update(dict.fromkeys(number for number in numbers if number not in known))
        space = re.match(r"[ \t]*", match[0])
        return f"{space[0] if space else ''}[{', '.join(map(str, known))}]" if known else ""
