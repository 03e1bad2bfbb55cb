from collections.abc import Iterator
from pathlib import Path

import pytest
from support.real_documents import DATA

from knowligo_index.evaluation.golden_questions import read_golden_questions
from knowligo_index.parsers import parse, suffixes
from knowligo_index.sources.inventory import take_inventory

QUESTIONS = Path(__file__).parents[2] / "benchmarks" / "questions"


def texts(folder: Path, names: set[str]) -> Iterator[tuple[str, str]]:
    for source in take_inventory(folder, suffixes()).sources:
        if source.name in names:
            yield source.name, parse(source, source.path.read_bytes()).text


@pytest.mark.realdata
@pytest.mark.skipif(not DATA.is_dir(), reason=f"no real documents in {DATA}")
@pytest.mark.parametrize(
    ("name", "folder", "count"),
    [
        ("fastapi", "fastapi-docs", 70),
        ("fastapi-held-out", "fastapi-docs", 60),
        ("fastapi-es", "fastapi-docs", 60),
        ("pdf", "pdf", 60),
    ],
)
def test_every_answer_stands_once_in_its_document(name: str, folder: str, count: int) -> None:
    questions = read_golden_questions(QUESTIONS / f"{name}.jsonl")
    documents = dict(texts(DATA / folder, {question.source or "" for question in questions}))
    found = [documents[question.source or ""].count(question.contains or "") for question in questions]
    assert found == [1] * count
    assert len({question.question for question in questions}) == count
