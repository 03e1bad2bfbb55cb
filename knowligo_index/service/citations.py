"""Citations: marks such as [2] or [1, 3] in an answer, which refer to passages by their numbers."""

import re

# Some models write marks in lenticular brackets, and after a dagger the part of the passage that they refer to.
_MARK = re.compile(r"[ \t]*[\[【]\s*(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\s*(?:†[^\]】\n]*)?[\]】]")

# The beginning of a mark, or the space before one, at the end of the text so far.
_INCOMPLETE_MARK = re.compile(r"[ \t]*[\[【][\d\s,;]*(?:†[^\]】\n]*)?\Z|[ \t]+\Z")


class CitationFilter:
    """Removes marks that refer to no passage from an answer that comes in pieces, and collects the numbers that the
    answer cites. The result does not depend on where the answer is cut into pieces."""

    def __init__(self, passages: int) -> None:
        self._passages = passages
        self._pending = ""
        self._cited: dict[int, None] = {}
        self._unknown: dict[int, None] = {}

    @property
    def cited(self) -> list[int]:
        """Numbers of the cited passages, in the order of their first mark."""
        return list(self._cited)

    @property
    def unknown(self) -> list[int]:
        """Cited numbers that are of no passage, in the order of their first mark."""
        return list(self._unknown)

    def feed(self, piece: str) -> str:
        """The text that can be shown, up to a mark that may be incomplete."""
        text = self._pending + piece
        incomplete_mark = _INCOMPLETE_MARK.search(text)
        end = incomplete_mark.start() if incomplete_mark else len(text)
        self._pending = text[end:]
        return self._checked(text[:end])

    def end(self) -> str:
        """The rest of the text. Call it when there are no more pieces."""
        text, self._pending = self._pending, ""
        return self._checked(text)

    def _checked(self, text: str) -> str:
        return _MARK.sub(self._checked_mark, text)

    def _checked_mark(self, match: re.Match[str]) -> str:
        numbers = [int(number) for number in re.findall(r"\d+", match[1])]
        passages = [number for number in numbers if 1 <= number <= self._passages]
        self._cited.update(dict.fromkeys(passages))
        self._unknown.update(dict.fromkeys(number for number in numbers if number not in passages))
        space = re.match(r"[ \t]*", match[0])
        return f"{space[0] if space else ''}[{', '.join(map(str, passages))}]" if passages else ""
