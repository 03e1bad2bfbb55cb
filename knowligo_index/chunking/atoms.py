"""Cut blocks into atoms: the spans that packing never cuts. A block that fits into a chunk is one atom."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sentencex import segment

from knowligo_index.chunking.measure import Measure
from knowligo_index.types import Block, BlockKind

Span = tuple[int, int]

_Splitter = Callable[[str, Span], list[Span]]

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r|$)")

_TABLE_QUARTERS = 3

# A table header with more than this share of the budget is not repeated: too little would remain for the rows.
_MAX_HEADER_SHARE = 1 / 3

# Characters given to sentencex at a time. Its time grows with their square if they are all quotation marks, and beyond
# 10,000 it leaves out blank lines.
_WINDOW = 10_000


@dataclass(frozen=True, slots=True)
class TokenBudget:
    """Tokens available for the text of a chunk, after special tokens, prompt and breadcrumb."""

    tokens: int

    @property
    def table_tokens(self) -> int:
        """Tokens available for a table. It is less, because a question is answered by one row of a table, and the
        vector of a large table is an average of too many rows to be close to the question."""
        return self.tokens * _TABLE_QUARTERS // 4


@dataclass(frozen=True, slots=True)
class Atom:
    """A span of the document, and the kind of block that it is or belongs to."""

    kind: BlockKind
    char_start: int
    char_end: int
    table_header: Span | None = None
    """for a row of a table that was cut: the span of the table's header"""
    reads_header: bool = False
    """whether the encoder reads the header before the row, because it does not read the row with its column names"""
    begins_cut_row: bool = False
    """whether it is the first part of a row that is too long for a chunk"""


def atoms_of(block: Block, measure: Measure, budget: TokenBudget, language: str) -> list[Atom]:
    """Atoms of at most `budget.tokens` tokens (tables: `budget.table_tokens`) that cover the non-blank text of the
    block."""
    size = measure.tokens(block.char_start, block.char_end)
    if size <= (budget.table_tokens if block.kind == "table" else budget.tokens):
        return [Atom(block.kind, block.char_start, block.char_end)]
    if block.kind == "table" and block.children:
        return _table_rows(block, measure, budget, language)
    if block.children:
        return [atom for child in block.children for atom in atoms_of(child, measure, budget, language)]
    splitters = [_lines] if block.kind in ("code", "row") else [_sentences(language), _lines]
    spans = _split((block.char_start, block.char_end), splitters, measure, budget.tokens)
    return [Atom(block.kind, start, end) for start, end in spans]


def trailing_sentences(span: Span, measure: Measure, limit: int, language: str) -> int:
    """Start of the longest run of whole sentences at the end of the span that has at most `limit` tokens; the end of
    the span if the last sentence alone has more."""
    start = span[1]
    for sentence in reversed(_sentences(language)(measure.text, span)):
        if measure.tokens(sentence[0], span[1]) > limit:
            break
        start = sentence[0]
    return start


def _table_rows(table: Block, measure: Measure, budget: TokenBudget, language: str) -> list[Atom]:
    header, *rows = table.children
    header_tokens = measure.tokens(header.char_start, header.char_end)
    is_repeated = header_tokens <= budget.tokens * _MAX_HEADER_SHARE
    header_span = (header.char_start, header.char_end) if is_repeated else None
    reads_header = is_repeated and not table.names_columns
    row_budget = TokenBudget(budget.tokens - header_tokens) if reads_header else budget
    atoms = [
        Atom("row", atom.char_start, atom.char_end, begins_cut_row=begins)
        for atom, begins in _row_atoms(header, measure, budget, language)
    ]
    atoms += [
        Atom("row", atom.char_start, atom.char_end, header_span, reads_header, begins)
        for row in rows
        for atom, begins in _row_atoms(row, measure, row_budget, language)
    ]
    return atoms


def _row_atoms(row: Block, measure: Measure, budget: TokenBudget, language: str) -> list[tuple[Atom, bool]]:
    """The atoms of a row, each with whether it is the first of several."""
    atoms = atoms_of(row, measure, budget, language)
    return [(atom, number == 0 and len(atoms) > 1) for number, atom in enumerate(atoms)]


def _split(span: Span, splitters: Sequence[_Splitter], measure: Measure, limit: int) -> list[Span]:
    """Split by the first splitter, parts that are still too large by the next one, and finally between words."""
    if measure.tokens(*span) <= limit:
        return [span]
    if not splitters:
        return _words(span, measure, limit)
    parts = splitters[0](measure.text, span)
    return [piece for part in parts for piece in _split(part, splitters[1:], measure, limit)]


def _sentences(language: str) -> _Splitter:
    def sentences(text: str, span: Span) -> list[Span]:
        spans: list[Span] = []
        start, end = span
        while start < end:
            stop = _window_end(text, start, end)
            parts = _segmented(language, text, (start, stop))
            if stop < end and len(parts) > 1 and parts[-1][0] > start + _WINDOW // 2:
                # The last sentence may continue beyond the window.
                stop = parts.pop()[0]
            spans += parts
            start = stop
        return spans

    return sentences


def _window_end(text: str, start: int, end: int) -> int:
    """Where the window that begins at `start` ends: after the last white space in its second half, if it has any."""
    if end - start <= _WINDOW:
        return end
    stop = start + _WINDOW
    half = start + _WINDOW // 2
    return max((text.rfind(blank, half, stop) + 1 for blank in (" ", "\n")), default=0) or stop


def _segmented(language: str, text: str, span: Span) -> list[Span]:
    try:
        return _spans(text, span, segment(language, text[slice(*span)]))
    except ValueError:
        # sentencex changed the text, so that its sentences cannot be located: the text is split into lines instead.
        return [span]


def _lines(text: str, span: Span) -> list[Span]:
    return _spans(text, span, _LINE.findall(text[slice(*span)]))


def _spans(text: str, span: Span, pieces: Sequence[str]) -> list[Span]:
    """Spans of the non-blank pieces of text[span], without blank lines before and white space after each.

    Raises ValueError if the pieces do not contain all of the non-blank text.
    """
    spans: list[Span] = []
    position, end = span
    for body in filter(None, map(str.strip, pieces)):
        start = text.index(body, position, end)
        gap = text[position:start]
        if gap.strip():
            raise ValueError(f"characters {position} to {start} are in no piece")
        line = max(gap.rfind("\n"), gap.rfind("\r")) + 1
        # A line keeps its indentation.
        piece_start = position + line if line or position == span[0] else start
        position = start + len(body)
        spans.append((piece_start, position))
    if text[position:end].strip():
        raise ValueError(f"characters {position} to {end} are in no piece")
    return spans


def _words(span: Span, measure: Measure, limit: int) -> list[Span]:
    """Split at white space; a word is split only if it alone is too large."""
    spans: list[Span] = []
    start, end = span
    while start < end:
        cut_offset = fitting_end = measure.fitting_end(start, end, limit)
        if fitting_end < end and not measure.text[fitting_end].isspace():
            blanks = (" ", "\t", "\n", "\r")
            space = max((measure.text.rfind(blank, start + 1, fitting_end) for blank in blanks), default=-1)
            cut_offset = space if space > start else fitting_end
        piece = measure.text[start:cut_offset]
        if piece.strip():
            spans.append((start, start + len(piece.rstrip())))
        start = cut_offset + len(measure.text[cut_offset:end]) - len(measure.text[cut_offset:end].lstrip())
    return spans
