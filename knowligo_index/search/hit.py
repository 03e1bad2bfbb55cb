"""What a search returns: passages, and where they are."""

from collections.abc import Callable
from dataclasses import InitVar, dataclass
from typing import Self

from knowligo_index.store.passage import Passage

Neighbour = Callable[[int], Passage | None]
"""Reads the passage that comes so many places after a given one in its document, or before it if negative."""


@dataclass(frozen=True)
class Hit:
    """A passage that a search returned. Lines and pages count from 1, characters from 0; None if the document has no
    lines or pages."""

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
    neighbour: InitVar[Neighbour | None] = None
    """reads `previous` and `next`; they are None without it"""

    def __post_init__(self, neighbour: Neighbour | None) -> None:
        # It is no field, since it is part of neither the JSON of a hit nor the comparison of two.
        vars(self)["_neighbour"] = neighbour

    def __getstate__(self) -> dict[str, object]:
        """A hit that is copied or pickled has no neighbours: they can be read only from the open index."""
        return vars(self) | {"_neighbour": None}

    @property
    def previous(self) -> Passage | None:
        """The passage before it in its document; None at the beginning. Raises ClosedIndexError."""
        return self._passage_at(-1)

    @property
    def next(self) -> Passage | None:
        """The passage after it in its document; None at the end. Raises ClosedIndexError."""
        return self._passage_at(1)

    def _passage_at(self, offset: int) -> Passage | None:
        neighbour: Neighbour | None = vars(self)["_neighbour"]
        return neighbour(offset) if neighbour else None

    @classmethod
    def of(cls, rank: int, score: float, passage: Passage, neighbour: Neighbour) -> Self:
        """A hit with the text and the place of this passage; `neighbour` reads those before and after it."""
        return cls(
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
            neighbour=neighbour,
        )
