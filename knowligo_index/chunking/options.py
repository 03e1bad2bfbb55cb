"""Options of chunking."""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

DEFAULT_CHUNK_TOKENS = 256


@dataclass(frozen=True, slots=True)
class ChunkingOptions:
    """How large a chunk may be, how much consecutive chunks overlap, and which chunks are too small to stand alone."""

    chunk_tokens: Annotated[
        Annotated[int, Meta(ge=32)] | None,
        Meta(
            description="Maximum number of tokens in a passage, special tokens and breadcrumb included; default: "
            f"{DEFAULT_CHUNK_TOKENS}, or the maximum input of the encoder if that is less."
        ),
    ] = None
    overlap_tokens: Annotated[
        int,
        Meta(ge=0, description="Maximum number of tokens repeated from the previous passage where a section is cut."),
    ] = 0
    min_tokens: int = 64
    """a chunk with fewer tokens of text is joined to a neighbour under the same heading"""
    language: str = "es"
    """ISO 639-1 code; decides which abbreviations do not end a sentence"""

    def budget(self, max_tokens: int) -> int:
        """Maximum number of tokens in a chunk, for an encoder that reads at most `max_tokens`."""
        return self.chunk_tokens or min(DEFAULT_CHUNK_TOKENS, max_tokens)
