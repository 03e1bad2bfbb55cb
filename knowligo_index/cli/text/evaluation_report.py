"""The result of `evaluate`, as text for a terminal."""

from knowligo_index.cli.text.printable import printable
from knowligo_index.evaluation.evaluation_report import TARGETS, EvaluationReport
from knowligo_index.evaluation.results import QuestionResult
from knowligo_index.evaluation.significance import Difference

_NAMES_OF_TARGETS = {"document": "the right document", "answer": "the answer itself"}


def evaluation_text(report: EvaluationReport) -> str:
    """The measures, how many questions were declined, and the ranks of the answer to each question."""
    count = len(report.questions)
    lines = [f"Version {report.version}, {report.mode}, {count} questions; 95 % confidence intervals in brackets"]
    # If no document answers any of the questions, there are no measures.
    for target in [target for target in TARGETS if report.measures[target]]:
        lines.append(f"  {_NAMES_OF_TARGETS[target]}")
        for name, estimate in report.measures[target].items():
            line = f"    {name:<10} {estimate.mean:.3f}  [{estimate.low:.3f}, {estimate.high:.3f}]"
            if report.changes:
                line += _change_text(report.changes[target][name], report.against or "")
            lines.append(line)
    lines += _declined_lines(report)
    lines.append("  document answer  question")
    lines += [f"  {_ranks(result)}  {printable(result.question)}  ({_expected(result)})" for result in report.questions]
    return "\n".join(lines)


def _declined_lines(report: EvaluationReport) -> list[str]:
    """How many questions are declined, of those that a document answers and of those that none does."""
    lines: list[str] = []
    for what, counts, counts_against, change in (
        ("wrongly, of those with an answer", report.answerable, report.answerable_against, None),
        ("rightly, of those without", report.unanswerable, report.unanswerable_against, report.unanswerable_change),
    ):
        if counts.declined is None or not counts.questions:
            continue
        line = f"    {what}: {counts.declined} of {counts.questions}"
        if change:
            line += _change_text(change, report.against or "")
        elif counts_against:
            line += f"  ({counts_against.declined} by {report.against})"
        lines.append(line)
    return ["  declined", *lines] if lines else []


def _change_text(change: Difference, against: str) -> str:
    verdict = "significant" if change.is_significant else "not significant"
    return f"  {change.mean:+.3f} compared with {against} (p = {change.p:.3f}, {verdict})"


def _ranks(result: QuestionResult) -> str:
    return f"{result.document_rank or '-':>8} {result.answer_rank or '-':>6}"


def _expected(result: QuestionResult) -> str:
    """The document that answers the question, and whether it was declined."""
    declined = "; declined" if result.declined else ""
    if result.source is not None:
        return printable(result.source) + declined
    return f"no document answers it{declined or '; first is ' + printable(result.first_source or 'nothing')}"
