"""What a question's cosines are measured from: what it gives to passages that have nothing to do with it.

That is not the same for all questions, nor for all passages: a question of few words is further from everything, and
one in Spanish is further from every English passage than from every Spanish one, so that, of cosines alone, the English
passage that answers would come after Spanish ones that do not. Nearly all passages of an index have nothing to do with
a question, so that its mean cosine with them says what that is; and it is an inner product with their mean vector.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowligo_index.system.arrays import FloatMatrix, FloatVector

# How far a passage's baseline is on the way from that of all passages to that of its language: not all of it, since of
# two passages that say the same the one in the language of the question is rather what was asked for.
_LANGUAGE_SHARE = 0.75

# Of a language with fewer passages it cannot be told.
_LEAST_OF_A_LANGUAGE = 20


class Baseline:
    """That of the passages of an index."""

    def __init__(self, vectors: FloatMatrix, languages: Sequence[str | None]) -> None:
        """Of the passages: their unit vectors, float32 (n, dim), and the languages of their documents, if known."""
        counts = Counter(language for language in languages if language)
        numbers = {
            language: number
            for number, language in enumerate(
                sorted(name for name, count in counts.items() if count >= _LEAST_OF_A_LANGUAGE), start=1
            )
        }
        self._numbers = np.array([numbers.get(language or "", 0) for language in languages], dtype=np.int64)
        everything = _mean(vectors)
        means = [everything, *(_mean(vectors[self._numbers == number]) for number in numbers.values())]
        # The first is that of passages in no language of their own.
        self._means = np.stack([(1 - _LANGUAGE_SHARE) * everything + _LANGUAGE_SHARE * mean for mean in means])

    def __len__(self) -> int:
        return len(self._numbers)

    def cosines(self, question: FloatVector, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """For each of these passages, (n,), the mean cosine of the question, float32 (dim,), with those like it."""
        found: NDArray[np.float64] = (self._means @ question.astype(np.float64))[self._numbers[rows]]
        return found


def _mean(vectors: FloatMatrix) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = vectors.mean(axis=0, dtype=np.float64)
    return mean
