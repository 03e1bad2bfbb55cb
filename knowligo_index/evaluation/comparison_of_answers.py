"""`evaluate`: how well a version answers questions, alone or beside another one."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from knowligo_index.errors import KnowledgeError
from knowligo_index.evaluation.golden_questions import Declined, GoldenQuestion
from knowligo_index.evaluation.measures import (
    Difference,
    Estimate,
    Evaluation,
    QuestionResult,
    Target,
    declined,
    declined_difference,
    difference,
    evaluate,
)
from knowligo_index.search.open_version import SearchMode
from knowligo_index.search.reader import IndexReader

TARGETS: tuple[Target, ...] = ("document", "answer")


@dataclass(frozen=True, slots=True)
class EvaluationReport:
    """What `evaluate --json` prints. Measures are by what is looked for (document, answer) and by name; they are of the
    questions that something answers, and empty where there are none."""

    version: str
    mode: SearchMode
    questions: list[QuestionResult]
    measures: dict[Target, dict[str, Estimate]]
    answerable: Declined
    """of the questions that something answers, how many are declined, wrongly"""
    unanswerable: Declined
    """of those that nothing answers, how many are declined, rightly"""
    against: str | None = None
    """the version it is compared with"""
    questions_against: list[QuestionResult] | None = None
    """how that answers"""
    changes: dict[Target, dict[str, Difference]] | None = None
    """what this version has more than that"""
    answerable_against: Declined | None = None
    unanswerable_against: Declined | None = None
    unanswerable_change: Difference | None = None
    """what share of these questions this version declines more than that; None in another mode than hybrid"""


def evaluation_report(
    index: Path,
    questions: Sequence[GoldenQuestion],
    version: str | None,
    against: str | None,
    mode: SearchMode,
    threads: int,
) -> EvaluationReport:
    """Ask the version, or the live one, and the one it is compared with. Raises KnowledgeError where there are no
    questions."""
    if not questions:
        raise KnowledgeError("there are no questions to evaluate with: name a file that has some.")
    name, found = _evaluated(index, questions, version, mode, threads)
    measures = {target: found.estimates(target) for target in TARGETS}
    counts = (declined(found.answerable), declined(found.unanswerable))
    if against is None:
        return EvaluationReport(name, mode, found.results, measures, *counts)
    other_name, other = _evaluated(index, questions, against, mode, threads)
    changes = {
        target: {
            measure: difference(other.values[target][measure], values)
            for measure, values in found.values[target].items()
            if values
        }
        for target in TARGETS
    }
    return EvaluationReport(
        name,
        mode,
        found.results,
        measures,
        *counts,
        against=other_name,
        questions_against=other.results,
        changes=changes,
        answerable_against=declined(other.answerable),
        unanswerable_against=declined(other.unanswerable),
        unanswerable_change=declined_difference(other, found) if mode == "hybrid" and found.unanswerable else None,
    )


def _evaluated(
    index: Path, questions: Sequence[GoldenQuestion], version: str | None, mode: SearchMode, threads: int
) -> tuple[str, Evaluation]:
    with IndexReader(index, version, threads) as reader:
        return reader.version, evaluate(reader, questions, mode)
