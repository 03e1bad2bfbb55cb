"""Search passages by meaning and by words, and combine the evidence of both."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowligo_index.search.cosine_baseline import CosineBaseline
from knowligo_index.search.fusion import dense_evidence, fuse, unrelated_cosines
from knowligo_index.search.lexical import LexicalSearch
from knowligo_index.store.manifest import Fusion
from knowligo_index.store.vectors import VectorIndex
from knowligo_index.system.arrays import FloatVector

MINIMUM_CANDIDATES = 100
"""passages that each of the two searches contributes at least, if it finds so many"""


@dataclass(frozen=True, slots=True)
class Candidates:
    """The passages that the two searches found for a question. The arrays are (n,), with one element for each."""

    ids: NDArray[np.int64]
    """chunk ids"""
    cosines: NDArray[np.float64]
    lexical: NDArray[np.float64]
    """lexical evidence, 0 to 1; 0 if the passage has no word of the question"""
    mean_cosines: NDArray[np.float64]
    """baseline of the cosines (`CosineBaseline`)"""
    passages: int
    """number of passages in the index"""

    def fused(self, fusion: Fusion) -> list[tuple[int, float]]:
        """Chunk ids and scores, 0 to 1, best first."""
        unrelated = unrelated_cosines(self.mean_cosines, self.passages, fusion.unrelated_cosine)
        dense = dense_evidence(self.cosines, unrelated)
        return fuse(self.ids, dense, self.lexical, fusion.dense_weight, self.cosines)


@dataclass(frozen=True, slots=True)
class HybridSearch:
    """The dense and the lexical search of the same passages: row i of the vectors is chunk i."""

    vectors: VectorIndex
    lexical_search: LexicalSearch
    baseline: CosineBaseline

    def candidates(self, question: str, vector: FloatVector, k: int) -> Candidates:
        """Candidates for the best `k` passages. `vector` is that of the question, float32 (dim,): a unit vector, or
        zeros if the encoder does not read the script of the question; then only the lexical search finds passages."""
        depth = max(MINIMUM_CANDIDATES, k)
        nearest: list[int] = self.vectors.search(vector[np.newaxis, :], depth)[1][0].tolist() if vector.any() else []
        lexical = self.lexical_search.evidence(question, depth, nearest)
        candidates = sorted({*nearest, *lexical})
        ids = np.array(candidates, dtype=np.int64)
        return Candidates(
            ids,
            self.vectors.scores(vector, candidates).astype(np.float64),
            np.array([lexical.get(chunk_id, 0.0) for chunk_id in candidates]),
            self.baseline.cosines(vector, ids),
            len(self.baseline),
        )
