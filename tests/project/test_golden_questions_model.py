"""The sample knowledge base, indexed with the default encoder and asked its golden questions."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowligo_index.build import build
from knowligo_index.build.result import BuildResult
from knowligo_index.evaluation.golden_questions import read_golden_questions
from knowligo_index.evaluation.measures import evaluate
from knowligo_index.evaluation.results import QuestionResult
from knowligo_index.parsers import parse, suffixes
from knowligo_index.search.reader import IndexReader
from knowligo_index.settings import Settings
from knowligo_index.sources.inventory import take_inventory
from knowligo_index.store.manifest import DocumentCounts
from knowligo_index.store.passage import Passage

pytestmark = pytest.mark.model

ROOT = Path(__file__).parents[2]
KNOWLEDGE = ROOT / "knowledge"
# A passage with either says what the plan includes.
PROFESIONAL = ("| Visitas presenciales incluidas", "### Profesional\n")
QUESTIONS = [each for each in read_golden_questions(KNOWLEDGE / "questions.jsonl") if each.source is not None]


def _comes_later(place: str) -> pytest.MarkDecorator:
    return pytest.mark.xfail(reason=f"the passage that answers comes {place}", strict=True)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[BuildResult, Path]:
    index = tmp_path_factory.mktemp("golden") / "indexes"
    return build(Settings(knowledge=KNOWLEDGE, index=index)), index


@pytest.fixture(scope="module")
def reader(built: tuple[BuildResult, Path]) -> Iterator[IndexReader]:
    with IndexReader(built[1]) as opened:
        yield opened


@pytest.fixture(scope="module")
def passages(reader: IndexReader) -> list[Passage]:
    return reader._opened.chunks.passages(range(reader.manifest.chunks))


@pytest.fixture(scope="module")
def results(reader: IndexReader) -> list[QuestionResult]:
    """Of each question that a document answers."""
    return evaluate(reader, QUESTIONS).results


def test_the_expected_document_is_among_the_first_five_for_38_of_40(results: list[QuestionResult]) -> None:
    """In int8: 40, and first for 27. Precisions differ by one or two."""
    missed = [result.question for result in results if result.document_rank is None or result.document_rank > 5]
    assert len(results) == 40
    assert len(missed) <= 2, missed


def test_the_expected_passage_is_among_the_first_five_for_27_of_40_and_first_for_18(
    results: list[QuestionResult],
) -> None:
    """In int8: 32 and 20."""
    ranks = [result.answer_rank for result in results if result.answer_rank is not None and result.answer_rank <= 5]
    assert len(ranks) >= 27
    assert ranks.count(1) >= 18


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("¿Cuánto cuesta el plan profesional?", "ARS 18.500"),
        # All that the plan has is in the table of plans; what it is for is below the heading of its name.
        pytest.param("¿Qué incluye el plan profesional?", PROFESIONAL, marks=_comes_later("fourth")),
        ("precio empresa", "ARS 31.000"),
        ("plan profesional usuarios maximo", "| Máximo de usuarios"),
    ],
)
def test_a_short_question_about_plans_is_answered_by_the_first_hit(
    reader: IndexReader, question: str, answer: str | tuple[str, str]
) -> None:
    (hit,) = reader.search(question, k=1)
    assert hit.source == "planes/planes-y-precios.md"
    assert any(text in hit.text for text in ([answer] if isinstance(answer, str) else answer))


def test_the_question_of_the_makefile_is_answered_by_the_first_hit(reader: IndexReader) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (asked,) = re.findall(r"^QUESTION \?= (.+)$", makefile, re.MULTILINE)
    (question,) = (question for question in QUESTIONS if question.question == asked)
    assert question.contains
    (result,) = evaluate(reader, [question]).results
    assert (result.document_rank, result.answer_rank) == (1, 1)


def test_every_document_is_indexed_and_nothing_is_truncated(built: tuple[BuildResult, Path]) -> None:
    result, _ = built
    files = [path for path in KNOWLEDGE.rglob("*") if path.is_file()]
    assert result.manifest.documents == DocumentCounts(indexed=len(files) - 1, skipped=1, quarantined=0)
    assert result.manifest.truncated == 0


def test_no_chunk_is_longer_than_the_budget(built: tuple[BuildResult, Path], passages: list[Passage]) -> None:
    assert max(passage.tokens for passage in passages) <= 256
    assert sum(passage.tokens for passage in passages) == built[0].manifest.tokens


def test_every_passage_is_the_span_of_its_file(passages: list[Passage]) -> None:
    files = {path.relative_to(KNOWLEDGE).as_posix(): path for path in KNOWLEDGE.rglob("*.*")}
    texts = {name: path.read_bytes().decode("utf-8") for name, path in files.items() if path.suffix in (".md", ".txt")}
    for source in take_inventory(KNOWLEDGE, {".pdf": suffixes()[".pdf"]}).sources:
        texts[source.name] = parse(source, source.path.read_bytes()).text
    assert {passage.source for passage in passages} == texts.keys() - {"questions.jsonl"}
    wrong = [
        (passage.source, passage.char_start)
        for passage in passages
        if passage.text != texts[passage.source][passage.char_start : passage.char_end]
    ]
    assert wrong == []


def test_lines_are_those_of_an_editor(passages: list[Passage]) -> None:
    for passage in passages:
        if passage.line_start is not None:
            lines = (KNOWLEDGE / passage.source).read_bytes().decode("utf-8").split("\n")
            named = lines[passage.line_start - 1 : passage.line_end]
            inside = passage.text.split("\n")
            assert len(inside) == len(named)
            # A very long line may be cut.
            assert (inside[0] in named[0], inside[1:-1], inside[-1] in named[-1]) == (True, named[1:-1], True)


@pytest.mark.parametrize(
    ("source", "first", "last"),
    [
        ("en/vpn-troubleshooting.md", "| Symptom ", "| You can ping addresses but names fail "),
        ("en/vpn-troubleshooting.md", "```text\nprofile     ok ", "overlap     ok    none\n```"),
        ("politicas/privacidad-de-datos.md", "| Derecho ", "| Oposición "),
    ],
)
def test_a_table_and_a_code_block_are_whole_in_one_passage(
    passages: list[Passage], source: str, first: str, last: str
) -> None:
    text = (KNOWLEDGE / source).read_text(encoding="utf-8")
    start = text.index(first)
    # A table ends at the blank line after it.
    end = text.index(last, start) + len(last)
    end = text.index("\n\n", end) if first.startswith("|") else end
    block = text[start:end]
    assert block.count("\n") >= 5
    assert sum(block in passage.text for passage in passages if passage.source == source) == 1
