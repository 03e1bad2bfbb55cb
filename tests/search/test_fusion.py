from collections.abc import Mapping

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knowligo_index.search.fusion import dense_evidence, unrelated_cosines
from knowligo_index.search.fusion import fuse as fuse_arrays

EVIDENCE = st.floats(0, 1)


def fuse(
    dense: Mapping[int, float],
    lexical: Mapping[int, float],
    weight: float,
    cosines: Mapping[int, float] | None = None,
) -> list[tuple[int, float]]:
    """By chunk id: the dense evidence of every candidate, the lexical one of those with a word of the question, and
    the cosines, where they are not all the same."""
    ids = list(dense)
    near, words, cosine = ([each.get(i, 0.0) for i in ids] for each in (dense, lexical, cosines or {}))
    return fuse_arrays(
        np.array(ids, np.int64), np.array(near, float), np.array(words, float), weight, np.array(cosine, float)
    )


def test_a_cosine_counts_from_that_of_unrelated_texts_up() -> None:
    cosines = np.array([0.875, 1.0, 0.75, 0.5, -1.0, 1.0000001])
    assert dense_evidence(cosines, np.full(6, 0.75)).tolist() == [0.5, 1.0, 0.0, 0.0, 0.0, 1.0]
    assert dense_evidence(np.array([0.5, 0.5]), np.array([0.0, 0.375])).tolist() == [0.5, 0.2]
    assert dense_evidence(np.array([0.0]), np.array([-1.0])).tolist() == [0.5]


def test_in_a_small_index_the_encoder_says_what_is_unrelated_and_in_a_large_one_the_passages() -> None:
    means = np.array([0.5, 0.25])
    assert unrelated_cosines(means, 0, 0.75).tolist() == [0.75, 0.75]
    assert unrelated_cosines(means, 8, 0.75).tolist() == [0.625, 0.5]
    assert unrelated_cosines(means, 24, 0.75).tolist() == [0.5625, 0.375]


def test_a_score_is_a_share_of_both() -> None:
    assert fuse({7: 0.75, 3: 0.5, 5: 0.0}, {3: 0.5, 5: 0.25}, 0.25) == [(3, 0.5), (5, 0.1875), (7, 0.1875)]


def test_the_weight_says_which_of_the_two_wins() -> None:
    dense, lexical = {1: 0.75, 2: 0.0}, {2: 1.0}
    assert fuse(dense, lexical, 0.75) == [(1, 0.5625), (2, 0.25)]
    assert fuse(dense, lexical, 0.25) == [(2, 0.75), (1, 0.1875)]
    assert fuse(dense, lexical, 1.0) == [(1, 0.75), (2, 0.0)]
    assert fuse(dense, lexical, 0.0) == [(2, 1.0), (1, 0.0)]


def test_equal_scores_come_in_the_order_of_the_ids() -> None:
    assert fuse({9: 0.5, 2: 0.5, 4: 0.5}, {}, 0.5) == [(2, 0.25), (4, 0.25), (9, 0.25)]


def test_of_equal_scores_the_nearest_comes_first() -> None:
    """Also where no cosine is evidence: below that of unrelated texts."""
    cosines = {9: 0.625, 2: 0.5, 4: 0.625}
    assert fuse({9: 0.0, 2: 0.0, 4: 0.0}, {}, 0.5, cosines) == [(4, 0.0), (9, 0.0), (2, 0.0)]
    assert fuse({9: 0.0, 2: 0.0, 4: 0.0}, {2: 0.5}, 0.5, cosines) == [(2, 0.25), (4, 0.0), (9, 0.0)]


def test_none_and_one_are_no_special_cases() -> None:
    assert fuse({}, {}, 0.25) == []
    assert fuse({4: 1.0}, {4: 1.0}, 0.4) == [(4, 1.0)]


@given(EVIDENCE, EVIDENCE, EVIDENCE)
def test_no_score_is_beyond_0_and_1(dense: float, lexical: float, weight: float) -> None:
    ((_, score),) = fuse({1: dense}, {1: lexical}, weight)
    assert 0 <= score <= 1


@given(st.lists(st.tuples(EVIDENCE, EVIDENCE), min_size=1, max_size=9), EVIDENCE)
def test_a_score_does_not_depend_on_the_others(evidence: list[tuple[float, float]], weight: float) -> None:
    dense_only, lexical_only = (dict(enumerate(column)) for column in zip(*evidence, strict=True))
    together = dict(fuse(dense_only, lexical_only, weight))
    for number, (dense, lexical) in enumerate(evidence):
        assert fuse({number: dense}, {number: lexical}, weight) == [(number, together[number])]


@given(EVIDENCE, EVIDENCE, EVIDENCE, EVIDENCE)
def test_more_evidence_is_no_lower_score(dense: float, lexical: float, more: float, weight: float) -> None:
    ((_, score),) = fuse({1: dense}, {1: lexical}, weight)
    assert fuse({1: max(dense, more)}, {1: lexical}, weight)[0][1] >= score
    assert fuse({1: dense}, {1: max(lexical, more)}, weight)[0][1] >= score


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 0.999))
def test_a_higher_cosine_is_no_less_evidence(one: float, other: float, unrelated: float) -> None:
    low, high = dense_evidence(np.array(sorted([one, other])), np.full(2, unrelated)).tolist()
    assert 0 <= low <= high <= 1
