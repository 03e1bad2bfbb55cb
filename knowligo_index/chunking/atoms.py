"""Cut blocks into atoms: the spans that packing never cuts. A block that fits is one atom."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sentencex import segment

from knowligo_index.chunking.measure import Measure
from knowligo_index.types import Block, BlockKind

Span = tuple[int, int]

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|$)")

_TABLE_QUARTERS = 3

# A table header above this share of the room is not repeated: too little would be left for the rows.
_HEADER_SHARE = 1 / 3

# Characters that sentencex gets at a time. Its time grows with the square of them where they are all quotes, and beyond
# 10,000 it leaves out blank lines.
_WINDOW = 10_000


@dataclass(frozen=True, slots=True)
class Room:
    """Tokens left for the text of a chunk, once special tokens, prompt and breadcrumb are counted."""

    budget: int
    """what the user asked for"""

    @property
    def table(self) -> int:
        """Of which a table may have so much: a question is answered by one of its rows, and a large table speaks of
        too much to be near to it."""
        return self.budget * _TABLE_QUARTERS // 4


@dataclass(frozen=True, slots=True)
class Atom:
    """A span of the document and the kind of block it is, or is a part of."""

    kind: BlockKind
    char_start: int
    char_end: int
    table_header: Span | None = None
    """on a row of a table that was cut: the span of the table's header"""
    reads_header: bool = False
    """whether the header is read before the row, since the row is not read with the names of its columns"""
    begins_cut_row: bool = False
    """whether it is the first part of a row of a table that is too long for a chunk"""


def atoms_of(block: Block, measure: Measure, room: Room, language: str) -> list[Atom]:
    """Atoms of at most `room.budget` tokens (tables: `room.table`), covering the block's non-blank text."""
    size = measure.tokens(block.char_start, block.char_end)
    if size <= (room.table if block.kind == "table" else room.budget):
        return [Atom(block.kind, block.char_start, block.char_end)]
    if block.kind == "table" and block.children:
        return _table_rows(block, measure, room, language)
    if block.children:
        return [atom for child in block.children for atom in atoms_of(child, measure, room, language)]
    ways = [_lines] if block.kind in ("code", "row") else [_sentences(language), _lines]
    spans = _cut((block.char_start, block.char_end), ways, measure, room.budget)
    return [Atom(block.kind, start, end) for start, end in spans]


def trailing_sentences(span: Span, measure: Measure, limit: int, language: str) -> int:
    """Start of the longest run of whole sentences at the end of the span that has at most `limit` tokens; the
    span's end where not even the last one fits."""
    start = span[1]
    for sentence in reversed(_sentences(language)(measure.text, span)):
        if measure.tokens(sentence[0], span[1]) > limit:
            break
        start = sentence[0]
    return start


def _table_rows(table: Block, measure: Measure, room: Room, language: str) -> list[Atom]:
    header, *rows = table.children
    header_tokens = measure.tokens(header.char_start, header.char_end)
    repeats = header_tokens <= room.budget * _HEADER_SHARE
    span = (header.char_start, header.char_end) if repeats else None
    reads = repeats and not table.names_columns
    left = Room(room.budget - header_tokens) if reads else room
    cut: list[tuple[Span | None, bool, list[Atom]]] = [(None, False, atoms_of(header, measure, room, language))]
    cut += [(span, reads, atoms_of(row, measure, left, language)) for row in rows]
    return [
        Atom("row", atom.char_start, atom.char_end, shown, read, begins_cut_row=number == 0 and len(atoms) > 1)
        for shown, read, atoms in cut
        for number, atom in enumerate(atoms)
    ]


def _cut(span: Span, ways: Sequence[Callable[[str, Span], list[Span]]], measure: Measure, budget: int) -> list[Span]:
    """Cut by the first way that gives parts; parts still too large by the next one; in the end between words."""
    if measure.tokens(*span) <= budget:
        return [span]
    if not ways:
        return _words(span, measure, budget)
    parts = ways[0](measure.text, span)
    return [piece for part in parts for piece in _cut(part, ways[1:], measure, budget)]


def _sentences(language: str) -> Callable[[str, Span], list[Span]]:
    def sentences(text: str, span: Span) -> list[Span]:
        found: list[Span] = []
        start, end = span
        while start < end:
            stop = _window_end(text, start, end)
            parts = _segmented(language, text, (start, stop))
            if stop < end and len(parts) > 1 and parts[-1][0] > start + _WINDOW // 2:
                # It may go on behind the window.
                stop = parts.pop()[0]
            found += parts
            start = stop
        return found

    return sentences


def _window_end(text: str, start: int, end: int) -> int:
    """Where the window ends that begins at `start`: behind white space, where there is some in its second half."""
    if end - start <= _WINDOW:
        return end
    stop = start + _WINDOW
    half = start + _WINDOW // 2
    return max((text.rfind(blank, half, stop) + 1 for blank in (" ", "\n")), default=0) or stop


def _segmented(language: str, text: str, span: Span) -> list[Span]:
    try:
        return _spans(text, span, segment(language, text[slice(*span)]))
    except ValueError:
        # Pieces that are not the text cannot be placed in it: then lines are the next best border.
        return [span]


def _lines(text: str, span: Span) -> list[Span]:
    return _spans(text, span, _LINE.findall(text[slice(*span)]))


def _spans(text: str, span: Span, pieces: Sequence[str]) -> list[Span]:
    """Spans of the pieces of text[span], without blank lines before and white space after; blank ones are dropped."""
    spans: list[Span] = []
    position, end = span
    for body in filter(None, map(str.strip, pieces)):
        start = text.index(body, position, end)
        gap = text[position:start]
        if gap.strip():
            raise ValueError(f"characters {position} to {start} are in no piece")
        line = max(gap.rfind("\n"), gap.rfind("\r")) + 1
        # A line keeps its indentation.
        first = position + line if line or position == span[0] else start
        position = start + len(body)
        spans.append((first, position))
    if text[position:end].strip():
        raise ValueError(f"characters {position} to {end} are in no piece")
    return spans


def _words(span: Span, measure: Measure, budget: int) -> list[Span]:
    """Cut at white space, and inside a word only where the word alone is too large."""
    spans: list[Span] = []
    start, end = span
    while start < end:
        reach = measure.reach(start, end, budget)
        cut = reach
        if reach < end and not measure.text[reach].isspace():
            space = max((measure.text.rfind(blank, start + 1, reach) for blank in (" ", "\t", "\n", "\r")), default=-1)
            cut = space if space > start else reach
        piece = measure.text[start:cut]
        if piece.strip():
            spans.append((start, start + len(piece.rstrip())))
        start = cut + len(measure.text[cut:end]) - len(measure.text[cut:end].lstrip())
    return spans
