from collections.abc import Mapping, Sequence

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from knowligo_index.fusion import diversify, first_diversified
from knowligo_index.fusion import fuse as fuse_arrays


def fuse(dense: Mapping[int, float], lexical: Mapping[int, float], weight: float) -> list[tuple[int, float]]:
    """By chunk id: the cosine of every candidate, and BM25 of those that have a word of the question."""
    ids = list(dense)
    words = [lexical.get(chunk_id, 0.0) for chunk_id in ids]
    return fuse_arrays(np.array(ids, np.int64), np.array(list(dense.values()), float), np.array(words, float), weight)


def test_cosines_are_scaled_from_their_lowest_and_bm25_from_0() -> None:
    dense = {7: 0.75, 3: 0.5, 5: -0.25, 8: 0.25}
    lexical = {3: 8.0, 5: 2.0}
    assert fuse(dense, lexical, 0.5) == [(3, 0.5 * 0.75 + 0.5), (7, 0.5), (8, 0.5 * 0.5), (5, 0.5 * 0.25)]


def test_the_weight_says_which_of_the_two_wins() -> None:
    dense, lexical = {1: 0.75, 2: 0.25}, {2: 3.0}
    assert fuse(dense, lexical, 0.75) == [(1, 0.75), (2, 0.25)]
    assert fuse(dense, lexical, 0.25) == [(2, 0.75), (1, 0.25)]
    assert fuse(dense, lexical, 1.0) == [(1, 1.0), (2, 0.0)]
    assert fuse(dense, lexical, 0.0) == [(2, 1.0), (1, 0.0)]


def test_equal_scores_come_in_the_order_of_the_ids() -> None:
    assert fuse({9: 0.5, 2: 0.5, 4: 0.5}, {}, 0.5) == [(2, 0.0), (4, 0.0), (9, 0.0)]
    assert fuse({9: 1.0, 2: 0.0, 4: 0.0}, {2: 4.0, 4: 2.0}, 0.5) == [(2, 0.5), (9, 0.5), (4, 0.25)]


def test_without_a_word_found_the_dense_order_stays() -> None:
    assert fuse({1: -0.5, 2: 0.5, 3: 0.0}, {}, 0.5) == [(2, 0.5), (3, 0.25), (1, 0.0)]


def test_one_candidate_and_none_are_no_special_cases() -> None:
    assert fuse({4: 0.7}, {4: 2.0}, 0.25) == [(4, 0.75)]
    assert fuse({4: 0.7}, {}, 0.25) == [(4, 0.0)]
    assert fuse({}, {}, 0.25) == []


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
