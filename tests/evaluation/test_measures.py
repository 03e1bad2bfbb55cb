import json
from math import log2
from pathlib import Path

import pytest

from knowligo_index.errors import KnowledgeError
from knowligo_index.evaluation.golden_questions import GoldenQuestion, read_golden_questions
from knowligo_index.evaluation.measures import declined_difference, evaluate_hits
from knowligo_index.evaluation.results import Declined, declined
from knowligo_index.evaluation.significance import difference, estimate
from knowligo_index.search.hit import Hit
from knowligo_index.store.manifest import Fusion


def hit(rank: int, source: str, text: str = "") -> Hit:
    return Hit(rank, 1 / rank, source, "", (), None, None, None, None, 0, len(text), text)


HITS = [
    hit(1, "b.md", "nada"),
    hit(2, "b.md", "15  minutos"),
    hit(3, "a.md", "otra cosa"),
    hit(4, "a.md", "15\nminutos"),
]


def test_documents_are_ranked_among_documents_and_the_answer_among_passages() -> None:
    found = evaluate_hits([GoldenQuestion("q", "a.md", "15 minutos")], [HITS])
    (result,) = found.results
    assert (result.document_rank, result.answer_rank, result.first_source) == (2, 4, "b.md")
    assert found.values["document"] == {
        "recall@5": [1.0],
        "recall@10": [1.0],
        "mrr@10": [0.5],
        "ndcg@10": [pytest.approx(1 / log2(3))],
    }
    assert found.values["answer"]["mrr@10"] == [0.25]
    assert found.values["answer"]["ndcg@10"] == [pytest.approx(1 / log2(5))]


def test_without_a_text_any_passage_of_the_document_answers() -> None:
    found = evaluate_hits([GoldenQuestion("q", "a.md")], [HITS])
    assert found.results[0].answer_rank == 3


def test_what_is_not_found_is_worth_nothing_and_loses_no_question() -> None:
    questions = [GoldenQuestion("1", "z.md"), GoldenQuestion("2", "b.md"), GoldenQuestion("3", "b.md")]
    found = evaluate_hits(questions, [HITS, HITS, []])
    assert found.values["document"]["recall@5"] == [0.0, 1.0, 0.0]
    assert [result.document_rank for result in found.results] == [None, 1, None]
    assert [result.first_source for result in found.results] == ["b.md", "b.md", None]
    assert found.means("document")["mrr@10"] == pytest.approx(1 / 3)


def test_a_document_beyond_the_fifth_is_not_among_five() -> None:
    many = [hit(rank, f"{rank}.md") for rank in range(1, 12)]
    found = evaluate_hits([GoldenQuestion("q", "6.md"), GoldenQuestion("q", "11.md")], [many, many])
    assert found.values["document"]["recall@5"] == [0.0, 0.0]
    assert found.values["document"]["recall@10"] == [1.0, 0.0]
    assert found.values["document"]["mrr@10"] == [pytest.approx(1 / 6), 0.0]


def test_several_documents_may_answer_and_a_name_needs_no_ending() -> None:
    found = evaluate_hits([GoldenQuestion("q", "c", also=("a",))], [HITS])
    assert found.values["document"]["recall@5"] == [0.5]
    assert found.results[0].document_rank == 2


FUSION = Fusion(0.4, 0.0, answered=0.5)


def test_what_nothing_answers_is_counted_apart() -> None:
    questions = [GoldenQuestion("1", None), GoldenQuestion("2", "b.md"), GoldenQuestion("3", None)]
    low, nothing = [hit(3, "a.md")], list[Hit]()
    found = evaluate_hits(questions, [low, HITS, HITS], FUSION)
    assert found.values["document"]["recall@5"] == found.values["answer"]["mrr@10"] == [1.0]
    assert [result.declined for result in found.results] == [True, False, False]
    assert [result.document_rank for result in found.results] == [None, 1, None]
    assert (declined(found.answerable), declined(found.unanswerable)) == (Declined(1, 0), Declined(2, 1))
    worse = evaluate_hits(questions, [HITS, low, nothing], FUSION)
    assert (declined(worse.answerable), declined(worse.unanswerable)) == (Declined(1, 1), Declined(2, 1))
    # The threshold itself is enough.
    assert evaluate_hits(questions[:1], [[hit(2, "a.md")]], FUSION).results[0].declined is False


def test_only_the_scores_of_a_hybrid_search_decline() -> None:
    found = evaluate_hits([GoldenQuestion("1", None), GoldenQuestion("2", "b.md")], [[], HITS])
    assert [result.declined for result in found.results] == [None, None]
    assert (declined(found.answerable), declined(found.unanswerable)) == (Declined(1, None), Declined(1, None))


def test_where_nothing_answers_anything_there_is_nothing_to_measure() -> None:
    found = evaluate_hits([GoldenQuestion("1", None)], [HITS], FUSION)
    assert (found.means("answer"), found.estimates("document")) == ({}, {})
    assert difference(*[found.values["answer"]["ndcg@10"]] * 2).p == 1.0
    assert declined(found.answerable) == Declined(0, 0)


def test_declining_less_is_significant_where_chance_would_hardly_make_it() -> None:
    questions = [GoldenQuestion(str(number), None) for number in range(12)]
    all_declined = evaluate_hits(questions, [[]] * 12, FUSION)
    change = declined_difference(all_declined, evaluate_hits(questions, [HITS] * 6 + [[]] * 6, FUSION))
    assert change.mean == -0.5
    assert change.p == pytest.approx(2 / 2**6)
    assert declined_difference(all_declined, all_declined).p == 1.0


def test_the_interval_holds_the_mean_and_is_the_same_every_time() -> None:
    found = estimate([1.0] * 30 + [0.0] * 10)
    assert found == estimate([1.0] * 30 + [0.0] * 10)
    assert found.mean == 0.75
    # By the normal approximation 0.75 +- 1.96 * sqrt(0.75 * 0.25 / 40) = 0.616 to 0.884.
    assert found.low == pytest.approx(0.616, abs=0.02)
    assert found.high == pytest.approx(0.884, abs=0.02)
    assert estimate([0.5, 0.5]).low == 0.5


def test_a_difference_is_significant_where_chance_would_hardly_make_it() -> None:
    before = [1.0] * 40
    # Of 2^n ways to swap the changed ones two are as extreme: p = 2 / 2^n.
    six_lost = difference(before, [0.0] * 6 + [1.0] * 34)
    assert six_lost.mean == pytest.approx(-0.15)
    assert six_lost.p == pytest.approx(2 / 2**6)
    assert six_lost.is_significant
    five_lost = difference(before, [0.0] * 5 + [1.0] * 35)
    assert five_lost.p == pytest.approx(2 / 2**5)
    assert not five_lost.is_significant
    assert difference(before, before).p == 1.0
    assert difference(before, [0.0] + [1.0] * 39).p == 1.0


def test_a_folder_in_the_layout_of_beir_is_read(tmp_path: Path) -> None:
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\ta\t1\nq1\tb\t2\nq2\tc\t0\n")
    lines = [{"_id": "q1", "text": "uno", "metadata": {}}, {"_id": "q2", "text": "dos"}, {"_id": "q3", "text": "tres"}]
    (tmp_path / "queries.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert read_golden_questions(tmp_path) == [GoldenQuestion("uno", "a", also=("b",))]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("qrels/test.tsv", "query\tdoc\n1\t2\n"),
        ("qrels/test.tsv", "query-id\tcorpus-id\tscore\nq\ta\tx\n"),
        ("queries.jsonl", "{"),
    ],
)
def test_a_folder_that_is_not_in_that_layout_is_named(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\ta\t1\n")
    (tmp_path / "queries.jsonl").write_text('{"_id": "q", "text": "x"}\n')
    (tmp_path / name).write_text(content)
    with pytest.raises(KnowledgeError, match=r"is not in the layout of BEIR .* it needs queries\.jsonl with _id"):
        read_golden_questions(tmp_path)


def test_a_folder_without_the_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"cannot read the golden questions .*test\.tsv"):
        read_golden_questions(tmp_path)
