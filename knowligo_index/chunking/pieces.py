"""Pieces: the atoms of a section that will be one chunk."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowligo_index.chunking.atoms import Atom, Span
from knowligo_index.chunking.sections import HeadingPath


@dataclass(slots=True)
class Piece:
    """Consecutive atoms that will be one chunk."""

    path: HeadingPath
    atoms: list[Atom]
    overlap_start: int | None = None
    """where the text that is repeated from the previous piece begins"""

    @property
    def char_start(self) -> int:
        return self.atoms[0].char_start if self.overlap_start is None else self.overlap_start

    @property
    def char_end(self) -> int:
        return self.atoms[-1].char_end

    @property
    def only_headings(self) -> bool:
        return all(atom.kind == "heading" for atom in self.atoms)

    @property
    def table_header(self) -> Span | None:
        """The span of the header of the table in whose middle the piece begins."""
        return self.atoms[0].table_header if self.overlap_start is None else None

    @property
    def read_header(self) -> Span | None:
        """The span of that header if the encoder reads it before the text."""
        return self.table_header if self.atoms[0].reads_header else None


def must_begin_piece(atoms: Sequence[Atom], previous: Piece) -> bool:
    """Whether atoms may not be added to the previous piece because they begin with a row that has to be cut: only
    headings may stand before such a row, so that it is not cut once more than necessary."""
    first = next((atom for atom in atoms if atom.kind != "heading"), atoms[0])
    return first.begins_cut_row and not previous.only_headings
