"""The baseline of a question's cosines: the cosine that the question has with passages that are unrelated to it.

It differs between questions and between passages. A question of few words has lower cosines with all passages, and a
Spanish question has lower cosines with English passages than with Spanish ones, so that by cosine alone an English
passage that answers it would come after Spanish passages that do not. Nearly all passages of an index are unrelated to
a question, so its mean cosine with them is an estimate of the baseline; it is the inner product with their mean vector.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowligo_index.system.arrays import FloatMatrix, FloatVector

# The baseline of a passage is a mean of two, weighted by this share: that of the passages in its language, and that of
# all passages. It is below 1 so that, of two passages that say the same, the one in the language of the question is
# preferred.
_LANGUAGE_SHARE = 0.75

# A language with fewer passages has no mean of its own, since it would depend on single passages.
_MINIMUM_PASSAGES_OF_LANGUAGE = 20


class CosineBaseline:
    """Mean cosines of a question with the passages of an index."""

    def __init__(self, vectors: FloatMatrix, languages: Sequence[str | None]) -> None:
        """`vectors`: of the passages, unit vectors float32 (n, dim). `languages`: of their documents, n of them; None
        if unknown."""
        counts = Counter(language for language in languages if language)
        group_of_language = {
            language: group
            for group, language in enumerate(
                sorted(name for name, count in counts.items() if count >= _MINIMUM_PASSAGES_OF_LANGUAGE), start=1
            )
        }
        # Group 0 has the passages whose language is unknown or rare.
        self._groups = np.array([group_of_language.get(language or "", 0) for language in languages], dtype=np.int64)
        overall = _mean(vectors)
        means = [overall, *(_mean(vectors[self._groups == group]) for group in group_of_language.values())]
        self._means = np.stack([(1 - _LANGUAGE_SHARE) * overall + _LANGUAGE_SHARE * mean for mean in means])

    def __len__(self) -> int:
        """The number of passages."""
        return len(self._groups)

    def cosines(self, question: FloatVector, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """For each of the passages in `rows`, (n,), the mean cosine of the question, a unit vector float32 (dim,), with
        all passages and with those in the same language."""
        cosines: NDArray[np.float64] = (self._means @ question.astype(np.float64))[self._groups[rows]]
        return cosines


def _mean(vectors: FloatMatrix) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = vectors.mean(axis=0, dtype=np.float64)
    return mean
