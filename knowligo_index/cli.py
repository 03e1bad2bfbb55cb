"""The command line: parse, call, print.

Commands import what they run when they run: `--help` must not wait for numpy, and the numeric libraries must not
load before their thread limits are set.
"""

import shlex
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
import msgspec

from knowligo_index.cpu import default_threads, limit_threads
from knowligo_index.errors import KnowligoError
from knowligo_index.release import __version__
from knowligo_index.report.progress import Progress
from knowligo_index.report.text import (
    counts_text,
    document_line,
    effort_text,
    hit_text,
    ledger_lines,
    manifest_text,
    version_line,
)
from knowligo_index.settings import Settings, as_flag, known_settings, load_settings, settings_in_force

Command = TypeVar("Command", bound=Callable[..., None])

_PROGRAM = "knowligo-index"


def main() -> NoReturn:
    """Entry point of `knowligo-index` and of `python -m knowligo_index`."""
    cli(prog_name=_PROGRAM)
    sys.exit(0)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name=_PROGRAM)
def cli() -> None:
    """Build and search versioned passage indexes, offline.

    Settings come from flags, then from environment variables (KNOWLIGO_CHUNK_TOKENS=180), then from knowligo.toml
    (chunk_tokens = 180) in the working directory, then from the defaults.
    """


def _setting(name: str) -> Callable[[Command], Command]:
    """The flag of a setting; its value is checked by the settings, which know the other places it may come from."""
    setting = known_settings()[name]
    default = f" [default: {setting.default}]" if setting.default is not None else ""
    return click.option(as_flag(name), name, metavar=setting.metavar, help=setting.description + default)


def _common(command: Command) -> Command:
    """--index, --json and --debug; errors become one sentence and an exit code."""

    @wraps(command)
    def run(*arguments: Any, debug: bool, **options: Any) -> None:
        try:
            command(*arguments, **options)
        except KnowligoError as error:
            if debug:
                raise
            click.echo(f"Error: {error}", err=True)
            sys.exit(error.exit_code)
        except OSError as error:
            if debug or error.strerror is None:
                raise
            where = f" {error.filename}" if error.filename else ""
            click.echo(
                f"Error: the system refused{where} ({error.strerror.lower()}): see to it and try again.", err=True
            )
            sys.exit(1)

    decorated = click.option("--debug", is_flag=True, help="On an error show the traceback.")(run)
    decorated = click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")(decorated)
    return _setting("index")(decorated)  # type: ignore[return-value]


def _print_json(value: object) -> None:
    """One document; dataclasses as objects, tuples as lists."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


def _settings(**flags: object) -> Settings:
    settings = load_settings(flags)
    limit_threads(settings.threads or default_threads())
    return settings


@cli.command(epilog="Example: knowligo-index build knowledge --index indexes")
@click.argument("knowledge", required=False)
@_setting("encoder")
@_setting("threads")
@_setting("chunk_tokens")
@_setting("overlap_tokens")
@_setting("questions")
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
@click.option("-v", "--verbose", is_flag=True, help="Print also the settings in force and warnings.")
@_common
def build(as_json: bool, quiet: bool, verbose: bool, **flags: object) -> None:
    """Build a version of the index from the folder KNOWLEDGE [default: knowledge] and publish it.

    An unchanged folder gives no new version. Where anything fails, the live version stays.
    """
    settings = _settings(**flags)
    from knowligo_index.build import build as run_build

    if verbose:
        values = settings_in_force(settings) | {"threads": settings.threads or default_threads()}
        for name, value in values.items():
            click.echo(f"{name} = {'default' if value is None else value}", err=True)
    result = run_build(settings, Progress(enabled=not quiet))
    if as_json:
        _print_json(result.as_json())
    elif not quiet:
        click.echo(f"{result.status.capitalize()}: version {result.manifest.version} in {settings.index}")
        click.echo(counts_text(result.manifest))
        click.echo(effort_text(result.seconds, result.peak_rss_bytes))
        for line in ledger_lines(result.ledger, verbose=verbose):
            click.echo(f"  {line}")
        click.echo(f"Try: {_search_to_try(settings)}")


@cli.command(epilog="Example: knowligo-index search '¿Qué incluye el plan profesional?' -k 3")
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
@_setting("threads")
@_common
def search(query: str, k: int, mode: Any, version: str | None, as_json: bool, **flags: object) -> None:
    """Print the passages that answer QUERY best."""
    settings = _settings(**flags)
    from knowligo_index.reader import IndexReader

    with IndexReader(settings.index, version, settings.threads or default_threads()) as reader:
        hits = reader.search(query, k, mode)
        if as_json:
            # What a terminal that isn't UTF-8 hands over may hold lone surrogates, which JSON cannot.
            query = query.encode("utf-8", "replace").decode()
            _print_json({"version": reader.version, "query": query, "mode": mode, "hits": hits})
        else:
            click.echo("\n".join(hit_text(hit) for hit in hits) or "Nothing found.")


@cli.command("list", epilog="Example: knowligo-index list --index indexes")
@_common
def list_versions(as_json: bool, **flags: object) -> None:
    """List the versions of the index, oldest first; * marks the live one."""
    from knowligo_index.store import Store

    store = Store(_settings(**flags).index)
    versions = store.summaries()
    if as_json:
        _print_json({"current": store.current_id(), "versions": versions})
        return
    click.echo(
        "\n".join(version_line(version) for version in versions) or f"No version was published in {store.root} yet."
    )


@cli.command(epilog="Example: knowligo-index show 3-0f1e2d3c4b5a")
@click.argument("version", metavar="[ID]", required=False)
@_common
def show(version: str | None, as_json: bool, **flags: object) -> None:
    """Show what is in version ID, or in the live one: documents, settings, encoder, and what is missing and why."""
    settings = _settings(**flags)
    from knowligo_index.reader import IndexReader

    with IndexReader(settings.index, version) as reader:
        documents, ledger = reader.documents(), reader.ledger()
        missing = [entry for entry in ledger if entry.status != "indexed"]
        if as_json:
            _print_json({"manifest": reader.manifest, "documents": documents, "not_indexed": missing})
            return
        click.echo(manifest_text(reader.manifest))
        click.echo("\n".join(document_line(document) for document in documents))
        click.echo("\n".join(ledger_lines(ledger, verbose=True)))


def _search_to_try(settings: Settings) -> str:
    """A command to copy."""
    python = Path(sys.executable)
    if python.is_relative_to(Path.cwd()):
        python = python.relative_to(Path.cwd())
    words = [str(python), "-m", "knowligo_index", "search", "your question"]
    if settings.index != Settings().index:
        words += ["--index", str(settings.index)]
    return shlex.join(words)
