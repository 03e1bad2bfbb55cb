"""From a document to its chunks, from the cache where they are known."""

from collections.abc import Sequence

from knowligo_index.chunk_store import ChunkedDocument
from knowligo_index.chunking import ChunkingOptions
from knowligo_index.chunking.chunker import chunk_document
from knowligo_index.document_cache import DocumentCache
from knowligo_index.encoding import TokenCounter
from knowligo_index.errors import ChunkingError
from knowligo_index.intake import ParsedSource
from knowligo_index.types import Chunk


def cut_document(
    item: ParsedSource, options: ChunkingOptions, counter: TokenCounter, cache: DocumentCache
) -> ChunkedDocument:
    """The document with its chunks. Raises ChunkingError."""
    chunks = cache.chunks(item.source)
    if chunks is None:
        chunks = tuple(chunk_document(item.document, options, counter))
        _check_tokens(item.source.name, chunks, counter)
        cache.keep_chunks(item.source, chunks)
    return ChunkedDocument(item.document, item.source.sha256, chunks)


def _check_tokens(source: str, chunks: Sequence[Chunk], counter: TokenCounter) -> None:
    """Raises ChunkingError where the encoder would cut a chunk: the chunker sees to it that none is, and this is where
    that is counted rather than believed."""
    counts = counter.count_inputs([chunk.encoder_input for chunk in chunks])
    for chunk, count in zip(chunks, counts, strict=True):
        if count > counter.max_tokens:
            raise ChunkingError(
                f"{source}, characters {chunk.char_start} to {chunk.char_end}, has {count} tokens and the encoder "
                f"reads {counter.max_tokens}: lower --chunk-tokens, and please report this."
            )
        if count != chunk.tokens:
            raise ChunkingError(
                f"{source}, characters {chunk.char_start} to {chunk.char_end}, has {count} tokens and was taken for "
                f"{chunk.tokens}: please report this."
            )
