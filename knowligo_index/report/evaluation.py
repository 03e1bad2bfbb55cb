"""An evaluation as text for a terminal."""

from knowligo_index.evaluation import Difference, QuestionResult
from knowligo_index.evaluation_report import TARGETS, EvaluationReport
from knowligo_index.report.printable import printable

_WHAT = {"document": "the right document", "answer": "the answer itself"}


def evaluation_text(report: EvaluationReport) -> str:
    """The measures, and where the answer to each question came."""
    count = len(report.questions)
    lines = [f"Version {report.version}, {report.mode}, {count} questions; 95 % confidence in brackets"]
    for target in TARGETS:
        lines.append(f"  {_WHAT[target]}")
        for name, estimate in report.measures[target].items():
            line = f"    {name:<10} {estimate.mean:.3f}  [{estimate.low:.3f}, {estimate.high:.3f}]"
            if report.changes:
                line += _change_text(report.changes[target][name], report.against or "")
            lines.append(line)
    lines.append("  document answer  question")
    lines += [
        f"  {_ranks(result)}  {printable(result.question)}  ({printable(result.source)})" for result in report.questions
    ]
    return "\n".join(lines)


def _change_text(change: Difference, against: str) -> str:
    verdict = "significant" if change.is_significant else "may be chance"
    return f"  {change.mean:+.3f} beside {against} (p = {change.p:.3f}, {verdict})"


def _ranks(result: QuestionResult) -> str:
    return f"{result.document_rank or '-':>8} {result.answer_rank or '-':>6}"
