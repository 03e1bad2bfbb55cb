"""What chunking gives the store: a document with its chunks."""

from dataclasses import dataclass

from knowligo_index.types import Chunk, Document


@dataclass(frozen=True, slots=True)
class ChunkedDocument:
    """A document and its chunks, in order."""

    document: Document
    sha256: str
    """hexadecimal digest of the source's bytes"""
    chunks: tuple[Chunk, ...]
