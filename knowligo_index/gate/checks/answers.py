"""Checks of answers: golden questions are answered often enough, and no worse than by the version before."""

from knowligo_index.evaluation.measures import DEPTH, Evaluation, declined_difference
from knowligo_index.evaluation.results import QuestionResult, declined
from knowligo_index.evaluation.significance import SIGNIFICANT, difference
from knowligo_index.gate.options import GateOptions
from knowligo_index.gate.refusal import RefusalCode, examples, refuse
from knowligo_index.store.manifest import Refusal

# A sentence names this many questions, the worst first; `diff --questions` prints all of them.
_EXAMPLES = 5

# `--min-recall` counts questions that are answered down to this rank.
_RECALL_DEPTH = 5


def check_recall(evaluation: Evaluation, options: GateOptions) -> list[Refusal]:
    """Refuse a version that answers a smaller share of the golden questions than `min_recall`."""
    # There is no recall where nothing answers any of the questions.
    recall = evaluation.means("answer").get("recall@5")
    if options.min_recall is None or recall is None or recall >= options.min_recall:
        return []
    unanswered = [result for result in evaluation.answerable if (result.answer_rank or DEPTH) > _RECALL_DEPTH]
    answered = len(evaluation.answerable) - len(unanswered)
    return [
        refuse(
            RefusalCode.RECALL_TOO_LOW,
            f"{answered} of {len(evaluation.answerable)} golden questions are answered by one of the first 5 passages "
            f"({recall:.3f}), fewer than --min-recall {options.min_recall:g} requires: improve the documents, or lower "
            f"it (not answered: {examples([_quoted(result) for result in unanswered], _EXAMPLES)}).",
        )
    ]


def check_answers(before: Evaluation, after: Evaluation, baseline_version: str) -> list[Refusal]:
    """Refuse a version whose nDCG@10 on the golden questions is significantly lower than the baseline's."""
    change = difference(before.values["answer"]["ndcg@10"], after.values["answer"]["ndcg@10"])
    if not (change.mean < 0 and change.is_significant):
        return []
    old, new = (evaluation.means("answer")["ndcg@10"] for evaluation in (before, after))
    return [
        refuse(
            RefusalCode.ANSWERS_WORSE,
            f"golden questions are answered worse than by version {baseline_version}: nDCG@10 {new:.3f} instead of "
            f"{old:.3f} (p = {change.p:.4f}, significant below {SIGNIFICANT}): look at what changed, or publish this "
            f"version with `rollback` ({examples(lost_answers(before, after), _EXAMPLES)}).",
        )
    ]


def check_declined(before: Evaluation, after: Evaluation, baseline_version: str) -> list[Refusal]:
    """Refuse a version that declines significantly fewer of the questions that nothing answers."""
    change = declined_difference(before, after)
    if not (change.mean < 0 and change.is_significant):
        return []
    old, new = (declined(evaluation.unanswerable) for evaluation in (before, after))
    no_longer_declined = [
        f"{_quoted(now)}: first is {now.first_source}"
        for was, now in zip(before.unanswerable, after.unanswerable, strict=True)
        if was.declined and not now.declined
    ]
    return [
        refuse(
            RefusalCode.DECLINED_LESS,
            f"questions that nothing answers are declined less often than by version {baseline_version}: "
            f"{new.declined} of {new.questions} instead of {old.declined} (p = {change.p:.4f}, significant below "
            f"{SIGNIFICANT}): look at what changed, or publish this version with `rollback` "
            f"({examples(no_longer_declined, _EXAMPLES)}).",
        )
    ]


def lost_answers(before: Evaluation, after: Evaluation) -> list[str]:
    """The questions whose answer has a lower rank than before, those that lost most first, with both ranks."""
    pairs = [(old, new) for old, new in zip(before.results, after.results, strict=True) if _place(new) > _place(old)]
    pairs.sort(key=lambda pair: 1 / _place(pair[1]) - 1 / _place(pair[0]))
    return [
        f"{_quoted(new)}: {old.source} was {_rank(old)} and is {_rank(new)}, first is {new.first_source or 'nothing'}"
        for old, new in pairs
    ]


def _place(result: QuestionResult) -> int:
    return result.answer_rank or DEPTH + 1


def _rank(result: QuestionResult) -> str:
    return f"at rank {result.answer_rank}" if result.answer_rank else f"not among the first {DEPTH}"


def _quoted(result: QuestionResult) -> str:
    return f'"{result.question}"'
