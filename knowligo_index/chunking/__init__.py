"""Chunking: from a document to passages that the encoder reads whole. `chunker` does it; here are its options.

Sizes were chosen by measuring: docs/adr/0003-chunk-size.md.
"""

from dataclasses import dataclass
from typing import Annotated

from msgspec import Meta

# Distributions whose version decides where a text is cut: they are part of a version's digest.
LIBRARIES = ("sentencex",)

DEFAULT_CHUNK_TOKENS = 256


@dataclass(frozen=True, slots=True)
class ChunkingOptions:
    """How large a chunk may be, how much chunks repeat, and when one is too small to stand alone."""

    chunk_tokens: Annotated[
        Annotated[int, Meta(ge=32)] | None,
        Meta(
            description="Most tokens in a chunk, special tokens and breadcrumb included; default: "
            f"{DEFAULT_CHUNK_TOKENS}, or what the encoder reads if that is less."
        ),
    ] = None
    overlap_tokens: Annotated[
        int, Meta(ge=0, description="Most tokens repeated from the chunk before, where a section is cut.")
    ] = 0
    min_tokens: int = 64
    """a chunk with less text joins a neighbour under the same heading"""
    language: str = "es"
    """ISO 639-1 code, for the abbreviations that do not end a sentence"""

    def budget(self, max_tokens: int) -> int:
        """Most tokens in a chunk, for an encoder that reads `max_tokens`."""
        return self.chunk_tokens or min(DEFAULT_CHUNK_TOKENS, max_tokens)
