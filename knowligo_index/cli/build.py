"""`build` and `export-encoder`."""

import contextlib
import shlex
import sys
from pathlib import Path

import click

from knowligo_index.build.progress import Progress
from knowligo_index.cli.log import log_printed
from knowligo_index.cli.options import common_options, setting_option, settings_from_flags
from knowligo_index.cli.output import having_done, print_error, print_json, print_text
from knowligo_index.cli.text.build import build_text
from knowligo_index.errors import OutputError, RefusedError
from knowligo_index.settings import Settings, settings_in_force
from knowligo_index.system.cpu import default_threads
from knowligo_index.system.signals import stopped_by_signals
from knowligo_index.system.utf8 import utf8_path

_UNCHANGED = 10


@click.command(epilog="Example: knowligo-index build knowledge --index indexes")
@click.argument("knowledge", required=False)
@setting_option("encoder")
@setting_option("engine")
@setting_option("precision")
@setting_option("threads")
@setting_option("chunk_tokens")
@setting_option("overlap_tokens")
@setting_option("questions")
@setting_option("max_failed")
@setting_option("min_recall")
@setting_option("max_shrink")
@setting_option("allow_shrink")
@setting_option("no_publish")
@setting_option("allow_secrets")
@setting_option("near_duplicates")
@setting_option("max_file_mib")
@setting_option("parse_seconds")
@setting_option("parse_mib")
@click.option("-q", "--quiet", is_flag=True, help="Print only errors.")
@click.option("-v", "--verbose", is_flag=True, help="Also print all settings and all warnings.")
@click.option("--detailed-exit-code", is_flag=True, help="Exit with 10 if nothing had changed.")
@common_options
def build(as_json: bool, quiet: bool, verbose: bool, detailed_exit_code: bool, **flags: object) -> None:
    """Build a version of the index and make it the live one.

    The documents are those in the folder KNOWLEDGE [default: knowledge]. If nothing has changed, no version is built.
    If the build fails, the live version stays. It also stays, with exit code 3, if the gate refuses the new version:
    for example because too many documents cannot be read, or because one contains a secret.
    """
    settings = settings_from_flags(**flags)
    from knowligo_index.build import build as run_build

    if verbose:
        values = settings_in_force(settings) | {"threads": settings.threads or default_threads()}
        for name, value in values.items():
            print_error(f"{name} = {'default' if value is None else value}")
    with log_printed(enabled=verbose), stopped_by_signals(lambda: _live_text(settings)):
        result = run_build(settings, Progress(enabled=not quiet))
    # That it was refused is the more important of two errors.
    with contextlib.suppress(OutputError) if result.refusals else having_done(lambda: _live_text(settings)):
        if as_json:
            print_json(result.as_json())
        elif not quiet:
            print_text(build_text(result, settings.index, verbose=verbose))
            if result.made and not result.refusals:
                print_text(f"Try: {_search_to_try(settings)}")
    if result.refusals:
        sentences = " Also: ".join(refusal.sentence for refusal in result.refusals)
        raise RefusedError(f"nothing is published, {_live_text(settings)}: {sentences}")
    if detailed_exit_code and result.status == "unchanged":
        sys.exit(_UNCHANGED)


@click.command("export-encoder", epilog="Example: knowligo-index export-encoder --index indexes --precision bfloat16")
@setting_option("encoder")
@setting_option("engine")
@setting_option("precision")
@setting_option("threads")
@common_options
def export_encoder(as_json: bool, **flags: object) -> None:
    """Export the encoder into the index; build no version.

    A build does this itself if the encoder is not in the index yet. Use this command to give the encoder a layer of its
    own in an image, which stays the same when the documents change.
    """
    settings = settings_from_flags(**flags)
    from knowligo_index.build.command import export

    with stopped_by_signals(lambda: _live_text(settings)):
        folder = export(settings)
    with having_done(lambda: f"the encoder is in {folder}"):
        if as_json:
            print_json({"encoder": utf8_path(folder)})
        else:
            print_text(f"The encoder is in {folder}.")


def _live_text(settings: Settings) -> str:
    from knowligo_index.store import Store

    pointer = Store(settings.index).readable_pointer()
    return f"{pointer.version if pointer else 'no version'} is live in {settings.index}"


def _search_to_try(settings: Settings) -> str:
    """A command that searches the index, for the user to copy."""
    script = Path(sys.executable).with_name("knowligo-index")
    # `python -m` looks for modules in the working directory first; -P keeps it from that.
    program, options = (script, []) if script.exists() else (Path(sys.executable), ["-P", "-m", "knowligo_index"])
    if program.is_relative_to(Path.cwd()):
        program = program.relative_to(Path.cwd())
    words = [str(program), *options, "search", "your question"]
    if settings.index != Settings().index:
        words += ["--index", str(settings.index)]
    return shlex.join(words)
