"""`evaluate`."""

from pathlib import Path
from typing import Any

import click

from knowligo_index.cli.options import common_options, mode_option, setting_option, settings_from_flags
from knowligo_index.cli.output import print_json, print_text
from knowligo_index.system.cpu import default_threads


@click.command(epilog="Example: knowligo-index evaluate knowledge/questions.jsonl --against 3-0f1e2d3c4b5a")
@click.argument("questions", type=click.Path(path_type=Path))
@click.option("--version", "version", metavar="ID", help="Evaluate this version instead of the live one.")
@click.option("--against", metavar="ID", help="Compare it with this version, question by question.")
@mode_option
@setting_option("threads")
@common_options
def evaluate(
    questions: Path, version: str | None, against: str | None, mode: Any, as_json: bool, **flags: object
) -> None:
    """Measure how well golden questions are answered.

    QUESTIONS is a file of golden questions, or a folder in the layout of BEIR.
    """
    settings = settings_from_flags(**flags)
    from knowligo_index.cli.text.evaluation_report import evaluation_text
    from knowligo_index.evaluation.evaluation_report import evaluation_report
    from knowligo_index.evaluation.golden_questions import read_golden_questions

    report = evaluation_report(
        settings.index, read_golden_questions(questions), version, against, mode, settings.threads or default_threads()
    )
    if as_json:
        print_json(report)
    else:
        print_text(evaluation_text(report))
