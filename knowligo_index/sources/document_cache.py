"""A cache of parsed documents, their signatures and their chunks: a build parses and cuts only what has changed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from knowligo_index.sources.duplicates.finder import Signature
from knowligo_index.sources.sandbox.messages import Parsed
from knowligo_index.system.blob_cache import BlobCache
from knowligo_index.system.hashing import canonical_sha256
from knowligo_index.types import Chunk, Source

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class _Kind(Generic[Value]):
    """A kind of cached result."""

    salt: str
    """part of every key: a hash of everything besides the source that determines the result"""
    decoder: msgspec.msgpack.Decoder[Value]


class DocumentCache:
    """The results of parsing, signing and chunking, by source. Failures are not kept: the next build tries again."""

    def __init__(self, cache: BlobCache, document_basis: Mapping[str, Any], chunk_basis: Mapping[str, Any]) -> None:
        """`document_basis`: everything besides the source that determines its document; `chunk_basis`: everything
        besides the document that determines its chunks. Both are hashed as JSON."""
        self._cache = cache
        self._documents = _Kind(canonical_sha256(["document", document_basis]), msgspec.msgpack.Decoder(Parsed))
        self._signatures = _Kind(canonical_sha256(["signature", document_basis]), msgspec.msgpack.Decoder(Signature))
        self._chunks = _Kind(
            canonical_sha256(["chunks", document_basis, chunk_basis]), msgspec.msgpack.Decoder(tuple[Chunk, ...])
        )

    def cached_names(self, sources: Iterable[Source]) -> set[str]:
        """The names of the sources whose documents are in the cache. `document` still returns None for one whose record
        is damaged."""
        names = {_key(self._documents, source): source.name for source in sources}
        return {names[key] for key in self._cache.keys(names)}

    def document(self, source: Source) -> Parsed | None:
        return self._get(self._documents, source)

    def keep_document(self, source: Source, parsed: Parsed) -> None:
        self._keep(self._documents, source, parsed)

    def signature(self, source: Source) -> Signature | None:
        """The signature of the document of a source."""
        return self._get(self._signatures, source)

    def keep_signature(self, source: Source, signature: Signature) -> None:
        self._keep(self._signatures, source, signature)

    def chunks(self, source: Source) -> tuple[Chunk, ...] | None:
        """The chunks of the document of a source."""
        return self._get(self._chunks, source)

    def keep_chunks(self, source: Source, chunks: tuple[Chunk, ...]) -> None:
        self._keep(self._chunks, source, chunks)

    def _get(self, kind: _Kind[Value], source: Source) -> Value | None:
        key = _key(kind, source)
        value = self._cache.get([key]).get(key)
        return None if value is None else kind.decoder.decode(value)

    def _keep(self, kind: _Kind[Value], source: Source, value: Value) -> None:
        self._cache.put({_key(kind, source): msgspec.msgpack.encode(value)})


def _key(kind: _Kind[Value], source: Source) -> bytes:
    # The name is part of the key because the title of a document may come from it.
    return canonical_sha256([kind.salt, source.name, source.format, source.sha256]).encode()
