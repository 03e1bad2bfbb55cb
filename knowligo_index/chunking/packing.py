"""Pack a document's atoms into pieces: by heading, up to the budget, nothing very small left alone."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from knowligo_index.chunking.atoms import Atom, Room, atoms_of, trailing_sentences
from knowligo_index.chunking.measure import Measure
from knowligo_index.types import Block

HeadingPath = tuple[Block, ...]
"""heading blocks, outermost first"""

# What may be repeated at the start of the next chunk. Half a table or half a program says nothing.
_PROSE = ("paragraph", "list", "item", "quote")


@dataclass(slots=True)
class Piece:
    """What becomes a chunk."""

    path: HeadingPath
    atoms: list[Atom]
    overlap_start: int | None = None
    """where the text repeated from the piece before begins"""

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
    def table_header(self) -> tuple[int, int] | None:
        """The header of the table in whose middle the piece begins."""
        return self.atoms[0].table_header if self.overlap_start is None else None

    @property
    def read_header(self) -> tuple[int, int] | None:
        """That header, where it is read before the text."""
        return self.table_header if self.atoms[0].reads_header else None


@dataclass(frozen=True, slots=True)
class Packer:
    """`room` says how many tokens a chunk under a heading path has for its text, if it holds these atoms: a heading
    that is in the text is not in the breadcrumb."""

    measure: Measure
    room: Callable[[HeadingPath, Sequence[Atom]], Room]
    overlap_tokens: int
    min_tokens: int
    language: str
    excluded: Sequence[int]
    """where each excluded span begins, ascending: no chunk goes across one"""

    def pack(self, blocks: Sequence[Block]) -> list[Piece]:
        """Pieces in order; together they cover every atom of `blocks`."""
        sections = [self._pack_section(path, section) for path, section in sections_of(blocks)]
        for pieces in sections:
            self._fill_tail(pieces)
        pieces = self._merge_small([piece for section in sections for piece in section])
        if self.overlap_tokens:
            for before, after in pairwise(pieces):
                self._overlap(before, after)
        return pieces

    def _tokens(self, atoms: Sequence[Atom]) -> int:
        """Of what is read from the first atom to the last, and of the table header that is read before it."""
        tokens = self.measure.tokens(atoms[0].char_start, atoms[-1].char_end)
        header = atoms[0].table_header if atoms[0].reads_header else None
        return tokens + (self.measure.tokens(*header) if header else 0)

    def _pack_section(self, path: HeadingPath, blocks: Sequence[Block]) -> list[Piece]:
        room = self.room(path, ())
        pieces: list[Piece] = []
        for block in blocks:
            for atom in atoms_of(block, self.measure, self._room_for(block, pieces, room), self.language):
                if pieces and self._takes(pieces[-1], atom, continues=len(pieces) > 1):
                    pieces[-1].atoms.append(atom)
                else:
                    pieces.append(Piece(path, [atom]))
        return pieces

    def _takes(self, piece: Piece, atom: Atom, *, continues: bool) -> bool:
        """Whether there is room for one more atom; `continues`: for an overlap with the piece before, too."""
        if self._apart(piece.char_end, atom.char_start) or _starts_anew(piece, [atom]):
            return False
        room = self.room(piece.path, piece.atoms)
        limit = room.budget - (self.overlap_tokens if continues else 0)
        if atom.kind == "row" and not piece.only_headings:
            limit = min(limit, room.table)
        return self._tokens([*piece.atoms, atom]) <= limit

    def _apart(self, end: int, start: int) -> bool:
        """Whether an excluded span lies between the end of one text and the start of the next."""
        place = bisect_left(self.excluded, end)
        return place < len(self.excluded) and self.excluded[place] < start

    def _room_for(self, block: Block, pieces: Sequence[Piece], room: Room) -> Room:
        """Less of it for prose that follows a heading, so that the heading has something beside it. A table or a
        code block rather stays whole, and the heading alone."""
        if not pieces or not pieces[-1].only_headings or block.kind in ("heading", "table", "code"):
            return room
        atoms = pieces[-1].atoms
        left = self.room(pieces[-1].path, atoms).budget - self._tokens(atoms)
        return Room(left) if left >= room.budget // 2 else room

    def _fill_tail(self, pieces: list[Piece]) -> None:
        """Move atoms to a last piece that is very small, as long as the one before stays the larger."""
        if len(pieces) < 2:
            return
        before, tail = pieces[-2:]
        while len(before.atoms) > 1 and self._tokens(tail.atoms) < self.min_tokens:
            moved = [before.atoms[-1], *tail.atoms]
            rest = before.atoms[:-1]
            if self._apart(moved[0].char_end, tail.char_start):
                return
            if self._tokens(moved) > self._tokens(rest) or Piece(before.path, rest).only_headings:
                return
            before.atoms, tail.atoms = rest, moved

    def _merge_small(self, pieces: Sequence[Piece]) -> list[Piece]:
        """Join a very small piece with a neighbour under the same heading, where both fit one chunk: with the one
        after it, or else with the one before."""
        merged = self._merge(pieces, lambda before, _: before.only_headings or self._small(before))
        return self._merge(merged, lambda _, after: self._small(after))

    def _blank(self, piece: Piece) -> bool:
        """Whether nothing is read of it: it may go with whatever it stands beside."""
        return self.measure.is_blank(piece.char_start, piece.char_end)

    def _merge(self, pieces: Sequence[Piece], wanted: Callable[[Piece, Piece], bool]) -> list[Piece]:
        merged: list[Piece] = []
        for piece in pieces:
            if merged and wanted(merged[-1], piece) and self._may_join(merged[-1], piece):
                before = merged.pop()
                piece = Piece(self._joint_path(before, piece), [*before.atoms, *piece.atoms])
            merged.append(piece)
        return merged

    def _small(self, piece: Piece) -> bool:
        return self._tokens(piece.atoms) < self.min_tokens or self._blank(piece)

    def _may_join(self, before: Piece, after: Piece) -> bool:
        if self._apart(before.char_end, after.char_start) or _starts_anew(before, after.atoms):
            return False
        path = self._joint_path(before, after)
        # One under the other, or both under one parent, which the document itself is not.
        close = len(path) >= max(len(before.path), len(after.path)) - 1
        related = before.only_headings or (close and bool(path or not before.path or not after.path))
        related = related or self._blank(before) or self._blank(after)
        atoms = [*before.atoms, *after.atoms]
        return related and self._tokens(atoms) <= self.room(path, atoms).budget

    def _joint_path(self, before: Piece, after: Piece) -> HeadingPath:
        """The headings that hold for all of both; a piece that is only headings, or says nothing, has no say."""
        if before.only_headings or self._blank(before):
            return after.path
        if after.only_headings or self._blank(after):
            return before.path
        common: list[Block] = []
        for one, other in zip(before.path, after.path, strict=False):
            if one is not other:
                break
            common.append(one)
        return tuple(common)

    def _overlap(self, before: Piece, after: Piece) -> None:
        """Let `after` begin with the last sentences of `before`, where one section was cut between them."""
        last, first = before.atoms[-1], after.atoms[0]
        if before.path != after.path or last.kind not in _PROSE or first.kind == "heading":
            return
        if self._apart(last.char_end, first.char_start):
            return
        start = trailing_sentences((last.char_start, last.char_end), self.measure, self.overlap_tokens, self.language)
        room = self.room(after.path, after.atoms)
        # All of a small piece would be in the one after it.
        if before.char_start < start < last.char_end and self.measure.tokens(start, after.char_end) <= room.budget:
            after.overlap_start = start


def sections_of(blocks: Sequence[Block]) -> list[tuple[HeadingPath, list[Block]]]:
    """Runs of blocks under one heading path. A heading followed at once by a deeper one leads the deeper's section."""
    sections: list[tuple[HeadingPath, list[Block]]] = []
    path: list[Block] = []
    for block in blocks:
        if block.kind != "heading":
            if not sections:
                sections.append(((), []))
            sections[-1][1].append(block)
            continue
        while path and path[-1].level >= block.level:
            path.pop()
        parent = tuple(path)
        path.append(block)
        leads = bool(sections) and sections[-1][0] == parent and parent and sections[-1][1][-1] is parent[-1]
        if leads:
            sections[-1] = (tuple(path), [*sections[-1][1], block])
        else:
            sections.append((tuple(path), [block]))
    return sections


def _starts_anew(before: Piece, atoms: Sequence[Atom]) -> bool:
    """A row that has to be cut is not cut once more at the end of what comes before it and its headings."""
    first = next((atom for atom in atoms if atom.kind != "heading"), atoms[0])
    return first.begins_cut_row and not before.only_headings
