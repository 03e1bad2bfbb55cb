"""What a search gives: passages, with their places."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from knowligo_index.store.passage import Passage


class _Placed:
    """Knows what stands beside it. No field of a dataclass: what is printed of a hit is what it says."""

    __slots__ = ("_beside",)
    _beside: Callable[[int], Passage | None]

    @property
    def previous(self) -> Passage | None:
        """The passage before it in its document; None at the beginning. Raises ClosedIndexError."""
        return self._beside(-1)

    @property
    def next(self) -> Passage | None:
        """The passage after it in its document; None at the end. Raises ClosedIndexError."""
        return self._beside(1)


@dataclass(frozen=True, slots=True)
class Hit(_Placed):
    """A passage that was found. Lines and pages count from 1, characters from 0; None where they mean nothing."""

    rank: int
    """from 1"""
    score: float
    """hybrid and lexical: evidence, 0 to 1, comparable between questions of one version; dense: cosine"""
    source: str
    title: str
    headings: tuple[str, ...]
    page_start: int | None
    page_end: int | None
    line_start: int | None
    line_end: int | None
    char_start: int
    char_end: int
    text: str
    breadcrumb: str = ""
    """title and headings that the text does not show, and then the header of the table in whose middle it begins"""

    @classmethod
    def of(cls, rank: int, score: float, passage: Passage, beside: Callable[[int], Passage | None]) -> Self:
        """A passage that was found; `beside` gives the one so many places after it in its document."""
        hit = cls(
            rank=rank,
            score=score,
            source=passage.source,
            title=passage.title,
            headings=passage.headings,
            page_start=passage.page_start,
            page_end=passage.page_end,
            line_start=passage.line_start,
            line_end=passage.line_end,
            char_start=passage.char_start,
            char_end=passage.char_end,
            text=passage.text,
            breadcrumb=passage.breadcrumb,
        )
        object.__setattr__(hit, "_beside", beside)
        return hit
