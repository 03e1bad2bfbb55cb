"""Combine the evidence of the dense and of the lexical search into one ranking. The scores can be compared between
questions. Reasons and measurements: docs/adr/0018-absolute-evidence.md."""

import numpy as np
from numpy.typing import NDArray

# Both constants are written into the manifest of each version. Whoever changes one must increase `CONTENT_SCHEMA`:
# otherwise an index whose documents have not changed keeps the old value.
DENSE_WEIGHT = 0.375
"""the weight of the dense evidence in a score; chosen in docs/adr/0018-absolute-evidence.md"""

ANSWERED = 0.12
"""the minimum score of the best passage at which the documents are said to answer a question; chosen in
docs/adr/0018-absolute-evidence.md"""

_PRIOR_PASSAGES = 8


def unrelated_cosines(means: NDArray[np.float64], passages: int, expected: float) -> NDArray[np.float64]:
    """The cosine that the question would have with each candidate if that were unrelated to it, (n,).

    `means`: the baseline of each candidate, (n,), from `CosineBaseline`. `passages`: the number of passages in the
    index. `expected`: the mean cosine of the encoder for unrelated texts. It is averaged with the baseline as if the
    index had eight more passages with that cosine, since in an index of a few passages most may answer the question.
    """
    return (passages * means + _PRIOR_PASSAGES * expected) / (passages + _PRIOR_PASSAGES)


def dense_evidence(cosines: NDArray[np.float64], unrelated: NDArray[np.float64]) -> NDArray[np.float64]:
    """The dense evidence of each candidate, 0 to 1, (n,): the position of its cosine between that of an unrelated
    passage, which gives 0, and 1. The cosines alone are no evidence: with some encoders none is below 0.7."""
    return np.clip((cosines - unrelated) / (1 - unrelated), 0.0, 1.0)


def fuse(
    ids: NDArray[np.int64],
    dense: NDArray[np.float64],
    lexical: NDArray[np.float64],
    weight: float,
    cosines: NDArray[np.float64],
) -> list[tuple[int, float]]:
    """Chunk ids and scores, 0 to 1, best first. A score is a convex combination of the dense and the lexical evidence.

    All arrays are (n,), with one element for each candidate: its id, its dense and its lexical evidence, 0 to 1, and
    its cosine. `weight` is that of the dense evidence. No score depends on the other candidates: Bruch, Gai and Ingber,
    "An Analysis of Fusion Functions for Hybrid Retrieval" (2023), compare this scaling by theoretical bounds with
    scaling by the scores of the candidates.

    Of equal scores the higher cosine comes first, and then the lower id. In an index of a few passages there may be no
    evidence for any of them: the nearest is still the best guess.
    """
    scores = weight * dense + (1 - weight) * lexical
    order = np.lexsort((ids, -cosines, -scores))
    return list(zip(ids[order].tolist(), scores[order].tolist(), strict=True))
