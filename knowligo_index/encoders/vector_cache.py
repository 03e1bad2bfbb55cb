"""Vectors of passages, kept by what they were made from: only what is new is encoded."""

import hashlib
import platform
from collections.abc import Iterable, Mapping

import numpy as np

from knowligo_index.encoders.protocol import EncoderDescription
from knowligo_index.system.arrays import FloatVector
from knowligo_index.system.blob_cache import BlobCache
from knowligo_index.system.cpu import cpu_features
from knowligo_index.system.hashing import canonical_sha256


class VectorCache:
    """The cached vectors of one encoder on one kind of CPU, float32 (dimension,)."""

    def __init__(self, cache: BlobCache, encoder: EncoderDescription, libraries: Mapping[str, str]) -> None:
        """`libraries`: releases that decide the bits of a vector, as the kind of CPU does, so that a cache which was
        carried to another machine gives no bits that a full build there would not."""
        self._cache = cache
        self._bytes = 4 * encoder.dimension
        basis = [encoder.fingerprint, dict(libraries), platform.machine(), sorted(cpu_features())]
        self._salt = canonical_sha256(basis).encode()

    def get(self, inputs: Iterable[str]) -> dict[str, FloatVector]:
        """The vectors of those encoder inputs that are known."""
        keys = {self._key(text): text for text in inputs}
        found = self._cache.get(keys)
        return {
            keys[key]: np.frombuffer(value, dtype="<f4") for key, value in found.items() if len(value) == self._bytes
        }

    def put(self, vectors: Mapping[str, FloatVector]) -> None:
        """Remember these, by encoder input."""
        self._cache.put({self._key(text): vector.astype("<f4").tobytes() for text, vector in vectors.items()})

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(self._salt + text.encode()).digest()
