"""Combine what the dense and the lexical search found into one ranking."""

from collections.abc import Mapping

DENSE_WEIGHT = 0.4
"""Share of the dense score. Measured: docs/adr/0004-hybrid-search.md."""


def fuse(
    dense: Mapping[int, float], lexical: Mapping[int, float], dense_weight: float = DENSE_WEIGHT
) -> list[tuple[int, float]]:
    """Chunk ids with a convex combination of their min-max scores, best first, ties to the lower id.

    `dense` has the cosine of every candidate, `lexical` the BM25 score of those that hold a word of the query. BM25's
    minimum is 0, which a passage without any of the words gets. The combination and its normalisation are those of
    Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval" (2023).
    """
    low, high = min(dense.values(), default=0.0), max(dense.values(), default=0.0)
    spread = (high - low) or 1.0
    best = max(lexical.values(), default=0.0) or 1.0
    scores = {
        chunk_id: dense_weight * (cosine - low) / spread + (1 - dense_weight) * lexical.get(chunk_id, 0.0) / best
        for chunk_id, cosine in dense.items()
    }
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
