"""Find exact duplicates by a hash of the text, and near duplicates by the word 5-grams (shingles) of the text."""

import hashlib
import os
import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowligo_index.sources.duplicates import DuplicateOptions
from knowligo_index.system.arrays import UnsignedVector

_WORDS_PER_SHINGLE = 5

# A text with fewer shingles is no near duplicate of any other: one changed word changes a tenth of them.
_MIN_SHINGLES = 50

# Limits the memory for hashes of words: in documents full of numbers nearly every word is new.
_MAX_CACHED_WORDS = 100_000

_WORD = re.compile(r"\w+")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """The document of which another one is a duplicate."""

    original: int
    """the position of the document that is indexed"""
    similarity: float
    """Jaccard similarity of the shingles; 1 where the texts are the same"""


@dataclass(frozen=True, slots=True)
class Signature:
    """What is compared between two texts."""

    digest: bytes
    """SHA-256 of the text, with every run of white space as one space"""
    numbers: bytes
    """64-bit hash of the words with digits and the number of times that each occurs in the text"""
    shingles: bytes
    """the distinct 64-bit hashes of all runs of five words, ascending, each little-endian"""


class Signer:
    """Computes signatures. Keeps the hashes of words, so that a word that occurs in many texts is hashed once."""

    def __init__(self) -> None:
        self._word_hashes: dict[str, int] = {}

    def sign(self, text: str) -> Signature:
        """The signature of a text. Case is ignored, except in the digest."""
        words = _WORD.findall(text.casefold())
        counts = sorted(Counter(word for word in words if _DIGIT.search(word)).items())
        return Signature(
            hashlib.sha256(" ".join(text.split()).encode()).digest(),
            hashlib.blake2b(repr(counts).encode(), digest_size=8).digest(),
            self._shingles(words).astype("<u8").tobytes(),
        )

    def _shingles(self, words: Sequence[str]) -> UnsignedVector:
        count = len(words) - _WORDS_PER_SHINGLE + 1
        if count < 1:
            return np.empty(0, np.uint64)
        hashes = np.fromiter(map(self._hash, words), np.uint64, len(words))
        shingles = np.zeros(count, np.uint64)
        for offset in range(_WORDS_PER_SHINGLE):
            # The factor makes the order of words matter; because it is odd, no bit is lost. The sum is modulo 2**64.
            shingles = shingles * np.uint64(0x9E3779B97F4A7C15) + hashes[offset : offset + count]
        return np.unique(shingles)

    def _hash(self, word: str) -> int:
        word_hash = self._word_hashes.get(word)
        if word_hash is None:
            if len(self._word_hashes) >= _MAX_CACHED_WORDS:
                self._word_hashes.clear()
            word_hash = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
            self._word_hashes[word] = word_hash
        return word_hash


class DuplicateFinder:
    """Keeps the signatures of the documents that are no duplicates; the shingles are in a temporary file, which `close`
    removes.

    The search for near duplicates is exact, by prefix filtering (Chaudhuri, Ganti and Kaushik 2006; Bayardo, Ma and
    Srikant 2007): in a common order of all elements, two sets with a Jaccard similarity of at least t have an element
    in common among the first |x| - ceil(t |x|) + 1 of each set x. Only documents that share such an element are
    compared.
    """

    def __init__(self, options: DuplicateOptions) -> None:
        self._threshold = options.near_duplicates
        self._positions: dict[bytes, int] = {}
        """of documents, by the digest of the text"""
        self._shingles = _ShingleFile()
        self._first_with: dict[int, int] = {}
        self._more_with: dict[int, list[int]] = {}
        """positions of documents by key: a shingle of the prefix XOR the hash of the numbers. Most keys have one
        document, in the first dictionary; the second holds any further ones and takes memory only for those."""

    def close(self) -> None:
        self._shingles.close()

    def find_or_add(self, position: int, signature: Signature) -> Duplicate | None:
        """The earlier document of which this one is a duplicate, and which is no duplicate itself. Where there is none,
        add this one under `position`."""
        if signature.digest in self._positions:
            return Duplicate(self._positions[signature.digest], 1.0)
        duplicate = self._find_near_or_add(position, signature) if self._threshold < 1 else None
        if duplicate is None:
            self._positions[signature.digest] = position
        return duplicate

    def _find_near_or_add(self, position: int, signature: Signature) -> Duplicate | None:
        shingles = np.frombuffer(signature.shingles, "<u8")
        if len(shingles) < _MIN_SHINGLES:
            return None
        prefix_length = len(shingles) - int(np.ceil(self._threshold * len(shingles))) + 1
        numbers = int.from_bytes(signature.numbers, "big")
        keys = [numbers ^ shingle for shingle in shingles[:prefix_length].tolist()]
        candidates = {self._first_with[key] for key in keys if key in self._first_with}
        for candidate in sorted(candidates.union(*[self._more_with[key] for key in keys if key in self._more_with])):
            candidate_numbers, candidate_shingles = self._shingles.get(candidate)
            similarity = _jaccard(shingles, candidate_shingles) if candidate_numbers == signature.numbers else 0.0
            if similarity >= self._threshold:
                return Duplicate(candidate, similarity)
        self._shingles.put(position, signature)
        for key in keys:
            if self._first_with.setdefault(key, position) != position:
                self._more_with.setdefault(key, []).append(position)
        return None


class _ShingleFile:
    """The shingles of documents, in a temporary file without a name: they are too many for the memory, and read again
    only for documents that may be near duplicates."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  `close` closes it
        self._records: dict[int, tuple[bytes, int, int]] = {}
        """by position of the document: hash of its numbers, and offset and size of its shingles in the file"""

    def close(self) -> None:
        self._file.close()

    def put(self, position: int, signature: Signature) -> None:
        offset = self._file.seek(0, os.SEEK_END)
        self._file.write(signature.shingles)
        self._records[position] = signature.numbers, offset, len(signature.shingles)

    def get(self, position: int) -> tuple[bytes, UnsignedVector]:
        """The hash of the numbers, and the shingles."""
        numbers, offset, size = self._records[position]
        self._file.seek(offset)
        return numbers, np.frombuffer(self._file.read(size), "<u8")


def _jaccard(one: UnsignedVector, other: UnsignedVector) -> float:
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / (len(one) + len(other) - common)
