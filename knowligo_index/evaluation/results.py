"""How a version answered golden questions: the rank of each answer, and which questions it declined."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """The ranks of the answer to a golden question in the hits of a search."""

    question: str
    source: str | None
    """the document that answers it; None if no document does"""
    document_rank: int | None
    """rank of the first document that answers it, among the documents of the hits, from 1; None if there is none"""
    answer_rank: int | None
    """rank of the first passage that is the answer, among the hits, from 1; None if there is none"""
    first_source: str | None
    """the document of the first hit"""
    declined: bool | None = None
    """whether the score of the first hit says that the documents do not answer the question; None unless it is of a
    hybrid search"""


@dataclass(frozen=True, slots=True)
class Declined:
    """The number of questions, and of those for which a version says that the documents do not answer them."""

    questions: int
    declined: int | None
    """None unless the hits are of hybrid searches: other scores do not tell"""


def declined(results: Sequence[QuestionResult]) -> Declined:
    """Count the questions that were declined."""
    verdicts = [result.declined for result in results if result.declined is not None]
    return Declined(len(results), sum(verdicts) if len(verdicts) == len(results) else None)
