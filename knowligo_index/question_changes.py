"""How two versions answer the same golden questions."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from knowligo_index.golden_questions import GoldenQuestion
from knowligo_index.reader import IndexReader
from knowligo_index.store import Store


@dataclass(frozen=True, slots=True)
class QuestionMove:
    """A golden question whose answer is at another rank."""

    question: str
    source: str
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
    ndcg_before: float
    """nDCG@10 of the answers, 0 to 1"""
    ndcg_after: float
    p: float
    """how likely so large a difference would be by chance"""
    moved: list[QuestionMove]
    """what was lost first, then what was won"""


def question_changes(store: Store, old: str, new: str, questions: Sequence[GoldenQuestion]) -> QuestionChanges:
    """Ask both versions. Raises IndexNotFoundError, DamagedIndexError or EncoderMismatchError."""
    # To compare documents needs no library for measures.
    from knowligo_index.evaluation import difference, evaluate

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
        ndcg_before=fmean(values[0]),
        ndcg_after=fmean(values[1]),
        p=difference(*values).p,
        moved=sorted(moved, key=lambda move: _worth(move.after) - _worth(move.before)),
    )


def _worth(rank: int | None) -> float:
    return 1 / rank if rank else 0.0
