"""Combine what the dense and the lexical search found into one ranking, by evidence that means the same for every
question. Why, and figures: docs/adr/0018-absolute-evidence.md."""

import numpy as np
from numpy.typing import NDArray

# Both constants go into each version's manifest: who changes one raises `CONTENT_SCHEMA`, or unchanged documents keep
# the old one.
DENSE_WEIGHT = 0.375
"""the dense evidence's share of a score; chosen in docs/adr/0018-absolute-evidence.md"""

ANSWERED = 0.12
"""Below this score the best passage is too little to say that the documents answer a question; chosen in
docs/adr/0018-absolute-evidence.md."""

_EXPECTED_COUNTS = 8


def unrelated_cosines(means: NDArray[np.float64], passages: int, expected: float) -> NDArray[np.float64]:
    """What a question gives to passages that have nothing to do with it, (n,): `means`, its mean cosines with the
    passages like each (`baseline`), drawn towards `expected`, what its encoder gives over fixed texts, as by eight
    passages more, since in an index of a few most may be what was asked for. `passages`: how many the index has."""
    return (passages * means + _EXPECTED_COUNTS * expected) / (passages + _EXPECTED_COUNTS)


def dense_evidence(cosines: NDArray[np.float64], unrelated: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far each cosine is on the way from `unrelated`, what the question gives to passages that have nothing to do
    with it, to 1: all (n,), evidence 0 to 1. Some encoders have no cosine below 0.7, and would seem to find
    everything."""
    return np.clip((cosines - unrelated) / (1 - unrelated), 0.0, 1.0)


def fuse(
    ids: NDArray[np.int64],
    dense: NDArray[np.float64],
    lexical: NDArray[np.float64],
    weight: float,
    cosines: NDArray[np.float64],
) -> list[tuple[int, float]]:
    """Chunk ids with a convex combination of their evidence, 0 to 1, best first.

    All are (n,), a place a candidate: its id, its evidence of both kinds, 0 to 1, and its cosine. `weight` is the dense
    evidence's share. No score depends on the other candidates. Bruch, Gai and Ingber, "An Analysis of Fusion Functions
    for Hybrid Retrieval" (2023), compare this theoretical scaling with scaling by what was found.

    Of equal scores the higher cosine comes first, and then the lower id: where nothing is evidence, as may be in an
    index of a few passages, the nearest is still the best guess.
    """
    scores = weight * dense + (1 - weight) * lexical
    order = np.lexsort((ids, -cosines, -scores))
    return list(zip(ids[order].tolist(), scores[order].tolist(), strict=True))
