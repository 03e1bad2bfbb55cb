"""Counts the content of a Word file that is not in its canonical text."""

from collections import Counter

from knowligo_index.parsers.dropped import DroppedCounter


class DroppedContent(DroppedCounter):
    """Counts the texts that are left out, and the objects whose text is not read at all."""

    def __init__(self) -> None:
        super().__init__()
        self._unread: Counter[str] = Counter()

    def add_unread(self, kind: str) -> None:
        """Count one object that is not read, such as a chart."""
        self._unread[kind] += 1

    def warnings(self) -> list[str]:
        warnings: list[str] = []
        if self.characters("hidden-text"):
            warnings.append(
                f"hidden-text: {self.characters('hidden-text')} characters are not visible and were left out"
            )
        if self._unread:
            kinds = ", ".join(f"{kind} ({times})" for kind, times in sorted(self._unread.items()))
            warnings.append(f"not read: {kinds}")
        return warnings
