"""Compare the texts of documents, exactly and by their word 5-grams."""

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

_WORDS_A_SHINGLE = 5

# A text with fewer shingles than this is a near duplicate of nothing: one word changed is a tenth of it.
_LEAST_SHINGLES = 50

# So many words are hashed once; a corpus of numbers has ever new ones.
_MOST_WORDS = 100_000

_WORD = re.compile(r"\w+")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A document that is not indexed, since another one is."""

    original: int
    """the place of the other one"""
    similarity: float
    """1 where the texts are the same"""


@dataclass(frozen=True, slots=True)
class Signature:
    """What is compared of a text."""

    digest: bytes
    """of the text, white space apart"""
    numbers: bytes
    """a hash of its words with digits and how often each is there"""
    shingles: bytes
    """the 64-bit hashes of all its runs of five words, ascending, each once: little-endian"""


class Signer:
    """Makes signatures. Words are hashed once for many texts."""

    def __init__(self) -> None:
        self._word_hashes: dict[str, int] = {}

    def sign(self, text: str) -> Signature:
        words = _WORD.findall(text.casefold())
        counts = sorted(Counter(word for word in words if _DIGIT.search(word)).items())
        return Signature(
            hashlib.sha256(" ".join(text.split()).encode()).digest(),
            hashlib.blake2b(repr(counts).encode(), digest_size=8).digest(),
            self._shingles(words).astype("<u8").tobytes(),
        )

    def _shingles(self, words: Sequence[str]) -> UnsignedVector:
        count = len(words) - _WORDS_A_SHINGLE + 1
        if count < 1:
            return np.empty(0, np.uint64)
        hashes = np.fromiter(map(self._hash, words), np.uint64, len(words))
        shingles = np.zeros(count, np.uint64)
        for offset in range(_WORDS_A_SHINGLE):
            # An odd factor, so that no bit is lost and the order of words matters; the sum wraps round.
            shingles = shingles * np.uint64(0x9E3779B97F4A7C15) + hashes[offset : offset + count]
        return np.unique(shingles)

    def _hash(self, word: str) -> int:
        known = self._word_hashes.get(word)
        if known is None:
            if len(self._word_hashes) >= _MOST_WORDS:
                self._word_hashes.clear()
            known = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
            self._word_hashes[word] = known
        return known


class DuplicateFinder:
    """Remembers of every text what it takes to know one that says the same. Close it: of near duplicates that is too
    much for the memory.

    The search for near duplicates is exact, by prefix filtering (Chaudhuri, Ganti and Kaushik 2006; Bayardo, Ma and
    Srikant 2007): of two sets with a Jaccard similarity of t or more, in one order of all elements, the first
    |x| - ceil(t |x|) + 1 of each have one in common. So only documents that share one of those are compared.
    """

    def __init__(self, options: DuplicateOptions) -> None:
        self._threshold = options.near_duplicates
        self._same: dict[bytes, int] = {}
        self._shelf = _Shelf()
        self._first_with: dict[int, int] = {}
        self._more_with: dict[int, list[int]] = {}
        """places of documents by one of their first elements, mixed with their numbers; mostly there is one"""

    def close(self) -> None:
        self._shelf.close()

    def find_or_add(self, place: int, signature: Signature) -> Duplicate | None:
        """The earlier document, itself none, that this one is a duplicate of; where there is none, remember this one
        as the document at that place."""
        if signature.digest in self._same:
            return Duplicate(self._same[signature.digest], 1.0)
        duplicate = self._find_near_or_add(place, signature) if self._threshold < 1 else None
        if duplicate is None:
            self._same[signature.digest] = place
        return duplicate

    def _find_near_or_add(self, place: int, signature: Signature) -> Duplicate | None:
        shingles = np.frombuffer(signature.shingles, "<u8")
        if len(shingles) < _LEAST_SHINGLES:
            return None
        length = len(shingles) - int(np.ceil(self._threshold * len(shingles))) + 1
        numbers = int.from_bytes(signature.numbers, "big")
        keys = [numbers ^ shingle for shingle in shingles[:length].tolist()]
        first = {self._first_with[key] for key in keys if key in self._first_with}
        for other in sorted(first.union(*[self._more_with[key] for key in keys if key in self._more_with])):
            others_numbers, others_shingles = self._shelf.get(other)
            similarity = _jaccard(shingles, others_shingles) if others_numbers == signature.numbers else 0.0
            if similarity >= self._threshold:
                return Duplicate(other, similarity)
        self._shelf.put(place, signature)
        for key in keys:
            if self._first_with.setdefault(key, place) != place:
                self._more_with.setdefault(key, []).append(place)
        return None


class _Shelf:
    """Shingles of documents, in a file without a name: they are needed again only where two documents may be alike."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  `close` closes it
        self._places: dict[int, tuple[bytes, int, int]] = {}

    def close(self) -> None:
        self._file.close()

    def put(self, place: int, signature: Signature) -> None:
        offset = self._file.seek(0, os.SEEK_END)
        self._file.write(signature.shingles)
        self._places[place] = signature.numbers, offset, len(signature.shingles)

    def get(self, place: int) -> tuple[bytes, UnsignedVector]:
        numbers, offset, size = self._places[place]
        self._file.seek(offset)
        return numbers, np.frombuffer(self._file.read(size), "<u8")


def _jaccard(one: UnsignedVector, other: UnsignedVector) -> float:
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / (len(one) + len(other) - common)
