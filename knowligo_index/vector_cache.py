"""Vectors of passages, kept by what they were made from: only what is new is encoded."""

import hashlib
import platform
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from knowligo_index.arrays import FloatMatrix
from knowligo_index.blob_cache import BlobCache
from knowligo_index.cpu import cpu_features
from knowligo_index.encoding import Encoder
from knowligo_index.hashing import canonical_sha256

# What a killed build has to encode again, at most.
_SECONDS_BETWEEN_WRITES = 1.0


@dataclass(frozen=True, slots=True)
class Encoded:
    """Vectors, and how many of them had to be made."""

    vectors: FloatMatrix
    """float32 (n, dimension), unit rows"""
    embedded: int


class VectorCache:
    """The cached vectors of one encoder on one kind of CPU."""

    def __init__(self, cache: BlobCache, fingerprint: str, libraries: Mapping[str, str]) -> None:
        """`libraries`: releases that decide the bits of a vector, as the kind of CPU does, so that a cache which was
        carried to another machine gives no bits that a full build there would not."""
        self._cache = cache
        basis = [fingerprint, dict(libraries), platform.machine(), sorted(cpu_features())]
        self._salt = canonical_sha256(basis).encode()

    def encode(self, encoder: Encoder, inputs: Sequence[str], progress: Callable[[int], object]) -> Encoded:
        """`encoder.encode_passages(inputs)`, of which only what is not cached is encoded, equal inputs once."""
        keys = [self._key(text) for text in inputs]
        rows_of: dict[bytes, list[int]] = {}
        for row, key in enumerate(keys):
            rows_of.setdefault(key, []).append(row)
        dimension = encoder.description.dimension
        vectors = np.empty((len(inputs), dimension), dtype=np.float32)
        found = self._cache.get(rows_of)
        for key, value in found.items():
            if len(value) == 4 * dimension:
                rows = rows_of.pop(key)
                vectors[rows] = np.frombuffer(value, dtype="<f4")
                progress(len(rows))
        missing = list(rows_of)
        fresh: dict[bytes, bytes] = {}
        written = time.monotonic()
        for places, made in encoder.stream_passages([inputs[rows_of[key][0]] for key in missing]):
            for place, vector in zip(places, made, strict=True):
                rows = rows_of[missing[place]]
                vectors[rows] = vector
                fresh[missing[place]] = vector.astype("<f4").tobytes()
                progress(len(rows))
            if time.monotonic() - written > _SECONDS_BETWEEN_WRITES:
                self._cache.put(fresh)
                fresh = {}
                written = time.monotonic()
        self._cache.put(fresh)
        return Encoded(vectors, len(missing))

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(self._salt + text.encode()).digest()
