"""Citations: marks such as [2] or [1, 3] in an answer, which refer to passages by their numbers."""

import re

# Some models write marks in lenticular brackets, and after a dagger the part of the passage that they refer to. What is
# longer than these limits is no mark: without them the time would grow with the square of the text's length.
_MARK = re.compile(r"[\[【]\s{0,20}(\d{1,3}(?:\s{0,20}[,;]\s{0,20}\d{1,3}){0,50})\s{0,20}(?:†[^\]】\n]{0,200})?[\]】]")
_INCOMPLETE_MARK = re.compile(r"[\[【][\d\s,;]*+(?:†[^\]】\n]*+)?")
_MAX_MARK_CHARACTERS = 500

_BLANKS = " \t"


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
        end = _end_of_complete_text(text)
        self._pending = text[end:]
        return self._checked(text[:end])

    def end(self) -> str:
        """The rest of the text. Call it when there are no more pieces."""
        text, self._pending = self._pending, ""
        return self._checked(text)

    def _checked(self, text: str) -> str:
        parts: list[str] = []
        position = 0
        for match in _MARK.finditer(text):
            before, mark = text[position : match.start()], self._checked_mark(match[1])
            # With a mark that is removed go the blanks before it.
            parts.append(before + mark if mark else before.rstrip(_BLANKS))
            position = match.end()
        return "".join(parts) + text[position:]

    def _checked_mark(self, numbers_text: str) -> str:
        numbers = [int(number) for number in re.findall(r"\d+", numbers_text)]
        passages = [number for number in numbers if 1 <= number <= self._passages]
        self._cited.update(dict.fromkeys(passages))
        self._unknown.update(dict.fromkeys(number for number in numbers if number not in passages))
        return f"[{', '.join(map(str, passages))}]" if passages else ""


def _end_of_complete_text(text: str) -> int:
    """Where the beginning of a mark starts at the end of the text, or the blanks do that may come before one.

    The length of the text where there is neither."""
    end = len(text)
    for start in range(max(0, end - _MAX_MARK_CHARACTERS), end):
        if text[start] in "[【" and _INCOMPLETE_MARK.fullmatch(text, start):
            end = start
            break
    return len(text[:end].rstrip(_BLANKS))
