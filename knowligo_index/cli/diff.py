"""`diff`."""

import click

from knowligo_index.cli.options import common_options, setting_option, settings_from_flags
from knowligo_index.cli.output import print_json, print_text


@click.command(epilog="Example: knowligo-index diff 3-0f1e2d3c4b5a 4-9a8b7c6d5e4f")
@click.argument("old", metavar="[OLD]", required=False)
@click.argument("new", metavar="[NEW]", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown"]),
    default="text",
    show_default=True,
    help="Text for a terminal, or Markdown for a commit or a chat.",
)
@setting_option("questions")
@common_options
def diff(old: str | None, new: str | None, form: str, as_json: bool, **flags: object) -> None:
    """Compare two versions.

    NEW is by default the live version, and OLD the one before it. Prints the differences in documents, passages and
    settings and, with --questions, the golden questions whose answers changed rank.
    """
    settings = settings_from_flags(**flags)
    from knowligo_index.cli.text.version_diff import version_diff_markdown, version_diff_text
    from knowligo_index.evaluation.golden_questions import read_golden_questions
    from knowligo_index.evaluation.version_diff import diff_versions
    from knowligo_index.store import Store

    questions = read_golden_questions(settings.questions) if settings.questions is not None else []
    version_diff = diff_versions(Store(settings.index), old, new, questions)
    if as_json:
        print_json(version_diff)
    else:
        print_text(version_diff_text(version_diff) if form == "text" else version_diff_markdown(version_diff))
