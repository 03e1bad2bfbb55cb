"""The documents, and the questions whose answers are marked in them."""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from knowligo_index.errors import ParseError
from knowligo_index.evaluation.golden_questions import read_golden_questions
from knowligo_index.parsers import parse, suffixes
from knowligo_index.sources.inventory import take_inventory
from knowligo_index.types import Document


@dataclass(frozen=True, slots=True)
class Answer:
    """A question, and the document and the span of characters that are its answer."""

    question: str
    source: str
    char_start: int
    char_end: int
    is_held_out: bool
    """whether the question is not for choosing options"""


def read_documents(folders: Iterable[Path]) -> dict[str, Document]:
    """The documents below the folders, by name, without those that cannot be parsed."""
    documents: dict[str, Document] = {}
    for folder in folders:
        for source in take_inventory(folder, suffixes()).sources:
            try:
                documents[source.name] = parse(source, source.path.read_bytes())
            except ParseError:
                continue
    return documents


def locate_answers(files: Iterable[Path], documents: Mapping[str, Document]) -> list[Answer]:
    """The answers that are marked in the files. Raises KeyError if there is no such document, and ValueError if the
    answer is not in it."""
    answers: list[Answer] = []
    for path in files:
        for question in read_golden_questions(path):
            text = question.contains or ""
            start = documents[question.source or ""].text.index(text)
            is_held_out = "held-out" in path.stem or zlib.crc32(question.question.encode()) % 2 == 1
            answers.append(Answer(question.question, question.source or "", start, start + len(text), is_held_out))
    return answers
