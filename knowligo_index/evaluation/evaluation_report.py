"""`evaluate`: how well a version answers golden questions, alone or compared with another version."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from knowligo_index.errors import KnowledgeError
from knowligo_index.evaluation.golden_questions import GoldenQuestion
from knowligo_index.evaluation.measures import Evaluation, Target, declined_difference, evaluate
from knowligo_index.evaluation.results import Declined, QuestionResult, declined
from knowligo_index.evaluation.significance import Difference, Estimate, difference
from knowligo_index.search.open_version import SearchMode
from knowligo_index.search.reader import IndexReader

TARGETS: tuple[Target, ...] = ("document", "answer")


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """What `evaluate --json` prints. The fields from `against` on are None unless the version is compared with another
    one."""

    version: str
    mode: SearchMode
    questions: list[QuestionResult]
    measures: dict[Target, dict[str, Estimate]]
    """by target and by name of the measure; empty if no document answers any of the questions"""
    answerable: Declined
    """of the questions that a document answers: those that are declined are declined wrongly"""
    unanswerable: Declined
    """of the questions that no document answers: those that are declined are declined rightly"""
    against: str | None = None
    """the other version"""
    questions_against: list[QuestionResult] | None = None
    """the results of the other version"""
    changes: dict[Target, dict[str, Difference]] | None = None
    """the measures of this version minus those of the other one"""
    answerable_against: Declined | None = None
    unanswerable_against: Declined | None = None
    unanswerable_change: Difference | None = None
    """the share of these questions that this version declines, minus that of the other one; None unless the search is
    hybrid"""


def evaluation_report(
    index: Path,
    questions: Sequence[GoldenQuestion],
    version: str | None,
    against: str | None,
    mode: SearchMode,
    threads: int,
) -> EvaluationReport:
    """Evaluate the version with the id `version`, or the live one, and the one with the id `against`, if given.

    Raises KnowledgeError if there are no questions, and the errors of opening and searching an index.
    """
    if not questions:
        raise KnowledgeError("there are no questions to evaluate with: name a file that has some.")
    version_id, evaluation = _evaluate_version(index, questions, version, mode, threads)
    measures = {target: evaluation.estimates(target) for target in TARGETS}
    counts = (declined(evaluation.answerable), declined(evaluation.unanswerable))
    if against is None:
        return EvaluationReport(version_id, mode, evaluation.results, measures, *counts)
    other_id, other = _evaluate_version(index, questions, against, mode, threads)
    changes = {
        target: {
            measure: difference(other.values[target][measure], values)
            for measure, values in evaluation.values[target].items()
            if values
        }
        for target in TARGETS
    }
    has_unanswerable = mode == "hybrid" and bool(evaluation.unanswerable)
    return EvaluationReport(
        version_id,
        mode,
        evaluation.results,
        measures,
        *counts,
        against=other_id,
        questions_against=other.results,
        changes=changes,
        answerable_against=declined(other.answerable),
        unanswerable_against=declined(other.unanswerable),
        unanswerable_change=declined_difference(other, evaluation) if has_unanswerable else None,
    )


def _evaluate_version(
    index: Path, questions: Sequence[GoldenQuestion], version: str | None, mode: SearchMode, threads: int
) -> tuple[str, Evaluation]:
    """The id of the version, and its evaluation."""
    with IndexReader(index, version, threads) as reader:
        return reader.version, evaluate(reader, questions, mode)
