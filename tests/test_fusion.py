from collections.abc import Mapping, Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knowligo_index.fusion import dense_evidence, diversify, first_diversified
from knowligo_index.fusion import fuse as fuse_arrays

EVIDENCE = st.floats(0, 1)


def fuse(dense: Mapping[int, float], lexical: Mapping[int, float], weight: float) -> list[tuple[int, float]]:
    """By chunk id: the dense evidence of every candidate, and the lexical one of those with a word of the question."""
    ids = list(dense)
    words = [lexical.get(chunk_id, 0.0) for chunk_id in ids]
    return fuse_arrays(np.array(ids, np.int64), np.array(list(dense.values()), float), np.array(words, float), weight)


def test_a_cosine_counts_from_that_of_unrelated_texts_up() -> None:
    cosines = np.array([0.875, 1.0, 0.75, 0.5, -1.0, 1.0000001])
    assert dense_evidence(cosines, 0.75).tolist() == [0.5, 1.0, 0.0, 0.0, 0.0, 1.0]
    assert dense_evidence(np.array([0.5, 0.0]), 0.0).tolist() == [0.5, 0.0]
    assert dense_evidence(np.array([0.0]), -1.0).tolist() == [0.5]


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
    low, high = dense_evidence(np.array(sorted([one, other])), unrelated).tolist()
    assert 0 <= low <= high <= 1


def test_each_passage_of_a_document_beyond_its_best_loses_another_tenth() -> None:
    ranked = [(10, 1.0), (11, 0.9), (12, 0.8), (20, 0.75), (13, 0.7), (14, 0.6), (21, 0.55), (22, 0.5)]
    documents = {10: 1, 11: 1, 12: 1, 13: 1, 14: 1, 20: 2, 21: 2, 22: 2}
    assert diversify(ranked, documents) == [
        (10, 1.0),
        (11, 0.9 * 0.9),
        (20, 0.75),
        (12, 0.8 * 0.9**2),
        (13, 0.7 * 0.9**3),
        (21, 0.55 * 0.9),
        (22, 0.5 * 0.9**2),
        (14, 0.6 * 0.9**4),
    ]


def test_what_becomes_equal_comes_in_the_order_of_the_ids() -> None:
    ranked = [(8, 1.0), (9, 1.0), (7, 0.0), (3, 0.0), (2, 0.0)]
    assert diversify(ranked, {8: 1, 9: 1, 7: 1, 3: 1, 2: 2}) == [(8, 1.0), (9, 0.9), (2, 0.0), (3, 0.0), (7, 0.0)]


def test_one_passage_a_document_stays_where_it_is() -> None:
    ranked = [(1, 0.9), (2, 0.8), (3, 0.7), (4, 0.6)]
    assert diversify(ranked, {1: 5, 2: 6, 3: 7, 4: 8}) == ranked
    assert diversify([], {}) == []


class Documents:
    """Looks documents up, and remembers of how many chunks."""

    def __init__(self, documents: Mapping[int, int]) -> None:
        self.asked: list[int] = []
        self._documents = documents

    def of(self, ids: Sequence[int]) -> Mapping[int, int]:
        self.asked.append(len(ids))
        return {chunk_id: self._documents[chunk_id] for chunk_id in ids}


def test_documents_are_looked_up_for_the_best_alone() -> None:
    documents = Documents({chunk_id: chunk_id % 40 for chunk_id in range(100)})
    ranked = [(chunk_id, 1 - chunk_id / 100) for chunk_id in range(100)]
    assert first_diversified(ranked, documents.of, 2) == ranked[:2]
    assert documents.asked == [10]


def test_a_passage_far_below_is_found_where_one_document_has_all_those_above() -> None:
    documents = Documents({chunk_id: int(chunk_id == 15) for chunk_id in range(16)})
    ranked = [(chunk_id, 1 - chunk_id / 1000) for chunk_id in range(16)]
    assert first_diversified(ranked, documents.of, 3) == [(0, 1.0), (15, 0.985), (1, 0.999 * 0.9)]
    assert documents.asked == [15, 16]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0])), max_size=30), st.integers(1, 7)
)
def test_the_first_are_those_of_the_whole_ranking(chunks: list[tuple[int, float]], k: int) -> None:
    documents = {chunk_id: document for chunk_id, (document, _) in enumerate(chunks)}
    ranked = sorted(enumerate(score for _, score in chunks), key=lambda item: (-item[1], item[0]))
    assert first_diversified(ranked, Documents(documents).of, k) == diversify(ranked, documents)[:k]
