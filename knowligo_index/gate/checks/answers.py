"""Checks of answers: golden questions are answered often enough, and no worse than by the version before."""

from knowligo_index.evaluation.measures import DEPTH, Evaluation, declined_difference
from knowligo_index.evaluation.results import QuestionResult, declined
from knowligo_index.evaluation.significance import difference
from knowligo_index.gate.options import GateOptions
from knowligo_index.gate.refusals import answers_worse, declined_less, lost_answer, recall_too_low
from knowligo_index.store.manifest import Refusal

# `--min-recall` counts questions that are answered down to this rank.
_RECALL_DEPTH = 5


def check_recall(evaluation: Evaluation, options: GateOptions) -> list[Refusal]:
    """Refuse a version that answers a smaller share of the golden questions than `min_recall`."""
    # There is no recall where nothing answers any of the questions.
    recall = evaluation.means("answer").get("recall@5")
    if options.min_recall is None or recall is None or recall >= options.min_recall:
        return []
    unanswered = [result.question for result in evaluation.answerable if _place(result) > _RECALL_DEPTH]
    return [recall_too_low(unanswered, len(evaluation.answerable), recall, options.min_recall)]


def check_answers(before: Evaluation, after: Evaluation, baseline_version: str) -> list[Refusal]:
    """Refuse a version whose nDCG@10 on the golden questions is significantly lower than the baseline's."""
    change = difference(before.values["answer"]["ndcg@10"], after.values["answer"]["ndcg@10"])
    if not (change.mean < 0 and change.is_significant):
        return []
    old, new = (evaluation.means("answer")["ndcg@10"] for evaluation in (before, after))
    return [answers_worse(baseline_version, old, new, change.p, lost_answers(before, after))]


def check_declined(before: Evaluation, after: Evaluation, baseline_version: str) -> list[Refusal]:
    """Refuse a version that declines significantly fewer of the questions that nothing answers."""
    change = declined_difference(before, after)
    if not (change.mean < 0 and change.is_significant):
        return []
    old, new = (declined(evaluation.unanswerable) for evaluation in (before, after))
    no_longer_declined = [
        (now.question, now.first_source)
        for was, now in zip(before.unanswerable, after.unanswerable, strict=True)
        if was.declined and not now.declined
    ]
    return [declined_less(baseline_version, old, new, change.p, no_longer_declined)]


def lost_answers(before: Evaluation, after: Evaluation) -> list[str]:
    """The questions whose answer has a lower rank than before, those that lost most first, with both ranks."""
    pairs = [(old, new) for old, new in zip(before.results, after.results, strict=True) if _place(new) > _place(old)]
    pairs.sort(key=lambda pair: 1 / _place(pair[1]) - 1 / _place(pair[0]))
    return [
        lost_answer(new.question, old.source, old.answer_rank, new.answer_rank, new.first_source) for old, new in pairs
    ]


def _place(result: QuestionResult) -> int:
    return result.answer_rank or DEPTH + 1
