"""From a document to its chunks.

A chunk is a span of the document's canonical text. Cuts fall, in this order of preference, between sections, blocks,
list items, table rows or lines of code, sentences, lines, words. Tables stay whole up to three quarters of the budget;
everything else up to all of it. What is measured and encoded is what a person sees of a span: its text with the
document's renditions. Every finished input is counted with the encoder's own tokenizer.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from knowligo_index.chunking import ChunkingOptions
from knowligo_index.chunking.atoms import Atom, Room
from knowligo_index.chunking.measure import Measure, Spelled
from knowligo_index.chunking.packing import HeadingPath, Packer, Piece
from knowligo_index.chunking.read_text import ReadText
from knowligo_index.encoders.protocol import TokenCounter
from knowligo_index.errors import ChunkingError
from knowligo_index.types import Block, Chunk, Document, join_breadcrumb

# A breadcrumb above this share of the budget loses its outermost parts.
_BREADCRUMB_SHARE = 1 / 8
_SEPARATOR = " > "
_MAX_ATTEMPTS = 8
# What WordPiece takes for one unknown token in the text may be a hundred letters in a passage.
_MEASURES: tuple[Spelled, ...] = ("no word", "long words", "all words")

# Fewer tokens than this is not a passage.
_LEAST_ROOM = 16


def chunk_document(document: Document, options: ChunkingOptions, counter: TokenCounter) -> list[Chunk]:
    """The chunks of a document, in order. Every non-blank character of its blocks is in at least one of them.

    Raises ChunkingError where a chunk cannot be brought within its budget.
    """
    if not document.blocks:
        return []
    for read in _ways_to_read(document):
        for spelled in _MEASURES:
            chunks = _within_budget(document, options, counter, Measure(document.text, read, counter, spelled))
            if chunks is not None:
                return chunks
    raise ChunkingError(
        f"{document.source} cannot be cut into chunks of {options.budget(counter.max_tokens)} tokens: "
        "raise --chunk-tokens or shorten its headings."
    )


def _ways_to_read(document: Document) -> Iterator[ReadText]:
    """As a person sees it; and, where the names of columns leave no room for the cells, without these."""
    read = ReadText(document.text, document.renditions)
    # A file of link definitions: somebody may look for what is in them.
    yield read if read.text.strip() else ReadText(document.text, ())
    if any(len(each.text) > _LEAST_ROOM for each in document.renditions):
        short = [each._replace(text=" ") if len(each.text) > _LEAST_ROOM else each for each in document.renditions]
        yield ReadText(document.text, short)


def _within_budget(
    document: Document, options: ChunkingOptions, counter: TokenCounter, measure: Measure
) -> list[Chunk] | None:
    """The chunks as this measure cuts them; None where some come out too long whatever is left free."""
    slack = 0
    for _ in range(_MAX_ATTEMPTS):
        maker = _ChunkMaker(document, options, counter, measure, slack)
        try:
            chunks, excess = maker.make()
        except ChunkingError:
            if slack == 0:
                raise
            break
        if excess <= 0:
            return chunks
        # The tokenizer counted more for a passage alone than for its part of the whole text: leave that much room.
        slack += excess
    return None


class _ChunkMaker:
    """One attempt at one document, leaving `slack` tokens of each chunk unused."""

    def __init__(
        self, document: Document, options: ChunkingOptions, counter: TokenCounter, measure: Measure, slack: int
    ) -> None:
        self._document = document
        self._options = options
        self._counter = counter
        self._measure = measure
        self._slack = slack
        self._budget = options.budget(counter.max_tokens)
        self._labels: dict[HeadingPath, list[_Label]] = {}
        self._overheads: dict[str, int] = {}

    def make(self) -> tuple[list[Chunk], int]:
        """The chunks, and by how many tokens the worst of them is over what it may have (0 or less: none is)."""
        options = self._options
        packer = Packer(
            self._measure,
            self._room,
            options.overlap_tokens,
            options.min_tokens,
            options.language,
            [exclusion.char_start for exclusion in self._document.exclusions],
        )
        pieces = packer.pack(self._document.blocks)
        parts = [self._read_parts(piece) for piece in pieces]
        tokens = self._counter.count_inputs([join_breadcrumb(*each) for each in parts])
        chunks = [
            self._chunk(piece, before, read, count)
            for piece, (before, read), count in zip(pieces, parts, tokens, strict=True)
        ]
        return chunks, max(chunk.tokens for chunk in chunks) - self._budget

    def _chunk(self, piece: Piece, before: str, read: str, tokens: int) -> Chunk:
        lines, pages = self._document.line_starts, self._document.page_starts
        start, last = piece.char_start, piece.char_end - 1
        text = self._document.text[start : piece.char_end]
        breadcrumb = self._breadcrumb(piece)
        return Chunk(
            text=text,
            char_start=start,
            char_end=piece.char_end,
            headings=tuple(heading.label for heading in piece.path if heading.label),
            breadcrumb=breadcrumb,
            line_start=bisect_right(lines, start) if lines else None,
            line_end=bisect_right(lines, last) if lines else None,
            page_start=bisect_right(pages, start) if pages else None,
            page_end=bisect_right(pages, last) if pages else None,
            tokens=tokens,
            read=None if read == text else read,
            read_before=None if before == breadcrumb else before,
        )

    def _room(self, path: HeadingPath, atoms: Sequence[Atom]) -> Room:
        """Tokens left for the text of a chunk under these headings that holds these atoms."""
        taken = self._overhead(self._unshown(path, atoms)) + self._slack
        room = Room(self._budget - taken)
        if room.budget < _LEAST_ROOM:
            raise ChunkingError(
                f"--chunk-tokens {self._budget} leaves {max(room.budget, 0)} tokens for the text of "
                f"{self._document.source} after prompt and breadcrumb: raise it to {taken + _LEAST_ROOM} or more."
            )
        return room

    def _breadcrumb(self, piece: Piece) -> str:
        """Title and headings that the piece's own text doesn't show, and the header of a table that was cut."""
        header = piece.table_header
        return self._led(piece, self._document.text[slice(*header)] if header else "")

    def _read_parts(self, piece: Piece) -> tuple[str, str]:
        """What is read before the text, and of the text."""
        header = piece.read_header
        before = self._led(piece, self._measure.read(*header) if header else "")
        return before, self._measure.read(piece.char_start, piece.char_end) or self._as_written(piece)

    def _as_written(self, piece: Piece) -> str:
        """Of a text of which a person sees nothing, and that stands by itself: its beginning, as it is written. Each
        character may be a token."""
        room = self._room(piece.path, piece.atoms)
        return self._document.text[piece.char_start : piece.char_end].strip()[: room.budget]

    def _led(self, piece: Piece, header: str) -> str:
        labels = _join(self._unshown(piece.path, piece.atoms))
        return "\n".join(part for part in (labels, header) if part)

    def _unshown(self, path: HeadingPath, atoms: Sequence[Atom]) -> list["_Label"]:
        """The labels of the breadcrumb whose headings are not among the atoms."""
        shown = {atom.char_start for atom in atoms if atom.kind == "heading"}
        return [
            (label, heading)
            for label, heading in self._all_labels(path)
            if heading is None or heading.char_start not in shown
        ]

    def _all_labels(self, path: HeadingPath) -> list["_Label"]:
        """Title and headings, without the outermost where they would take too much of the budget."""
        if path not in self._labels:
            labels: list[_Label] = [(heading.label, heading) for heading in path if heading.label]
            if not labels or labels[0][0] != self._document.title:
                labels.insert(0, (self._document.title, None))
            most = self._overhead([]) + self._budget * _BREADCRUMB_SHARE
            while labels and self._overhead(labels) > most:
                labels.pop(0)
            self._labels[path] = labels
        return self._labels[path]

    def _overhead(self, labels: Sequence["_Label"]) -> int:
        """Tokens of an input with this breadcrumb and no text."""
        before = join_breadcrumb(_join(labels), "")
        if before not in self._overheads:
            self._overheads[before] = self._counter.count_inputs([before])[0]
        return self._overheads[before]


_Label = tuple[str, Block | None]
"""what the breadcrumb says, and the heading it comes from (None: the document's title)"""


def _join(labels: Sequence[_Label]) -> str:
    return _SEPARATOR.join(label for label, _ in labels)
