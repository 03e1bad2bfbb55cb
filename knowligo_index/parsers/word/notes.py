"""Footnotes and endnotes, numbered in the order in which the text refers to them."""

from collections.abc import Sequence

from lxml.etree import _Element

from knowligo_index.parsers.word.dropped_content import DroppedContent
from knowligo_index.parsers.word.names import w
from knowligo_index.parsers.word.texts import all_text


class Notes:
    """The notes of a file, and the numbers of those to which the text has referred so far."""

    def __init__(self, footnotes: Sequence[_Element], endnotes: Sequence[_Element]) -> None:
        self._notes: dict[tuple[str, str], _Element] = {}
        self._separators: list[_Element] = []
        for kind, roots in (("footnote", footnotes), ("endnote", endnotes)):
            for note in (note for root in roots for note in root.iterchildren(w(kind))):
                key = (kind, note.get(w("id")) or "")
                if note.get(w("type"), "normal") != "normal" or key in self._notes:
                    self._separators.append(note)
                else:
                    self._notes[key] = note
        self._numbers: dict[tuple[str, str], int] = {}
        self._pending: list[tuple[int, _Element]] = []

    def refer(self, kind: str, name: str) -> int:
        """The number, from 1, of the note to which the text refers; 0 if there is no note of that name. Footnotes and
        endnotes are counted together, so that each number belongs to one note."""
        key = (kind, name)
        if key not in self._notes:
            return 0
        if key not in self._numbers:
            self._numbers[key] = len(self._numbers) + 1
            self._pending.append((self._numbers[key], self._notes[key]))
        return self._numbers[key]

    def take(self) -> list[tuple[int, _Element]]:
        """The notes to which the text referred for the first time since the last call, with their numbers."""
        notes, self._pending = self._pending, []
        return notes

    def count_unreferenced(self, dropped: DroppedContent) -> None:
        """Count as dropped the notes to which the text does not refer, because the reference was deleted, and the
        separators between text and notes."""
        for key, note in self._notes.items():
            if key not in self._numbers:
                dropped.add_text("deleted", all_text(note))
        for note in self._separators:
            dropped.add_text("running-header", all_text(note))
