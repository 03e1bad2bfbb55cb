"""How two versions answer the same golden questions."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from knowligo_index.evaluation.golden_questions import Declined, GoldenQuestion
from knowligo_index.search.reader import IndexReader
from knowligo_index.store import Store


@dataclass(frozen=True, slots=True)
class QuestionMove:
    """A golden question whose answer is at another rank."""

    question: str
    source: str | None
    before: int | None
    """rank of the answer, from 1; None where it is not among those found"""
    after: int | None
    first_before: str | None
    """the document of the best passage"""
    first_after: str | None


@dataclass(frozen=True, slots=True)
class QuestionChanges:
    """How the two versions answer the golden questions."""

    asked: int
    ndcg_before: float | None
    """nDCG@10 of the answers, 0 to 1; None where nothing answers any of the questions"""
    ndcg_after: float | None
    p: float
    """how likely so large a difference would be by chance"""
    moved: list[QuestionMove]
    """what was lost first, then what was won"""
    answerable_before: Declined
    """of the questions that something answers, how many were declined, wrongly"""
    answerable_after: Declined
    unanswerable_before: Declined
    """of those that nothing answers, how many were declined, rightly"""
    unanswerable_after: Declined


def question_changes(store: Store, old: str, new: str, questions: Sequence[GoldenQuestion]) -> QuestionChanges:
    """Ask both versions. Raises IndexNotFoundError, DamagedIndexError or EncoderMismatchError."""
    # To compare documents needs no library for measures.
    from knowligo_index.evaluation.measures import declined, difference, evaluate

    with IndexReader(store.root, old) as reader:
        before = evaluate(reader, questions)
    with IndexReader(store.root, new) as reader:
        after = evaluate(reader, questions)
    values = [each.values["answer"]["ndcg@10"] for each in (before, after)]
    moved = [
        QuestionMove(now.question, now.source, was.answer_rank, now.answer_rank, was.first_source, now.first_source)
        for was, now in zip(before.results, after.results, strict=True)
        if was.answer_rank != now.answer_rank
    ]
    return QuestionChanges(
        asked=len(questions),
        ndcg_before=fmean(values[0]) if values[0] else None,
        ndcg_after=fmean(values[1]) if values[1] else None,
        p=difference(*values).p,
        moved=sorted(moved, key=lambda move: _worth(move.after) - _worth(move.before)),
        answerable_before=declined(before.answerable),
        answerable_after=declined(after.answerable),
        unanswerable_before=declined(before.unanswerable),
        unanswerable_after=declined(after.unanswerable),
    )


def _worth(rank: int | None) -> float:
    return 1 / rank if rank else 0.0
