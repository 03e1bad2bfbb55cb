from math import log2

import numpy as np
import pytest

from knowligo_index.calibration import WEIGHTS, AskedQuestion, ask, learn
from knowligo_index.hybrid_search import Candidates
from knowligo_index.manifest import FusionWeights


def asked(best: float, *, kind: str = "known", golden: bool = False, gain: float = 1.0) -> AskedQuestion:
    """A question that is answered well with one weight, and worse the farther from it."""
    ndcg = tuple(gain * (1 - abs(weight - best)) for weight in WEIGHTS)
    return AskedQuestion("unknown" if kind == "unknown" else "known", golden, ndcg)


def test_each_kind_of_question_has_its_weight() -> None:
    assert (FusionWeights().of(True), FusionWeights().of(False)) == (0.5, 0.2)
    assert (FusionWeights(0.7, 0.1).of(True), FusionWeights(0.7, 0.1).of(False)) == (0.7, 0.1)


def test_without_questions_the_weights_are_the_usual_ones() -> None:
    fusion = learn([])
    assert fusion.weights == FusionWeights(0.5, 0.2)
    assert [(each.questions, each.pseudo, each.golden, each.ndcg) for each in fusion.evidence] == [
        ("known", 0, 0, {}),
        ("unknown", 0, 0, {}),
    ]


def test_where_the_questions_agree_the_best_weight_is_taken() -> None:
    assert learn([asked(0.8)] * 64).weights.known == 0.8
    assert learn([asked(0.1, kind="unknown")] * 64).weights.unknown == 0.1


def test_where_they_do_not_the_weight_nearest_to_the_usual_one_is_as_good() -> None:
    # The best weight is 1, by a fifth of the questions, and 12 to 8 may be chance; 18 to 2 is none.
    torn = [asked(1.0)] * 12 + [asked(0.0)] * 8
    assert learn(torn).weights.known == 0.5
    assert learn([asked(1.0)] * 18 + [asked(0.0)] * 2).weights.known == 1.0


def test_fewer_than_sixteen_questions_move_no_weight() -> None:
    assert learn([asked(0.8)] * 15).weights.known == 0.5
    assert learn([asked(0.8)] * 16).weights.known == 0.8
    # A golden question counts as four.
    assert learn([asked(0.8, golden=True)] * 4).weights.known == 0.8


def test_each_kind_of_question_has_a_weight_of_its_own_and_says_what_it_was_chosen_by() -> None:
    fusion = learn([asked(0.7)] * 40 + [asked(0.1, kind="unknown")] * 20 + [asked(0.1, kind="unknown", golden=True)])
    assert fusion.weights == FusionWeights(0.7, 0.1)
    known, unknown = fusion.evidence
    assert (known.pseudo, known.golden, unknown.pseudo, unknown.golden) == (40, 0, 20, 1)
    assert known.ndcg["0.7"] == 1.0
    assert known.ndcg["0.5"] == 0.8
    assert list(known.ndcg) == [str(weight) for weight in WEIGHTS]


def test_a_golden_question_counts_as_four() -> None:
    evidence = learn([asked(0.2)] * 4 + [asked(0.8, golden=True)]).evidence[0]
    # Four and four: at each of the two weights half of the count has 1, the other half 0.4.
    assert evidence.ndcg["0.2"] == evidence.ndcg["0.8"] == 0.7
    assert learn([asked(0.2)] * 4 + [asked(0.8)]).evidence[0].ndcg["0.2"] == 0.88


def test_a_search_that_is_better_alone_is_taken_alone() -> None:
    only_lexical = AskedQuestion("known", False, (1.0, *[0.9] * 10))
    assert learn([only_lexical] * 16).weights.known == 0.0
    only_dense = AskedQuestion("known", False, (*[0.9] * 10, 1.0))
    assert learn([only_dense] * 16).weights.known == 1.0


def test_a_question_is_asked_with_every_weight() -> None:
    candidates = Candidates(np.array([1, 2, 3]), np.array([1.0, 0.0, 0.5]), np.array([0.0, 4.0, 1.0]))
    found = ask(
        True,
        candidates,
        lambda ranked, k: ranked[:k],
        lambda ids: {chunk_id: chunk_id == 2 for chunk_id in ids},
        golden=True,
    )
    assert (found.kind, found.golden) == ("known", True)
    # By words alone chunk 2 is first; by meaning alone it is last of three.
    assert found.ndcg[0] == 1.0
    assert found.ndcg[-1] == pytest.approx(1 / log2(4))


def test_a_question_whose_answer_is_not_found_is_worth_nothing() -> None:
    candidates = Candidates(np.array([1]), np.array([1.0]), np.array([0.0]))
    found = ask(False, candidates, lambda ranked, k: ranked[:k], lambda ids: dict.fromkeys(ids, False), golden=False)
    assert (found.kind, found.ndcg) == ("unknown", (0.0,) * 11)
