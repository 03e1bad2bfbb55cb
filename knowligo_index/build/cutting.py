"""From a document to its chunks, from the cache where they are known."""

from knowligo_index.chunking.chunker import chunk_document
from knowligo_index.chunking.options import ChunkingOptions
from knowligo_index.encoders.protocol import TokenCounter
from knowligo_index.sources.document_cache import DocumentCache
from knowligo_index.sources.documents import ParsedSource
from knowligo_index.store.chunks_writer import ChunkedDocument


def cut_document(
    item: ParsedSource, options: ChunkingOptions, counter: TokenCounter, cache: DocumentCache
) -> ChunkedDocument:
    """The document with its chunks. Raises ChunkingError."""
    chunks = cache.chunks(item.source)
    if chunks is None:
        chunks = tuple(chunk_document(item.document, options, counter))
        cache.keep_chunks(item.source, chunks)
    return ChunkedDocument(item.document, item.source.sha256, chunks)
