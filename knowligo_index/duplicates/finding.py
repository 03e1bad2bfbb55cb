"""Compare the texts of documents, exactly and by their word 5-grams."""

import hashlib
import os
import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from knowligo_index.arrays import UnsignedVector
from knowligo_index.duplicates import DuplicateOptions

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


class DuplicateFinder:
    """Remembers of every text what it takes to know one that says the same. A context manager: of near duplicates that
    is too much for the memory."""

    def __init__(self, options: DuplicateOptions) -> None:
        self._first_with: dict[bytes, int] = {}
        self._near = _NearDuplicates(options.near_duplicates) if options.near_duplicates < 1 else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._near:
            self._near.close()

    def find_or_add(self, place: int, text: str) -> Duplicate | None:
        """The earlier document, itself none, that this text is a duplicate of; where there is none, remember the text
        as that of the document at this place."""
        digest = hashlib.sha256(" ".join(text.split()).encode()).digest()
        if digest in self._first_with:
            return Duplicate(self._first_with[digest], 1.0)
        duplicate = self._near.find_or_add(place, text) if self._near else None
        if duplicate is None:
            self._first_with[digest] = place
        return duplicate


class _NearDuplicates:
    """Exact search by prefix filtering (Chaudhuri, Ganti and Kaushik 2006; Bayardo, Ma and Srikant 2007): of two sets
    with a Jaccard similarity of t or more, in one order of all elements, the first |x| - ceil(t |x|) + 1 of each have
    one in common. So only documents that share one of those are compared.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._word_hashes: dict[str, int] = {}
        self._shingles = _Shelf()
        self._first_with: dict[int, int] = {}
        self._more_with: dict[int, list[int]] = {}
        """places of documents by one of their first elements, mixed with their numbers; mostly there is one"""

    def close(self) -> None:
        self._shingles.close()

    def find_or_add(self, place: int, text: str) -> Duplicate | None:
        """The earliest document that this one nearly repeats; where there is none, remember this one."""
        words = _WORD.findall(text.casefold())
        shingles = self._shingles_of(words)
        if len(shingles) < _LEAST_SHINGLES:
            return None
        numbers = hash(frozenset(Counter(word for word in words if _DIGIT.search(word)).items()))
        length = len(shingles) - int(np.ceil(self._threshold * len(shingles))) + 1
        keys = [numbers ^ shingle for shingle in shingles[:length].tolist()]
        first = {self._first_with[key] for key in keys if key in self._first_with}
        for other in sorted(first.union(*[self._more_with[key] for key in keys if key in self._more_with])):
            others_numbers, others_shingles = self._shingles.get(other)
            similarity = _jaccard(shingles, others_shingles) if others_numbers == numbers else 0.0
            if similarity >= self._threshold:
                return Duplicate(other, similarity)
        self._shingles.put(place, numbers, shingles)
        for key in keys:
            if self._first_with.setdefault(key, place) != place:
                self._more_with.setdefault(key, []).append(place)
        return None

    def _shingles_of(self, words: Sequence[str]) -> UnsignedVector:
        """The 64-bit hashes of all runs of five words, ascending, each once."""
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


class _Shelf:
    """Shingles of documents, in a file without a name: they are needed again only where two documents may be alike."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  `close` closes it
        self._places: dict[int, tuple[int, int, int]] = {}

    def close(self) -> None:
        self._file.close()

    def put(self, place: int, numbers: int, shingles: UnsignedVector) -> None:
        offset = self._file.seek(0, os.SEEK_END)
        self._file.write(shingles.tobytes())
        self._places[place] = numbers, offset, len(shingles)

    def get(self, place: int) -> tuple[int, UnsignedVector]:
        numbers, offset, count = self._places[place]
        self._file.seek(offset)
        return numbers, np.frombuffer(self._file.read(8 * count), np.uint64)


def _jaccard(one: UnsignedVector, other: UnsignedVector) -> float:
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / (len(one) + len(other) - common)
