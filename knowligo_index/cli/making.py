"""The commands that make an index and ask it."""

import shlex
import sys
from pathlib import Path
from typing import Any

import click

from knowligo_index.build.progress import Progress
from knowligo_index.cli.shared import common, print_json, say, setting, settings_from
from knowligo_index.cli.text.results import build_text, hit_text
from knowligo_index.errors import RefusedError
from knowligo_index.settings import Settings, settings_in_force
from knowligo_index.system.cpu import default_threads
from knowligo_index.system.signals import stopped_by_signals

_UNCHANGED = 10


@click.command(epilog="Example: knowligo-index build knowledge --index indexes")
@click.argument("knowledge", required=False)
@setting("encoder")
@setting("engine")
@setting("precision")
@setting("threads")
@setting("chunk_tokens")
@setting("overlap_tokens")
@setting("questions")
@setting("max_failed")
@setting("min_recall")
@setting("max_shrink")
@setting("allow_shrink")
@setting("no_publish")
@setting("allow_secrets")
@setting("near_duplicates")
@setting("max_file_mib")
@setting("parse_seconds")
@setting("parse_mib")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
@click.option("-v", "--verbose", is_flag=True, help="Print also the settings in force and warnings.")
@click.option("--detailed-exit-code", is_flag=True, help="Exit with 10 where nothing had changed.")
@common
def build(as_json: bool, quiet: bool, verbose: bool, detailed_exit_code: bool, **flags: object) -> None:
    """Build a version of the index from the folder KNOWLEDGE [default: knowledge] and publish it.

    An unchanged folder gives no new version. Where anything fails, the live version stays; where too many documents
    cannot be read, or one holds a secret, it stays too, and the exit code is 3.
    """
    settings = settings_from(**flags)
    from knowligo_index.build import build as run_build

    if verbose:
        values = settings_in_force(settings) | {"threads": settings.threads or default_threads()}
        for name, value in values.items():
            click.echo(f"{name} = {'default' if value is None else value}", err=True)
    with stopped_by_signals(lambda: _live_text(settings)):
        result = run_build(settings, Progress(enabled=not quiet))
    if as_json:
        print_json(result.as_json())
    elif not quiet:
        say(build_text(result, settings.index, verbose=verbose))
        if result.made:
            say(f"Try: {_search_to_try(settings)}")
    if result.refusals:
        raise RefusedError(f"nothing is published, {_live_text(settings)}: {' Also: '.join(result.refusals)}")
    if detailed_exit_code and result.status == "unchanged":
        sys.exit(_UNCHANGED)


@click.command("export-encoder", epilog="Example: knowligo-index export-encoder --index indexes --precision bfloat16")
@setting("encoder")
@setting("engine")
@setting("precision")
@setting("threads")
@common
def export_encoder(as_json: bool, **flags: object) -> None:
    """Put the encoder into the index, and nothing else: a build does so by itself, where it is not there yet.

    For the layer of an image that stays the same when documents change.
    """
    settings = settings_from(**flags)
    from knowligo_index.build.command import export

    with stopped_by_signals(lambda: _live_text(settings)):
        folder = export(settings)
    if as_json:
        print_json({"encoder": str(folder)})
    else:
        say(f"The encoder is in {folder}.")


@click.command(epilog="Example: knowligo-index search '¿Qué incluye el plan profesional?' -k 3")
@click.argument("query")
@click.option("-k", "k", type=int, default=5, show_default=True, help="How many passages.")
@click.option(
    "--mode",
    type=click.Choice(["hybrid", "dense", "lexical"]),
    default="hybrid",
    show_default=True,
    help="By meaning (dense), by words (lexical), or both.",
)
@click.option("--version", "version", metavar="ID", help="Search this version instead of the live one.")
@setting("threads")
@common
def search(query: str, k: int, mode: Any, version: str | None, as_json: bool, **flags: object) -> None:
    """Print the passages that answer QUERY best."""
    settings = settings_from(**flags)
    from knowligo_index.search.reader import IndexReader

    with IndexReader(settings.index, version, settings.threads or default_threads()) as reader:
        hits = reader.search(query, k, mode)
        fusion = reader.manifest.fusion
        answered = reader.is_answered(hits, mode)
        if as_json:
            # What a terminal that isn't UTF-8 hands over may hold lone surrogates, which JSON cannot.
            query = query.encode("utf-8", "replace").decode()
            print_json({"version": reader.version, "query": query, "mode": mode, "answered": answered, "hits": hits})
        else:
            if hits and answered is False:
                best = f"the best passage scores {hits[0].score:.3f}, and an answer {fusion.answered} or more"
                say(f"The documents do not seem to answer this: {best}.\n")
            say("\n".join(hit_text(hit) for hit in hits) or "Nothing found.")


@click.command(epilog="Example: knowligo-index evaluate knowledge/questions.jsonl --against 3-0f1e2d3c4b5a")
@click.argument("questions", type=click.Path(path_type=Path))
@click.option("--version", "version", metavar="ID", help="Evaluate this version instead of the live one.")
@click.option("--against", metavar="ID", help="Compare it with this version, question by question.")
@click.option(
    "--mode",
    type=click.Choice(["hybrid", "dense", "lexical"]),
    default="hybrid",
    show_default=True,
    help="By meaning (dense), by words (lexical), or both.",
)
@setting("threads")
@common
def evaluate(
    questions: Path, version: str | None, against: str | None, mode: Any, as_json: bool, **flags: object
) -> None:
    """Ask QUESTIONS, whose answers are known, and print how well they are answered: a file of golden questions, or a
    folder in the layout of BEIR."""
    settings = settings_from(**flags)
    from knowligo_index.cli.text.evaluation_report import evaluation_text
    from knowligo_index.evaluation.evaluation_report import evaluation_report
    from knowligo_index.evaluation.golden_questions import read_golden_questions

    report = evaluation_report(
        settings.index, read_golden_questions(questions), version, against, mode, settings.threads or default_threads()
    )
    if as_json:
        print_json(report)
    else:
        say(evaluation_text(report))


def _live_text(settings: Settings) -> str:
    from knowligo_index.store import Store

    pointer = Store(settings.index).readable_pointer()
    return f"{pointer.version if pointer else 'no version'} is live in {settings.index}"


def _search_to_try(settings: Settings) -> str:
    """A command to copy."""
    python = Path(sys.executable)
    if python.is_relative_to(Path.cwd()):
        python = python.relative_to(Path.cwd())
    words = [str(python), "-m", "knowligo_index", "search", "your question"]
    if settings.index != Settings().index:
        words += ["--index", str(settings.index)]
    return shlex.join(words)
