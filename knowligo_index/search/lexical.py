"""The lexical search, without ranking what has only the words that so much of the index has.

What it says of a passage is evidence, 0 to 1: its BM25 as a share of the most that any passage could score for the
question. BM25 itself is no measure between questions, since a longer one scores more.

SQLite's time goes into BM25: a passage costs about a microsecond, and half of an index may have a word that begins
like one of the question's. Figures, and what becomes of the hits: docs/adr/0004-hybrid-search.md.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import log

from knowligo_index.search.lexical_query import any_of, lexical_query
from knowligo_index.store.chunks import ChunkStore

# For each passage that is asked for, so many are ranked: at most, where there is a choice, and at least.
_MOST_RANKED = 20
_LEAST_RANKED = 5

# Passages that have no more than this share of the question's weight need not be ranked.
_SPARED_SHARE = 0.1

# Of FTS5's BM25.
_K1 = 1.2
_LEAST_IDF = 1e-6

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
        """Ids and evidence (0 to 1) of `k` passages that have words of the question, best first; of fewer where fewer
        have any.

        In a small index, and where not many have any, these are the best of all. Else they are the best of those that
        have one of the question's telling phrases, by all of its phrases but those that half of the index has: to BM25
        these weigh nothing (to FTS5, 0.000001).
        """
        return list(self.evidence(question, k).items())

    def evidence(self, question: str, k: int, others: Sequence[int] = ()) -> dict[int, float]:
        """That of the `k` passages that `search` gives, best first, and then of those of these others that have words
        of the question, too."""
        phrases = lexical_query(question)
        counts = {phrase: self._count(phrase) for phrase in dict.fromkeys(phrases)}
        found = self._some(phrases, counts, k, others) or self._store.lexical_search(any_of(phrases), k, None, others)
        most = most_score(phrases, counts, self._chunks)
        return {chunk_id: min(max(score / most, 0.0), 1.0) for chunk_id, score in found}

    def _some(
        self, phrases: Sequence[str], counts: Mapping[str, int], k: int, others: Sequence[int]
    ) -> list[tuple[int, float]]:
        """The best of the passages with telling phrases; none where there is nothing to choose from, or too few."""
        if self._chunks <= _MOST_RANKED * k or sum(counts.values()) <= _MOST_RANKED * k:
            return []
        weighing = [phrase for phrase in phrases if 0 < 2 * counts[phrase] < self._chunks]
        telling = telling_phrases(weighing, counts, self._chunks, k)
        among = any_of(telling) if len(telling) < len(set(weighing)) else None
        found = self._store.lexical_search(any_of(weighing), k, among, others)
        return found if len(found) >= k else []


def most_score(phrases: Sequence[str], counts: Mapping[str, int], chunks: int) -> float:
    """What BM25 comes near to where a passage holds all of the phrases, each as often as can be. A phrase that none of
    the `chunks` passages has counts most: what the index does not have is missing. `counts` has how many have each."""
    return sum(max(_idf(counts[phrase], chunks), _LEAST_IDF) * (_K1 + 1) for phrase in phrases)


def _idf(count: int, chunks: int) -> float:
    return log((chunks - count + 0.5) / (count + 0.5))


def telling_phrases(phrases: Sequence[str], counts: Mapping[str, int], chunks: int, k: int) -> list[str]:
    """The phrases by which `k` passages are chosen, rarest first: without the most common ones, which together have a
    tenth of the weight, as long as the others are in enough passages; and without any more when they are in too many.

    `counts` has how many of the `chunks` passages have each phrase: some, and fewer than half.
    """
    weights = {phrase: times * _idf(counts[phrase], chunks) for phrase, times in Counter(phrases).items()}
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
