"""Parsed documents, their signatures and chunks, kept by what they were made from: only what is new is made again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import msgspec

from knowligo_index.sources.duplicates.finding import Signature
from knowligo_index.sources.sandbox.messages import Parsed
from knowligo_index.system.blob_cache import BlobCache
from knowligo_index.system.hashing import canonical_sha256
from knowligo_index.types import Chunk, Source

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class _Kind(Generic[Value]):
    """Results of one kind."""

    salt: str
    decoder: msgspec.msgpack.Decoder[Value]


class DocumentCache:
    """What parsing, comparing and chunking gave. Failures are not kept: the next build may be luckier."""

    def __init__(self, cache: BlobCache, reading: Mapping[str, Any], cutting: Mapping[str, Any]) -> None:
        """`reading`: everything but the source that decides what a document says; `cutting`: everything but the
        document that decides where it is cut. Both are taken as JSON."""
        self._cache = cache
        self._documents = _Kind(canonical_sha256(["document", reading]), msgspec.msgpack.Decoder(Parsed))
        self._signatures = _Kind(canonical_sha256(["signature", reading]), msgspec.msgpack.Decoder(Signature))
        self._chunks = _Kind(canonical_sha256(["chunks", reading, cutting]), msgspec.msgpack.Decoder(tuple[Chunk, ...]))

    def known_documents(self, sources: Iterable[Source]) -> set[str]:
        """The names of those sources whose documents are there, unless their record is damaged."""
        keys = {_key(self._documents, source): source.name for source in sources}
        return {keys[key] for key in self._cache.keys(keys)}

    def document(self, source: Source) -> Parsed | None:
        return self._get(self._documents, source)

    def keep_document(self, source: Source, parsed: Parsed) -> None:
        self._keep(self._documents, source, parsed)

    def signature(self, source: Source) -> Signature | None:
        """What its document is compared with others by."""
        return self._get(self._signatures, source)

    def keep_signature(self, source: Source, signature: Signature) -> None:
        self._keep(self._signatures, source, signature)

    def chunks(self, source: Source) -> tuple[Chunk, ...] | None:
        """How its document is cut."""
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
    # A document's title may come from its name.
    return canonical_sha256([kind.salt, source.name, source.format, source.sha256]).encode()
