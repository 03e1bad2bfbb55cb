"""Vectors of passages, cached by the text that they were computed from, so that only new texts are encoded."""

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
        """`libraries` are the releases of the libraries that decide the last bits of a vector. The kind of CPU decides
        them too; with both in the key, a cache that is copied to another machine returns no vector that a full build
        there would not compute."""
        self._cache = cache
        self._vector_bytes = 4 * encoder.dimension
        basis = [encoder.fingerprint, dict(libraries), platform.machine(), sorted(cpu_features())]
        self._salt = canonical_sha256(basis).encode()

    def get(self, inputs: Iterable[str]) -> dict[str, FloatVector]:
        """The vectors of those encoder inputs that are in the cache, by input."""
        inputs_by_key = {self._key(text): text for text in inputs}
        values = self._cache.get(inputs_by_key)
        return {
            inputs_by_key[key]: np.frombuffer(value, dtype="<f4")
            for key, value in values.items()
            if len(value) == self._vector_bytes
        }

    def put(self, vectors: Mapping[str, FloatVector]) -> None:
        """Store these vectors, by encoder input."""
        self._cache.put({self._key(text): vector.astype("<f4").tobytes() for text, vector in vectors.items()})

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(self._salt + text.encode()).digest()
