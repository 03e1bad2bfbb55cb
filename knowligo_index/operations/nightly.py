"""The nightly job: build the index, remove old versions, and print the result as one line of JSON.

`python -m knowligo_index.nightly`, started by whatever runs jobs at night (deploy/README.md). The commands run in
processes of their own, so that there is a result even if one of them is killed because it uses too much memory. This
job takes no lock: the store does, and a second job that runs at the same time ends with 75.
"""

import os
import signal
import sys
import time
from pathlib import Path
from typing import NoReturn

import click

from knowligo_index.operations.command_runner import CommandResult, CommandRunner
from knowligo_index.operations.night_result import NightResult, NightStatus, requests_of_this_run, write_result
from knowligo_index.system.os_errors import reason_of
from knowligo_index.system.python_process import python_command
from knowligo_index.system.standard_streams import write_error_line, write_line
from knowligo_index.system.timestamps import utc_timestamp

_REFUSED, _LOCKED = 3, 75


def run_night(
    knowledge: str | None, index: str | None, keep: int, limit_seconds: float, sign_key: str | None = None
) -> NightResult:
    """Build, sign the live version if there is a `sign_key`, and then remove all but the newest `keep` versions, unless
    `keep` is 0 or the build failed."""
    start = time.monotonic()
    runner = CommandRunner(limit_seconds)
    index_flag = ["--index", index] if index else []
    with runner.passing_on_signals():
        knowledge_argument = ["--", knowledge] if knowledge else []
        build = runner.run(_command("build", "--json", "--quiet", *index_flag, *knowledge_argument))
        status, exit_code, message = _verdict(build, runner.stop_signal, limit_seconds)
        sign: CommandResult | None = None
        # Also a version that was live before: the key may be a new one. A staged version is not live.
        if exit_code == 0 and status != "staged" and sign_key and runner.stop_signal is None:
            sign = runner.run(_command("sign", "--json", "--key", sign_key, *index_flag))
            if sign.exit_code != 0 and runner.stop_signal is None:
                message, exit_code = _failed_after_build("sign", sign, limit_seconds), 1
        gc: CommandResult | None = None
        # Also after a refused build: otherwise every night would add one more refused version.
        if exit_code in (0, _REFUSED) and keep and runner.stop_signal is None:
            gc = runner.run(_command("gc", "--json", "--keep", str(keep), *index_flag))
            # If the index is locked, the next night removes what is left. A refused build is the error to report first.
            if exit_code == 0 and gc.exit_code not in (0, _LOCKED) and runner.stop_signal is None:
                message, exit_code = _failed_after_build("gc", gc, limit_seconds), 1
    return NightResult(
        time=utc_timestamp(),
        status=status,
        exit_code=exit_code,
        message=message,
        version=build.document.get("version") if build.document else None,
        seconds=round(time.monotonic() - start, 1),
        requests=requests_of_this_run(),
        build=build.document,
        gc=gc.document if gc else None,
        sign=sign.document if sign else None,
    )


def _command(*arguments: str) -> list[str]:
    return python_command("knowligo_index", *arguments)


def _verdict(
    build: CommandResult, stop_signal: int | None, limit_seconds: float
) -> tuple[NightStatus, int, str | None]:
    """Status, exit code and message of the run, by how the build ended."""
    if stop_signal is not None and build.exit_code not in (0, _REFUSED, _LOCKED):
        return "stopped", 128 + stop_signal, build.error
    if build.timed_out:
        return "failed", 1, f"the build was stopped: {_time_limit_reached(limit_seconds)}"
    if build.exit_code == 0 and build.document:
        return build.document["status"], 0, None
    if build.exit_code == _REFUSED:
        return "refused", _REFUSED, build.error
    if build.exit_code == _LOCKED:
        return "locked", _LOCKED, build.error
    if build.exit_code > 128:
        name = signal.Signals(build.exit_code - 128).name
        return "failed", 1, f"the build was ended by {name}: if nobody sent that signal, give the build more memory."
    return "failed", build.exit_code or 1, build.error or "the build printed no result: read its log."


def _failed_after_build(name: str, result: CommandResult, limit_seconds: float) -> str:
    reason = _time_limit_reached(limit_seconds) if result.timed_out else result.error
    return f"the build succeeded, but {name} failed: {reason or f'exit code {result.exit_code}'}"


def _time_limit_reached(limit_seconds: float) -> str:
    return f"the job took longer than {limit_seconds:g} seconds; raise --limit if it needs more time."


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Example: python -m knowligo_index.nightly knowledge --index indexes --keep 7",
)
@click.argument("knowledge", required=False)
@click.option("--index", metavar="DIR", help="Index folder.  [default: that of `build`]")
@click.option(
    "--keep",
    type=click.IntRange(min=0),
    default=7,
    show_default=True,
    envvar="NIGHTLY_KEEP",
    show_envvar=True,
    help="Number of the newest versions that gc keeps; 0: do not run gc.",
)
@click.option(
    "--limit",
    type=click.FloatRange(min=1),
    default=4 * 3600,
    show_default=True,
    envvar="NIGHTLY_LIMIT",
    show_envvar=True,
    help="Number of seconds after which the job is stopped.",
)
@click.option(
    "--results",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="NIGHTLY_RESULTS",
    show_envvar=True,
    help="Folder to which the result is also written, as latest.json.",
)
@click.option(
    "--sign-key",
    metavar="FILE",
    envvar="NIGHTLY_SIGN_KEY",
    show_envvar=True,
    help="Secret key with which the live version is signed after a successful build.",
)
def main(
    knowledge: str | None, index: str | None, keep: int, limit: float, results: Path | None, sign_key: str | None
) -> None:
    """Build the index of the folder KNOWLEDGE, remove old versions, and print the result as one line of JSON.

    Every setting of `build` can be given in the environment (KNOWLIGO_MIN_RECALL=0.8) or in knowligo.toml.
    Exit codes are those of `build`: 0 published or unchanged, 1 failed, 2 wrong usage or setting, 3 refused by the
    gate, 75 another process is changing the index.
    """
    _report_and_exit(run_night(knowledge, index, keep, limit, sign_key), results)


def _report_and_exit(result: NightResult, folder: Path | None) -> NoReturn:
    """Write the result into `folder`, print it, and exit with its exit code."""
    exit_code = result.exit_code
    if folder is not None:
        try:
            write_result(folder, result)
        except OSError as error:
            # Whoever reads the file could not tell this run from one that did not take place.
            reason = reason_of(error)
            write_error_line(
                f"Error: the result cannot be written into {folder} ({reason}): make that folder writable."
            )
            exit_code = exit_code or 1
    try:
        write_line(result.line())
    except OSError as error:
        write_error_line(
            f"Error: the result cannot be written to standard output ({reason_of(error)}): {result.line()}"
        )
        exit_code = exit_code or 1
    sys.exit(exit_code)


def _run() -> NoReturn:
    """Call `main`, and report a result also if an option or an environment variable of the job is wrong."""
    try:
        main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        message = error.format_message()
        result = NightResult(
            utc_timestamp(), "failed", error.exit_code, message, None, 0.0, requests_of_this_run(), None, None
        )
        folder = os.environ.get("NIGHTLY_RESULTS")
        _report_and_exit(result, Path(folder) if folder else None)
    sys.exit(0)


if __name__ == "__main__":
    _run()
