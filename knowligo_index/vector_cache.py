"""Vectors of passages, kept by what they were made from: only what is new is encoded."""

import hashlib
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal

import numpy as np

from knowligo_index.arrays import FloatMatrix, FloatVector
from knowligo_index.blob_cache import BlobCache
from knowligo_index.cpu import cpu_features
from knowligo_index.encoding import EncoderDescription
from knowligo_index.hashing import canonical_sha256


class VectorCache:
    """The cached vectors of one encoder on one kind of CPU, float32 (dimension,)."""

    def __init__(
        self,
        cache: BlobCache,
        encoder: EncoderDescription,
        libraries: Mapping[str, str],
        texts: Literal["passages", "questions"] = "passages",
    ) -> None:
        """`libraries`: releases that decide the bits of a vector, as the kind of CPU does, so that a cache which was
        carried to another machine gives no bits that a full build there would not. `texts`: what they are encoded
        as."""
        self._cache = cache
        self._bytes = 4 * encoder.dimension
        basis = [encoder.fingerprint, dict(libraries), platform.machine(), sorted(cpu_features()), texts]
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

    def all_of(self, inputs: Sequence[str], encode: Callable[[Sequence[str]], FloatMatrix]) -> FloatMatrix:
        """float32 (len(inputs), dimension): those that are not known by `encode`, once each, and then remembered."""
        known = self.get(inputs)
        missing = list(dict.fromkeys(text for text in inputs if text not in known))
        if missing:
            fresh = dict(zip(missing, encode(missing), strict=True))
            self.put(fresh)
            known |= fresh
        return np.stack([known[text] for text in inputs])

    def _key(self, text: str) -> bytes:
        return hashlib.sha256(self._salt + text.encode()).digest()
