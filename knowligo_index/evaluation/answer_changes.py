"""How the answers to golden questions differ between two versions: a part of `diff`."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from knowligo_index.evaluation.golden_questions import GoldenQuestion
from knowligo_index.evaluation.results import Declined, declined
from knowligo_index.search.reader import IndexReader
from knowligo_index.store import Store


@dataclass(frozen=True, slots=True)
class AnswerMove:
    """A golden question whose answer has another rank."""

    question: str
    source: str | None
    """the document that answers it; None if no document does"""
    before: int | None
    """rank of the answer, from 1; None if it is not among the passages found"""
    after: int | None
    first_before: str | None
    """the document of the first hit"""
    first_after: str | None


@dataclass(frozen=True, slots=True)
class AnswerChanges:
    """How two versions answer the golden questions."""

    asked: int
    """number of questions"""
    ndcg_before: float | None
    """mean nDCG@10 of the answers, 0 to 1; None if no document answers any of the questions"""
    ndcg_after: float | None
    p: float
    """p-value of the difference"""
    moved: list[AnswerMove]
    """the largest losses first, the largest gains last, by reciprocal rank"""
    answerable_before: Declined
    """of the questions that a document answers: those that are declined are declined wrongly"""
    answerable_after: Declined
    unanswerable_before: Declined
    """of the questions that no document answers: those that are declined are declined rightly"""
    unanswerable_after: Declined


def answer_changes(store: Store, old: str, new: str, questions: Sequence[GoldenQuestion]) -> AnswerChanges:
    """Search the versions `old` and `new` for the questions. Raises IndexNotFoundError, DamagedIndexError or
    EncoderMismatchError."""
    # Imported here, since a `diff` without golden questions needs no ir-measures.
    from knowligo_index.evaluation.measures import evaluate
    from knowligo_index.evaluation.significance import difference

    with IndexReader(store.root, old) as reader:
        before = evaluate(reader, questions)
    with IndexReader(store.root, new) as reader:
        after = evaluate(reader, questions)
    ndcg_before, ndcg_after = (evaluation.values["answer"]["ndcg@10"] for evaluation in (before, after))
    moved = [
        AnswerMove(
            new_result.question,
            new_result.source,
            old_result.answer_rank,
            new_result.answer_rank,
            old_result.first_source,
            new_result.first_source,
        )
        for old_result, new_result in zip(before.results, after.results, strict=True)
        if old_result.answer_rank != new_result.answer_rank
    ]
    return AnswerChanges(
        asked=len(questions),
        ndcg_before=fmean(ndcg_before) if ndcg_before else None,
        ndcg_after=fmean(ndcg_after) if ndcg_after else None,
        p=difference(ndcg_before, ndcg_after).p,
        moved=sorted(moved, key=lambda move: _reciprocal(move.after) - _reciprocal(move.before)),
        answerable_before=declined(before.answerable),
        answerable_after=declined(after.answerable),
        unanswerable_before=declined(before.unanswerable),
        unanswerable_after=declined(after.unanswerable),
    )


def _reciprocal(rank: int | None) -> float:
    return 1 / rank if rank else 0.0
