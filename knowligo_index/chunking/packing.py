"""Pack the atoms of a document into pieces: section by section, up to the budget, and without very small pieces."""

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from knowligo_index.chunking.atoms import Atom, TokenBudget, atoms_of, trailing_sentences
from knowligo_index.chunking.measure import Measure
from knowligo_index.chunking.pieces import Piece, must_begin_piece
from knowligo_index.chunking.sections import HeadingPath, sections_of
from knowligo_index.types import Block

# Only prose is repeated at the start of the next chunk: half a table or half a program has no meaning alone.
_PROSE = ("paragraph", "list", "item", "quote")


@dataclass(frozen=True, slots=True)
class Packer:
    """Packs atoms into pieces.

    `budget_for` gives the tokens for the text of a chunk under a heading path that contains these atoms: a heading in
    the text is not in the breadcrumb.
    """

    measure: Measure
    budget_for: Callable[[HeadingPath, Sequence[Atom]], TokenBudget]
    overlap_tokens: int
    min_tokens: int
    language: str
    excluded: Sequence[int]
    """the ascending offsets at which excluded spans begin: no chunk contains one"""

    def pack(self, blocks: Sequence[Block]) -> list[Piece]:
        """Pieces in order; together they contain every atom of `blocks`."""
        sections = [self._pack_section(path, section) for path, section in sections_of(blocks)]
        for pieces in sections:
            self._fill_last(pieces)
        pieces = self._merge_small([piece for section in sections for piece in section])
        if self.overlap_tokens:
            for previous, piece in pairwise(pieces):
                self._overlap(previous, piece)
        return pieces

    def _tokens(self, atoms: Sequence[Atom]) -> int:
        """The tokens from the first atom to the last, and of the table header that is read before them."""
        tokens = self.measure.tokens(atoms[0].char_start, atoms[-1].char_end)
        header = atoms[0].table_header if atoms[0].reads_header else None
        return tokens + (self.measure.tokens(*header) if header else 0)

    def _pack_section(self, path: HeadingPath, blocks: Sequence[Block]) -> list[Piece]:
        budget = self.budget_for(path, ())
        pieces: list[Piece] = []
        for block in blocks:
            for atom in atoms_of(block, self.measure, self._block_budget(block, pieces, budget), self.language):
                if pieces and self._can_add(pieces[-1], atom, is_first=len(pieces) == 1):
                    pieces[-1].atoms.append(atom)
                else:
                    pieces.append(Piece(path, [atom]))
        return pieces

    def _can_add(self, piece: Piece, atom: Atom, *, is_first: bool) -> bool:
        """Whether one more atom fits into the piece; unless it is the first of its section, with an overlap."""
        if self._are_separated(piece.char_end, atom.char_start) or must_begin_piece([atom], piece):
            return False
        budget = self.budget_for(piece.path, piece.atoms)
        limit = budget.tokens - (0 if is_first else self.overlap_tokens)
        if atom.kind == "row" and not piece.only_headings:
            limit = min(limit, budget.table_tokens)
        return self._tokens([*piece.atoms, atom]) <= limit

    def _are_separated(self, end: int, start: int) -> bool:
        """Whether an excluded span lies between a text that ends at `end` and one that begins at `start`."""
        index = bisect_left(self.excluded, end)
        return index < len(self.excluded) and self.excluded[index] < start

    def _block_budget(self, block: Block, pieces: Sequence[Piece], budget: TokenBudget) -> TokenBudget:
        """Less than the budget for prose that follows a heading, so that the heading and the prose fit into one chunk.
        A table or a block of code gets all of it: it is better uncut, and the heading alone."""
        if not pieces or not pieces[-1].only_headings or block.kind in ("heading", "table", "code"):
            return budget
        atoms = pieces[-1].atoms
        remaining_tokens = self.budget_for(pieces[-1].path, atoms).tokens - self._tokens(atoms)
        return TokenBudget(remaining_tokens) if remaining_tokens >= budget.tokens // 2 else budget

    def _fill_last(self, pieces: list[Piece]) -> None:
        """Move atoms into the last piece while it is very small and the piece before it remains the larger one."""
        if len(pieces) < 2:
            return
        previous, last = pieces[-2:]
        while len(previous.atoms) > 1 and self._tokens(last.atoms) < self.min_tokens:
            last_atoms = [previous.atoms[-1], *last.atoms]
            previous_atoms = previous.atoms[:-1]
            if self._are_separated(last_atoms[0].char_end, last.char_start):
                return
            if self._tokens(last_atoms) > self._tokens(previous_atoms):
                return
            if Piece(previous.path, previous_atoms).only_headings:
                return
            previous.atoms, last.atoms = previous_atoms, last_atoms

    def _merge_small(self, pieces: Sequence[Piece]) -> list[Piece]:
        """Join each very small piece to a neighbour under the same heading if both fit into one chunk: to the next
        piece, or else to the previous one."""
        merged = self._merge(pieces, lambda previous, _: previous.only_headings or self._is_small(previous))
        return self._merge(merged, lambda _, piece: self._is_small(piece))

    def _is_blank(self, piece: Piece) -> bool:
        """Whether the piece has no visible text; it may then be joined to any neighbour."""
        return self.measure.is_blank(piece.char_start, piece.char_end)

    def _merge(self, pieces: Sequence[Piece], is_wanted: Callable[[Piece, Piece], bool]) -> list[Piece]:
        merged: list[Piece] = []
        for piece in pieces:
            if merged and is_wanted(merged[-1], piece) and self._may_join(merged[-1], piece):
                previous = merged.pop()
                joint = Piece(self._joint_path(previous, piece), [*previous.atoms, *piece.atoms])
                merged.append(joint)
            else:
                merged.append(piece)
        return merged

    def _is_small(self, piece: Piece) -> bool:
        return self._tokens(piece.atoms) < self.min_tokens or self._is_blank(piece)

    def _may_join(self, previous: Piece, piece: Piece) -> bool:
        if self._are_separated(previous.char_end, piece.char_start) or must_begin_piece(piece.atoms, previous):
            return False
        path = self._joint_path(previous, piece)
        # One is under the other, or both are under the same parent; the document itself does not count as a parent.
        is_close = len(path) >= max(len(previous.path), len(piece.path)) - 1
        is_related = previous.only_headings or (is_close and bool(path or not previous.path or not piece.path))
        is_related = is_related or self._is_blank(previous) or self._is_blank(piece)
        atoms = [*previous.atoms, *piece.atoms]
        return is_related and self._tokens(atoms) <= self.budget_for(path, atoms).tokens

    def _joint_path(self, previous: Piece, piece: Piece) -> HeadingPath:
        """The headings that apply to both pieces. A piece that is only headings, or blank, is not considered."""
        if previous.only_headings or self._is_blank(previous):
            return piece.path
        if piece.only_headings or self._is_blank(piece):
            return previous.path
        common: list[Block] = []
        for heading, other in zip(previous.path, piece.path, strict=False):
            if heading is not other:
                break
            common.append(heading)
        return tuple(common)

    def _overlap(self, previous: Piece, piece: Piece) -> None:
        """Let the piece begin with the last sentences of the previous one if one section was cut between them."""
        last, first = previous.atoms[-1], piece.atoms[0]
        if previous.path != piece.path or last.kind not in _PROSE or first.kind == "heading":
            return
        if self._are_separated(last.char_end, first.char_start):
            return
        start = trailing_sentences((last.char_start, last.char_end), self.measure, self.overlap_tokens, self.language)
        limit = self.budget_for(piece.path, piece.atoms).tokens
        # A small piece is not repeated as a whole.
        if previous.char_start < start < last.char_end and self.measure.tokens(start, piece.char_end) <= limit:
            piece.overlap_start = start
