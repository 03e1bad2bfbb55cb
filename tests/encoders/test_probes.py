"""The comparison of vectors by which another encoder is detected."""

import math

import numpy as np

from knowligo_index.encoders.probes import is_below, lowest_cosine

UNIT = np.array([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]], dtype=np.float32)


def test_rows_are_compared_in_pairs_and_the_lowest_cosine_counts() -> None:
    assert lowest_cosine(UNIT, UNIT) == 1.0
    assert math.isclose(lowest_cosine(UNIT, UNIT[[0, 0, 2]]), 0.6, abs_tol=1e-6)


def test_a_vector_with_a_nan_is_below_every_floor() -> None:
    vectors = UNIT.copy()
    vectors[1, 0] = np.nan
    assert is_below(lowest_cosine(vectors, UNIT), -1.0)


def test_the_floor_itself_is_not_below_the_floor() -> None:
    assert (is_below(0.95, 0.95), is_below(0.9499, 0.95)) == (False, True)
