"""Counts what a parser leaves out of the canonical text, so that the ledger can report it."""

from knowligo_index.types import Dropped, DroppedKind


class DroppedCounter:
    """How often, and how many characters, of each kind were left out of one document."""

    def __init__(self) -> None:
        self._counts: dict[DroppedKind, Dropped] = {}

    def add(self, kind: DroppedKind, characters: int) -> None:
        """Count one place with so many characters; nothing if there are none."""
        if characters:
            count = self._counts.get(kind, Dropped(kind, 0, 0))
            self._counts[kind] = Dropped(kind, count.times + 1, count.characters + characters)

    def add_text(self, kind: DroppedKind, text: str) -> None:
        """Count one text, without its white space."""
        self.add(kind, sum(map(len, text.split())))

    def characters(self, kind: DroppedKind) -> int:
        """How many characters of a kind were counted."""
        return self._counts[kind].characters if kind in self._counts else 0

    def dropped(self) -> tuple[Dropped, ...]:
        """All counts, ordered by kind."""
        return tuple(self._counts[kind] for kind in sorted(self._counts))
