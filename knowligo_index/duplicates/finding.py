"""Compare the texts of documents, exactly and by their word 5-grams."""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowligo_index.arrays import UnsignedVector
from knowligo_index.duplicates import DuplicateOptions
from knowligo_index.types import Document

_WORDS_A_SHINGLE = 5

# A text with fewer shingles than this is a near duplicate of nothing: one word changed is a tenth of it.
_LEAST_SHINGLES = 50

_WORD = re.compile(r"\w+")
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A document that is not indexed, since another one is."""

    original: int
    """the place of the other one"""
    similarity: float
    """1 where the texts are the same"""


def find_duplicates(documents: Sequence[Document], options: DuplicateOptions) -> dict[int, Duplicate]:
    """Which documents, by their place, are duplicates of an earlier one that is none itself."""
    found: dict[int, Duplicate] = {}
    first_with: dict[bytes, int] = {}
    near = _NearDuplicates(options.near_duplicates)
    for place, document in enumerate(documents):
        digest = hashlib.sha256(" ".join(document.text.split()).encode()).digest()
        if digest in first_with:
            found[place] = Duplicate(first_with[digest], 1.0)
            continue
        duplicate = near.find_or_add(place, document.text) if options.near_duplicates < 1 else None
        if duplicate:
            found[place] = duplicate
        else:
            first_with[digest] = place
    return found


class _NearDuplicates:
    """Exact search by prefix filtering (Chaudhuri, Ganti and Kaushik 2006; Bayardo, Ma and Srikant 2007): of two sets
    with a Jaccard similarity of t or more, in one order of all elements, the first |x| - ceil(t |x|) + 1 of each have
    one in common. So only documents that share one of those are compared.
    """

    def __init__(self, threshold: float) -> None:
        self._threshold = threshold
        self._word_hashes: dict[str, int] = {}
        self._shingles: dict[int, UnsignedVector] = {}
        self._with_prefix: dict[tuple[int, int], list[int]] = {}

    def find_or_add(self, place: int, text: str) -> Duplicate | None:
        """The earliest document that this one nearly repeats; where there is none, remember this one."""
        words = _WORD.findall(text.casefold())
        shingles = self._shingles_of(words)
        if len(shingles) < _LEAST_SHINGLES:
            return None
        numbers = hash(frozenset(Counter(word for word in words if _DIGIT.search(word)).items()))
        length = len(shingles) - int(np.ceil(self._threshold * len(shingles))) + 1
        keys = [(numbers, shingle) for shingle in shingles[:length].tolist()]
        for other in sorted({each for key in keys for each in self._with_prefix.get(key, ())}):
            similarity = _jaccard(shingles, self._shingles[other])
            if similarity >= self._threshold:
                return Duplicate(other, similarity)
        self._shingles[place] = shingles
        for key in keys:
            self._with_prefix.setdefault(key, []).append(place)
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
            known = int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "big")
            self._word_hashes[word] = known
        return known


def _jaccard(one: UnsignedVector, other: UnsignedVector) -> float:
    common = len(np.intersect1d(one, other, assume_unique=True))
    return common / (len(one) + len(other) - common)
