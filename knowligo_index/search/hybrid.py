"""Search a set of passages by meaning and by words, and weigh the evidence of the two."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowligo_index.search.baseline import Baseline
from knowligo_index.search.fusion import dense_evidence, fuse, unrelated_cosines
from knowligo_index.search.lexical import LexicalSearch
from knowligo_index.store.manifest import Fusion
from knowligo_index.store.vectors import VectorIndex
from knowligo_index.system.arrays import FloatVector

LEAST_CANDIDATES = 100
"""passages that each of the two searches hands to the fusion, at the least"""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What the two searches found for a question: each (n,), a place a candidate."""

    ids: NDArray[np.int64]
    """of chunks"""
    dense: NDArray[np.float64]
    """cosines"""
    lexical: NDArray[np.float64]
    """evidence, 0 to 1; 0 where no word of the question is"""
    mean_cosines: NDArray[np.float64]
    """of the question with the passages like each"""
    passages: int
    """how many there are in all"""

    def fused(self, fusion: Fusion) -> list[tuple[int, float]]:
        """Chunk ids and scores, 0 to 1, best first."""
        unrelated = unrelated_cosines(self.mean_cosines, self.passages, fusion.unrelated_cosine)
        dense = dense_evidence(self.dense, unrelated)
        return fuse(self.ids, dense, self.lexical, fusion.dense_weight, self.dense)


@dataclass(frozen=True, slots=True)
class HybridSearch:
    """Row i of the vectors is chunk i of the words."""

    vectors: VectorIndex
    words: LexicalSearch
    baseline: Baseline

    def candidates(self, question: str, vector: FloatVector, k: int) -> Candidates:
        """Enough of them for the best `k`; `vector` is the question's, float32 (dim,), a unit vector, or zeros where
        the encoder does not read it: then its words alone find anything."""
        depth = max(LEAST_CANDIDATES, k)
        near: list[int] = self.vectors.search(vector[np.newaxis, :], depth)[1][0].tolist() if vector.any() else []
        lexical = self.words.evidence(question, depth, near)
        found = sorted({*near, *lexical})
        ids = np.array(found, dtype=np.int64)
        return Candidates(
            ids,
            self.vectors.scores(vector, found).astype(np.float64),
            np.array([lexical.get(chunk_id, 0.0) for chunk_id in found]),
            self.baseline.cosines(vector, ids),
            len(self.baseline),
        )
