"""Cut a document into chunks.

A chunk is a span of the document's canonical text. Cuts fall, in this order of preference, between sections, blocks,
list items, table rows or lines of code, sentences, lines, words. A table is kept whole up to three quarters of the
tokens of a chunk, any other block up to all of them. What is measured and encoded is what a person sees of a span: its
text with the document's renditions. Every finished input is counted with the encoder's own tokenizer.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from knowligo_index.chunking.atoms import Atom, TokenBudget
from knowligo_index.chunking.breadcrumbs import Breadcrumbs
from knowligo_index.chunking.measure import Measure, SpelledWords
from knowligo_index.chunking.options import ChunkingOptions
from knowligo_index.chunking.packing import Packer
from knowligo_index.chunking.pieces import Piece
from knowligo_index.chunking.sections import HeadingPath
from knowligo_index.chunking.visible_text import VisibleText
from knowligo_index.encoders.protocol import TokenCounter
from knowligo_index.errors import ChunkingError
from knowligo_index.types import Chunk, Document, join_breadcrumb

_MAX_ATTEMPTS = 8

# A word that WordPiece counts as one unknown token in the whole text may be cut in a passage, and there be a hundred
# tokens: if the first measure gives chunks that are too long, such words are counted by their characters.
_SPELLED_WORDS: tuple[SpelledWords, ...] = ("no word", "long words", "all words")

# Text of fewer tokens is too short to be a passage.
_MIN_TEXT_TOKENS = 16


def chunk_document(document: Document, options: ChunkingOptions, counter: TokenCounter) -> list[Chunk]:
    """The chunks of a document, in order. Every non-blank character of its blocks is in at least one of them.

    Raises ChunkingError if a chunk cannot be cut to the maximum number of tokens.
    """
    if not document.blocks:
        return []
    for visible in _visible_texts(document):
        for spelled_words in _SPELLED_WORDS:
            measure = Measure(document.text, visible, counter, spelled_words)
            chunks = _fitting_chunks(document, options, counter, measure)
            if chunks is not None:
                return chunks
    raise ChunkingError(
        f"{document.source} cannot be cut into passages of at most {options.budget(counter.max_tokens)} tokens: "
        "raise --chunk-tokens or shorten its headings."
    )


def _visible_texts(document: Document) -> Iterator[VisibleText]:
    """The text as a person sees it; and then without column names, in case they leave too few tokens for the cells."""
    visible = VisibleText(document.text, document.renditions)
    # If nothing is visible (a file of link definitions), the text is read as it is written, so that it can be found.
    yield visible if visible.text.strip() else VisibleText(document.text, ())
    renditions = document.renditions
    if any(len(rendition.text) > _MIN_TEXT_TOKENS for rendition in renditions):
        yield VisibleText(
            document.text,
            [item._replace(text=" ") if len(item.text) > _MIN_TEXT_TOKENS else item for item in renditions],
        )


def _fitting_chunks(
    document: Document, options: ChunkingOptions, counter: TokenCounter, measure: Measure
) -> list[Chunk] | None:
    """The chunks that this measure gives; None if some are too long however many tokens are left unused."""
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
        # The tokenizer counted more tokens for a passage alone than within the whole text: leave that many unused.
        slack += excess
    return None


class _ChunkMaker:
    """One attempt to cut one document, which leaves `slack` tokens of each chunk unused."""

    def __init__(
        self, document: Document, options: ChunkingOptions, counter: TokenCounter, measure: Measure, slack: int
    ) -> None:
        self._document = document
        self._options = options
        self._counter = counter
        self._measure = measure
        self._slack = slack
        self._chunk_tokens = options.budget(counter.max_tokens)
        self._breadcrumbs = Breadcrumbs(document.title, self._chunk_tokens, counter)

    def make(self) -> tuple[list[Chunk], int]:
        """The chunks, and by how many tokens the longest is over the maximum (0 or less: none is)."""
        options = self._options
        packer = Packer(
            self._measure,
            self._budget_for,
            options.overlap_tokens,
            options.min_tokens,
            options.language,
            [exclusion.char_start for exclusion in self._document.exclusions],
        )
        pieces = packer.pack(self._document.blocks)
        inputs = [(self._read_before(piece), self._read_text(piece)) for piece in pieces]
        token_counts = self._counter.count_inputs([join_breadcrumb(*parts) for parts in inputs])
        chunks = [
            self._chunk(piece, read_before, read_text, tokens)
            for piece, (read_before, read_text), tokens in zip(pieces, inputs, token_counts, strict=True)
        ]
        return chunks, max(chunk.tokens for chunk in chunks) - self._chunk_tokens

    def _chunk(self, piece: Piece, read_before: str, read_text: str, tokens: int) -> Chunk:
        lines, pages = self._document.line_starts, self._document.page_starts
        start, last = piece.char_start, piece.char_end - 1
        text = self._document.text[start : piece.char_end]
        header = piece.table_header
        breadcrumb = self._before(piece, self._document.text[slice(*header)] if header else "")
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
            read=None if read_text == text else read_text,
            read_before=None if read_before == breadcrumb else read_before,
        )

    def _budget_for(self, path: HeadingPath, atoms: Sequence[Atom]) -> TokenBudget:
        """Tokens for the text of a chunk under these headings that contains these atoms.

        Raises ChunkingError if they are too few for a passage.
        """
        unavailable = self._breadcrumbs.tokens(path, atoms) + self._slack
        budget = TokenBudget(self._chunk_tokens - unavailable)
        if budget.tokens < _MIN_TEXT_TOKENS:
            raise ChunkingError(
                f"--chunk-tokens {self._chunk_tokens} leaves {max(budget.tokens, 0)} tokens for the text of "
                f"{self._document.source} after prompt and breadcrumb: "
                f"raise it to {unavailable + _MIN_TEXT_TOKENS} or more."
            )
        return budget

    def _read_before(self, piece: Piece) -> str:
        """What the encoder reads before the text."""
        header = piece.read_header
        return self._before(piece, self._measure.visible(*header) if header else "")

    def _read_text(self, piece: Piece) -> str:
        """What the encoder reads of the text. If nothing of it is visible, that is its beginning as it is written, with
        no more characters than the budget has tokens, since each character may be a token."""
        visible = self._measure.visible(piece.char_start, piece.char_end)
        if visible:
            return visible
        budget = self._budget_for(piece.path, piece.atoms)
        return self._document.text[piece.char_start : piece.char_end].strip()[: budget.tokens]

    def _before(self, piece: Piece, header: str) -> str:
        """Title and headings, and below them the header of the table in whose middle the piece begins."""
        return "\n".join(part for part in (self._breadcrumbs.text(piece.path, piece.atoms), header) if part)
