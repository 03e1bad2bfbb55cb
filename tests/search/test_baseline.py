"""What a question's cosines are measured from."""

import numpy as np
from numpy.typing import NDArray

from knowligo_index.search.cosine_baseline import CosineBaseline
from knowligo_index.system.arrays import FloatVector

EAST, NORTH = ([1.0, 0.0], [0.0, 1.0])


def cosines(baseline: CosineBaseline, question: list[float], rows: list[int]) -> list[float]:
    vector: FloatVector = np.array(question, np.float32)
    numbers: NDArray[np.int64] = np.array(rows, np.int64)
    found: list[float] = baseline.cosines(vector, numbers).tolist()
    return found


def test_of_passages_in_one_language_it_is_the_mean_of_all() -> None:
    baseline = CosineBaseline(np.array([EAST] * 30 + [NORTH] * 10, np.float32), ["es"] * 40)
    assert len(baseline) == 40
    assert cosines(baseline, EAST, [0, 39]) == [0.75, 0.75]
    assert cosines(baseline, NORTH, [0, 39]) == [0.25, 0.25]


def test_of_passages_in_two_languages_it_is_mostly_the_mean_of_their_own() -> None:
    """A Spanish question is near to all that is Spanish, and that counts for less than the whole of it."""
    baseline = CosineBaseline(np.array([EAST] * 20 + [NORTH] * 20, np.float32), ["es"] * 20 + ["en"] * 20)
    assert cosines(baseline, EAST, [0, 20]) == [0.25 * 0.5 + 0.75 * 1.0, 0.25 * 0.5 + 0.75 * 0.0]
    assert cosines(baseline, NORTH, [0, 20]) == [0.125, 0.875]


def test_a_language_of_few_passages_and_none_at_all_have_that_of_all() -> None:
    languages = ["es"] * 20 + ["en"] * 19 + [None]
    baseline = CosineBaseline(np.array([EAST] * 20 + [NORTH] * 20, np.float32), languages)
    assert cosines(baseline, EAST, [0, 20, 39]) == [0.875, 0.5, 0.5]


def test_a_question_without_direction_has_none() -> None:
    baseline = CosineBaseline(np.array([EAST, NORTH], np.float32), [None, None])
    assert cosines(baseline, [0.0, 0.0], [0, 1]) == [0.0, 0.0]
    assert cosines(baseline, EAST, []) == []
