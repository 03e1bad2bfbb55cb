"""Combine what the dense and the lexical search found into one ranking. Figures: docs/adr/0004-hybrid-search.md."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

# From the second passage of one document on, each counts a tenth less than the one before it would: one long document
# that says the word often would else fill the list.
_FURTHER_SHARE = 0.9

# Passages whose documents are looked up at first, for each that is asked for: nearly always enough.
_HEAD_FOR_EACH = 5


def fuse(
    ids: NDArray[np.int64], dense: NDArray[np.float64], lexical: NDArray[np.float64], weight: float
) -> list[tuple[int, float]]:
    """Chunk ids with a convex combination of their scores, 0 to 1, best first, ties to the lower id.

    All three are (n,), a place a candidate: its id, its cosine, and its BM25 score or 0 where it has no word of the
    question. `weight` is the dense score's share. Cosines are scaled from their lowest to their highest, BM25 from 0.
    Combination and scaling are those of Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval"
    (2023).
    """
    if not len(ids):
        return []
    low, high = dense.min(), dense.max()
    scores = weight * (dense - low) / ((high - low) or 1.0) + (1 - weight) * lexical / (lexical.max() or 1.0)
    order = np.lexsort((ids, -scores))
    return list(zip(ids[order].tolist(), scores[order].tolist(), strict=True))


def diversify(ranked: Sequence[tuple[int, float]], documents: Mapping[int, int]) -> list[tuple[int, float]]:
    """Chunk ids and scores, best first, where the passages of a document beyond its best one have lost a tenth of
    their score, another tenth for each further one. `ranked` is best first; `documents` has each chunk's document.
    """
    seen: Counter[int] = Counter()
    scores: list[tuple[int, float]] = []
    for chunk_id, score in ranked:
        document = documents[chunk_id]
        scores.append((chunk_id, score * _FURTHER_SHARE ** seen[document]))
        seen[document] += 1
    return sorted(scores, key=lambda item: (-item[1], item[0]))


def first_diversified(
    ranked: Sequence[tuple[int, float]], documents_of: Callable[[Sequence[int]], Mapping[int, int]], k: int
) -> list[tuple[int, float]]:
    """The first `k` of what `diversify` gives; `documents_of` looks up the document of each of these chunks."""
    # A score is only ever lowered, so what was ranked below the k-th score of those before it is not among the k.
    head = ranked[: _HEAD_FOR_EACH * k]
    first = diversify(head, documents_of([chunk_id for chunk_id, _ in head]))[:k]
    if len(head) == len(ranked) or first[-1][1] > ranked[len(head)][1]:
        return first
    return diversify(ranked, documents_of([chunk_id for chunk_id, _ in ranked]))[:k]
