"""The lexical search: BM25, without ranking the passages that have only very common words of the question.

Its scores are evidence, 0 to 1: the BM25 score of a passage as a share of the highest that any passage could have for
the question. BM25 scores themselves cannot be compared between questions, since longer questions have higher ones.

Most of SQLite's time goes into computing BM25, about a microsecond for each passage, and half of the passages may have
a word that begins like one of the question. Measurements, and how the hits change: docs/adr/0004-hybrid-search.md.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import log

from knowligo_index.search.lexical_query import any_of, lexical_query
from knowligo_index.store.chunks import ChunkStore

# How many passages are ranked for each passage that is to be returned: at most, as far as the choice of phrases allows
# it, and at least.
_MAXIMUM_RANKED = 20
_MINIMUM_RANKED = 5

# A passage need not be ranked if the phrases that it has carry no more than this share of the question's weight.
_NEGLIGIBLE_SHARE = 0.1

# BM25 as FTS5 computes it (https://www.sqlite.org/fts5.html, "The bm25() function").
_K1 = 1.2
_MINIMUM_IDF = 1e-6

# Number of phrases for which the count of passages is cached: one or two megabytes.
_CACHED_COUNTS = 10_000


class LexicalSearch:
    """Searches a store of `chunks` chunks by the words of a question."""

    def __init__(self, store: ChunkStore, chunks: int) -> None:
        self._store = store
        self._chunks = chunks
        # Common words take longest to count and are in many questions, and the store never changes.
        self._count = lru_cache(_CACHED_COUNTS)(store.count_matches)

    def search(self, question: str, k: int) -> list[tuple[int, float]]:
        """Ids and evidence, 0 to 1, of up to `k` passages that have words of the question, best first.

        In a small index, or if few passages have words of the question, they are the best of all. Otherwise they are
        the best of the passages that have one of the question's distinctive phrases, ranked without the phrases that
        half of the passages have, which count for almost nothing in BM25 (in FTS5, 0.000001).
        """
        return list(self.evidence(question, k).items())

    def evidence(self, question: str, k: int, include: Sequence[int] = ()) -> dict[int, float]:
        """The evidence, 0 to 1, of the `k` passages that `search` returns, best first, and then of the passages in
        `include` that have words of the question, by chunk id."""
        phrases = lexical_query(question)
        counts = {phrase: self._count(phrase) for phrase in dict.fromkeys(phrases)}
        matches = self._best_of_distinctive(phrases, counts, k, include)
        if not matches:
            matches = self._store.lexical_search(any_of(phrases), k, None, include)
        maximum = maximum_score(phrases, counts, self._chunks)
        return {chunk_id: min(max(score / maximum, 0.0), 1.0) for chunk_id, score in matches}

    def _best_of_distinctive(
        self, phrases: Sequence[str], counts: Mapping[str, int], k: int, include: Sequence[int]
    ) -> list[tuple[int, float]]:
        """The best of the passages that have distinctive phrases; empty if all passages can be ranked, or if fewer than
        `k` have such phrases."""
        if self._chunks <= _MAXIMUM_RANKED * k or sum(counts.values()) <= _MAXIMUM_RANKED * k:
            return []
        weighted = [phrase for phrase in phrases if 0 < 2 * counts[phrase] < self._chunks]
        distinctive = distinctive_phrases(weighted, counts, self._chunks, k)
        among = any_of(distinctive) if len(distinctive) < len(set(weighted)) else None
        matches = self._store.lexical_search(any_of(weighted), k, among, include)
        return matches if len(matches) >= k else []


def maximum_score(phrases: Sequence[str], counts: Mapping[str, int], chunks: int) -> float:
    """The limit of the BM25 score of a passage that has all of the phrases, as each occurs more and more often.

    `counts` has the number of passages, of the `chunks` passages of the index, that have each phrase. A phrase that no
    passage has contributes most: what the question asks for is missing from the index.
    """
    return sum(max(_idf(counts[phrase], chunks), _MINIMUM_IDF) * (_K1 + 1) for phrase in phrases)


def _idf(count: int, chunks: int) -> float:
    return log((chunks - count + 0.5) / (count + 0.5))


def distinctive_phrases(phrases: Sequence[str], counts: Mapping[str, int], chunks: int, k: int) -> list[str]:
    """The phrases by which the passages to be ranked for `k` hits are chosen, rarest first.

    The most common phrases, which together carry a tenth of the weight, are left out if enough passages have one of the
    rarer phrases. No phrase is added once the phrases before it have enough passages to rank.

    `counts` has the number of passages, of the `chunks` passages of the index, that have each phrase: at least one, and
    fewer than half.
    """
    weights = {phrase: times * _idf(counts[phrase], chunks) for phrase, times in Counter(phrases).items()}
    sufficient_weight = (1 - _NEGLIGIBLE_SHARE) * sum(weights.values())
    distinctive: list[str] = []
    passages, weight = 0, 0.0
    for phrase in sorted(weights, key=lambda phrase: (counts[phrase], phrase)):
        if passages >= _MAXIMUM_RANKED * k or (passages >= _MINIMUM_RANKED * k and weight >= sufficient_weight):
            break
        distinctive.append(phrase)
        passages += counts[phrase]
        weight += weights[phrase]
    return distinctive
