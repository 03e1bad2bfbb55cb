"""From a document to its chunks, which come from the cache where it holds them."""

from knowligo_index.chunking.chunked_document import ChunkedDocument
from knowligo_index.chunking.chunker import chunk_document
from knowligo_index.chunking.options import ChunkingOptions
from knowligo_index.encoders.protocol import TokenCounter
from knowligo_index.sources.document_cache import DocumentCache
from knowligo_index.sources.document_reading import ParsedSource


def cut_document(
    parsed: ParsedSource, options: ChunkingOptions, counter: TokenCounter, cache: DocumentCache
) -> ChunkedDocument:
    """The document with its chunks. Raises ChunkingError where a chunk exceeds the limit of the encoder."""
    chunks = cache.chunks(parsed.source)
    if chunks is None:
        chunks = tuple(chunk_document(parsed.document, options, counter))
        cache.keep_chunks(parsed.source, chunks)
    return ChunkedDocument(parsed.document, parsed.source.sha256, chunks)
