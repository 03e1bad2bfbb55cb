"""The lexical search, without ranking what has only the words that so much of the index has.

SQLite's time goes into BM25: a passage costs about a microsecond, and half of an index may have a word that begins
like one of the question's. Figures, and what becomes of the hits: docs/adr/0004-hybrid-search.md.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import log

from knowligo_index.chunk_store import ChunkStore
from knowligo_index.lexical_query import any_of, lexical_query

# For each passage that is asked for, so many are ranked: at most, where there is a choice, and at least.
_MOST_RANKED = 20
_LEAST_RANKED = 5

# Passages that have no more than this share of the question's weight need not be ranked.
_SPARED_SHARE = 0.1

# Phrases whose passages are remembered to have been counted: a megabyte or two.
_COUNTS_KEPT = 10_000


class LexicalSearch:
    """Searches a store of `chunks` chunks by the words of a question."""

    def __init__(self, store: ChunkStore, chunks: int) -> None:
        self._store = store
        self._chunks = chunks
        # The common words, which take longest to count, are in every other question; and the store never changes.
        self._count = lru_cache(_COUNTS_KEPT)(store.matches)

    def search(self, question: str, k: int) -> list[tuple[int, float]]:
        """Ids and BM25 scores (higher is better) of `k` passages that have words of the question, best first; of fewer
        where fewer have any.

        In a small index, and where not many have any, these are the best of all. Else they are the best of those that
        have one of the question's telling phrases, by all of its phrases but those that half of the index has: to BM25
        these weigh nothing (to FTS5, 0.000001).
        """
        phrases = lexical_query(question)
        found = self._search_some(phrases, k) if self._chunks > _MOST_RANKED * k else []
        return found if len(found) == k else self._store.lexical_search(any_of(phrases), k)

    def _search_some(self, phrases: Sequence[str], k: int) -> list[tuple[int, float]]:
        """The best of the passages with telling phrases; fewer than `k` where there is nothing to choose from."""
        counts = {phrase: self._count(phrase) for phrase in set(phrases)}
        if sum(counts.values()) <= _MOST_RANKED * k:
            return []
        weighing = [phrase for phrase in phrases if 0 < 2 * counts[phrase] < self._chunks]
        telling = telling_phrases(weighing, counts, self._chunks, k)
        among = any_of(telling) if len(telling) < len(set(weighing)) else None
        return self._store.lexical_search(any_of(weighing), k, among)


def telling_phrases(phrases: Sequence[str], counts: Mapping[str, int], chunks: int, k: int) -> list[str]:
    """The phrases by which `k` passages are chosen, rarest first: without the most common ones, which together have a
    tenth of the weight, as long as the others are in enough passages; and without any more when they are in too many.

    `counts` has how many of the `chunks` passages have each phrase: some, and fewer than half.
    """
    weights = {
        phrase: times * log((chunks - counts[phrase] + 0.5) / (counts[phrase] + 0.5))
        for phrase, times in Counter(phrases).items()
    }
    spare = (1 - _SPARED_SHARE) * sum(weights.values())
    telling: list[str] = []
    passages, weight = 0, 0.0
    for phrase in sorted(weights, key=lambda phrase: (counts[phrase], phrase)):
        if passages >= _MOST_RANKED * k or (passages >= _LEAST_RANKED * k and weight >= spare):
            break
        telling.append(phrase)
        passages += counts[phrase]
        weight += weights[phrase]
    return telling
