"""Parsed documents and their chunks, kept by what they were made from: only what is new is parsed and cut."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from knowligo_index.blob_cache import BlobCache
from knowligo_index.hashing import canonical_sha256
from knowligo_index.sandbox.messages import Parsed
from knowligo_index.types import Chunk, Source

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class _Kind(Generic[Value]):
    """Results of one kind."""

    salt: str
    decoder: msgspec.msgpack.Decoder[Value]


class DocumentCache:
    """What parsing and chunking gave. Failures are not kept: the next build may be luckier."""

    def __init__(self, cache: BlobCache, reading: Mapping[str, Any], cutting: Mapping[str, Any]) -> None:
        """`reading`: everything but the source that decides what a document says; `cutting`: everything but the
        document that decides where it is cut. Both are taken as JSON."""
        self._cache = cache
        self._documents = _Kind(canonical_sha256(["document", reading]), msgspec.msgpack.Decoder(Parsed))
        self._chunks = _Kind(canonical_sha256(["chunks", reading, cutting]), msgspec.msgpack.Decoder(tuple[Chunk, ...]))

    def documents(self, sources: Sequence[Source]) -> dict[str, Parsed]:
        """What is known of these sources, by name."""
        return self._get(self._documents, sources)

    def keep_document(self, source: Source, parsed: Parsed) -> None:
        self._cache.put({_key(self._documents, source): msgspec.msgpack.encode(parsed)})

    def chunks(self, sources: Sequence[Source]) -> dict[str, tuple[Chunk, ...]]:
        """How the documents of these sources are cut, as far as that is known, by name."""
        return self._get(self._chunks, sources)

    def keep_chunks(self, source: Source, chunks: Sequence[Chunk]) -> None:
        self._cache.put({_key(self._chunks, source): msgspec.msgpack.encode(chunks)})

    def _get(self, kind: _Kind[Value], sources: Sequence[Source]) -> dict[str, Value]:
        keys = {_key(kind, source): source.name for source in sources}
        return {keys[key]: kind.decoder.decode(value) for key, value in self._cache.get(keys).items()}


def _key(kind: _Kind[Value], source: Source) -> bytes:
    # A document's title may come from its name.
    return canonical_sha256([kind.salt, source.name, source.format, source.sha256]).encode()
