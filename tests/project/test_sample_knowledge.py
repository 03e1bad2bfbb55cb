"""The sample in knowledge/ shows what the indexer reads, and its questions have their answers."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from knowligo_index.evaluation.golden_questions import GoldenQuestion, read_golden_questions
from knowligo_index.parsers import parse, suffixes
from knowligo_index.sources.inventory import take_inventory
from knowligo_index.types import Document

ROOT = Path(__file__).parents[2]
KNOWLEDGE = ROOT / "knowledge"
MANUAL = "guias/manual-de-usuario.pdf"
QUESTIONS = read_golden_questions(KNOWLEDGE / "questions.jsonl")


@pytest.fixture(scope="module")
def documents() -> dict[str, Document]:
    inventory = take_inventory(KNOWLEDGE, suffixes(), KNOWLEDGE / "questions.jsonl")
    assert [(entry.source, entry.reason) for entry in inventory.ledger_entries] == [
        ("questions.jsonl", "golden-questions")
    ]
    return {source.name: parse(source, source.path.read_bytes()) for source in inventory.sources}


def tokens_of(document: Document) -> set[str]:
    """Kinds of the Markdown tokens of a document, a list in a list as "nested_list"."""
    tokens = MarkdownIt("commonmark").enable("table").parse(document.text)
    kinds = {token.type for token in tokens}
    depth = 0
    for token in tokens:
        if token.type in ("bullet_list_open", "ordered_list_open"):
            depth += 1
            if depth > 1:
                kinds.add("nested_list")
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            depth -= 1
    return kinds


def test_there_are_14_documents_or_more_each_with_a_title_of_its_own(documents: dict[str, Document]) -> None:
    assert len(documents) >= 14
    assert len({document.title for document in documents.values()}) == len(documents)
    assert [name for name, document in documents.items() if document.warnings] == []


def test_there_is_every_format(documents: dict[str, Document]) -> None:
    formats = [document.format for document in documents.values()]
    assert (formats.count("pdf"), formats.count("text")) == (1, 1)
    assert formats.count("markdown") >= 12


def test_the_pdf_has_five_pages_or_more_with_text_on_each(documents: dict[str, Document]) -> None:
    manual = documents[MANUAL]
    assert manual.title == "Manual de usuario"
    pages = [manual.text[start:end] for start, end in pairwise([*manual.page_starts, len(manual.text)])]
    assert len(pages) >= 5
    assert [number for number, page in enumerate(pages, start=1) if len(page.split()) < 100] == []


@pytest.mark.parametrize("kind", ["table_open", "nested_list", "fence", "blockquote_open"])
def test_there_is_every_kind_of_block(documents: dict[str, Document], kind: str) -> None:
    assert [name for name, each in documents.items() if each.format == "markdown" and kind in tokens_of(each)] != []


def test_there_are_documents_in_spanish_and_in_english_and_the_front_matter_says_which(
    documents: dict[str, Document],
) -> None:
    languages = {name: document.metadata.get("lang") for name, document in documents.items()}
    assert list(languages.values()).count("es") >= 5
    english = {name for name, language in languages.items() if language == "en"}
    assert english == {name for name in documents if name.startswith("en/")}
    assert len(english) >= 3


def test_there_are_documents_with_front_matter_and_without(documents: dict[str, Document]) -> None:
    markdown = [document for document in documents.values() if document.format == "markdown"]
    fronts = [document.text.startswith("---\n") for document in markdown]
    assert set(fronts) == {True, False}
    assert [bool(document.metadata) for document in markdown] == fronts
    assert [[each.reason for each in document.exclusions] == ["front-matter"] for document in markdown] == fronts


def test_there_are_52_questions_and_no_two_the_same() -> None:
    assert len({question.question for question in QUESTIONS}) == len(QUESTIONS) == 52
    assert sum(question.source is None for question in QUESTIONS) == 12


@pytest.mark.parametrize(
    "question", [each for each in QUESTIONS if each.source is not None], ids=lambda question: question.question
)
def test_the_answer_of_a_question_is_in_its_document(documents: dict[str, Document], question: GoldenQuestion) -> None:
    assert question.contains
    assert question.source
    assert question.contains in documents[question.source].text


def test_the_pdf_is_what_its_program_makes(tmp_path: Path) -> None:
    command = [sys.executable, str(ROOT / "tools" / "make_sample_pdf.py"), str(tmp_path / "manual.pdf")]
    subprocess.run(command, check=True)
    assert (tmp_path / "manual.pdf").read_bytes() == (KNOWLEDGE / MANUAL).read_bytes()
