"""The table of `python -m benchmarks.retrieval`, of ranks that are known."""

import json
import runpy
from math import log2
from pathlib import Path

import pytest

from knowligo_index.evaluation.golden_questions import GoldenQuestion
from knowligo_index.evaluation.measures import Evaluation, evaluate_hits
from knowligo_index.search.hit import Hit
from knowligo_index.store.manifest import Fusion

ROOT = Path(__file__).parents[2]
BENCHMARK = runpy.run_path(str(ROOT / "benchmarks" / "retrieval.py"), run_name="benchmarks.retrieval")
RetrievalTask, row, declined_row, tasks, corpora, write_paragraphs = (
    BENCHMARK[name] for name in ("RetrievalTask", "row", "declined_row", "tasks", "corpora", "write_paragraphs")
)


def found_in(*places: tuple[str, str], first_score: float = 0.5) -> list[Hit]:
    """Hits of these documents with these texts, best first."""
    return [
        Hit(rank, first_score / rank, source, "", (), None, None, None, None, 0, len(text), text)
        for rank, (source, text) in enumerate(places, start=1)
    ]


QUESTIONS = [
    # The document and the passage first.
    GoldenQuestion("1", "a.md", "yes"),
    # The document first, its second passage answers.
    GoldenQuestion("2", "a.md", "yes"),
    # The second document, the sixth passage.
    GoldenQuestion("3", "a.md", "yes"),
    # Not found.
    GoldenQuestion("4", "z.md", "yes"),
    GoldenQuestion("5", None),
    GoldenQuestion("6", None),
]

FOUND = [
    found_in(("a.md", "yes"), ("b.md", "no")),
    found_in(("a.md", "no"), ("a.md", "yes")),
    found_in(*[("b.md", "no")] * 5, ("a.md", "yes")),
    found_in(("a.md", "yes"), first_score=0.1),
    found_in(("a.md", "yes"), first_score=0.1),
    found_in(("a.md", "yes")),
]


@pytest.fixture(scope="module")
def found() -> Evaluation:
    return evaluate_hits(QUESTIONS, FOUND, Fusion(0.375, 0.8, answered=0.12))


def test_a_row_has_the_mean_and_counts_of_documents_and_passages(found: Evaluation) -> None:
    ndcg = found.estimates("document")["ndcg@10"]
    assert f"{ndcg.mean:.4f}" == f"{(1 + 1 + 1 / log2(3)) / 4:.4f}" == "0.6577"
    assert row(RetrievalTask("sample", "sample", QUESTIONS), "hybrid", found) == (
        f"sample            hybrid    0.6577   {ndcg.low:.3f}-{ndcg.high:.3f}"
        "               2,     3              1,     2"
    )


def test_the_header_stands_above_the_columns(found: Evaluation) -> None:
    header = BENCHMARK["_HEADER"]
    assert " ".join(header.split()) == "set mode nDCG@10 95 % document first, top 5 passage first, top 5"
    line = row(RetrievalTask("fastapi-held-out", "fastapi", QUESTIONS), "lexical", found)
    assert len(line) == len(header)
    assert [line[: header.index("mode")].strip(), line[header.index("mode") :].split()[0]] == [
        "fastapi-held-out",
        "lexical",
    ]


def test_a_perfect_row_has_no_interval(found: Evaluation) -> None:
    whole = evaluate_hits(QUESTIONS[:2], FOUND[:2])
    line = row(RetrievalTask("pdf", "pdf", QUESTIONS[:2]), "dense", whole)
    assert " ".join(line.split()) == "pdf dense 1.0000 1.000-1.000 2, 2 1, 2"


def test_what_is_declined_is_counted_for_both_kinds_of_questions(found: Evaluation) -> None:
    label = "                  declined: "
    assert declined_row(found) == f"{label}1 of 4 answerable, 1 of 2 unanswerable"
    answered = evaluate_hits(QUESTIONS[:4], FOUND[:4], Fusion(0.375, 0.8, answered=0.12))
    assert declined_row(answered) == f"{label}1 of 4 answerable"


def test_paragraphs_become_files_of_their_text_alone(tmp_path: Path) -> None:
    rows = [{"_id": "p1", "title": "A", "text": "\ufeffUna línea.\nOtra. \n"}, {"_id": "p2", "text": "Fin"}]
    (tmp_path / "corpus.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows), encoding="utf-8")
    folder = tmp_path / "files"
    folder.mkdir()
    assert write_paragraphs(tmp_path, folder) == folder
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "p1.txt": "Una línea.\nOtra.\n".encode(),
        "p2.txt": b"Fin\n",
    }


def test_every_set_is_asked_of_documents_that_are_known(tmp_path: Path) -> None:
    for language in ("en", "es"):
        beir = tmp_path / "xquad" / language
        (beir / "qrels").mkdir(parents=True)
        (beir / "queries.jsonl").write_text('{"_id": "q", "text": "¿Qué?"}\n', encoding="utf-8")
        (beir / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq\tp1\t1\n", encoding="utf-8")
    every_task = tasks(tmp_path)
    assert {task.corpus for task in every_task} == set(corpora(tmp_path))
    assert [(task.name, task.corpus, len(task.questions)) for task in every_task] == [
        ("xquad-en", "xquad-en", 1),
        ("es-to-en", "xquad-en", 1),
        ("xquad-es", "xquad-es", 1),
        ("fastapi", "fastapi", 70),
        ("fastapi-held-out", "fastapi", 60),
        ("fastapi-es", "fastapi", 60),
        ("pdf", "pdf", 60),
        ("sample", "sample", 52),
    ]
