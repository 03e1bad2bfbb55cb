"""The nightly job: build, tidy up, and one line of JSON on standard output that says how it went.

`python -m knowligo_index.nightly`, for whatever runs things at night (deploy/README.md). The commands run in processes
of their own, so that there is a line also where one of them is killed for its memory. Nothing is locked here: the
store does that, and a second job ends with 75.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import IO, Any, Literal, NoReturn

import click

Status = Literal["published", "unchanged", "staged", "refused", "locked", "failed", "stopped"]

REQUESTS_VARIABLE = "NIGHTLY_REQUESTS"
"""Names of the requests that this run answers, from `knowligo_index.operations.schedule`."""

_REFUSED, _LOCKED = 3, 75
# A build ends within 5 seconds of SIGTERM; whoever stops this job should give it 10.
_GRACE_SECONDS = 7.0
_POLL_SECONDS = 0.05
# Somebody may look into last week's; more are clutter.
_RESULTS_KEPT = 30


@dataclass(frozen=True, slots=True)
class Night:
    """How a run went. Its fields are those of the line of JSON."""

    time: str
    """when it ended, UTC"""
    status: Status
    exit_code: int
    """that of `build`; 1 where only `gc` failed"""
    message: str | None
    """what went wrong, for the person who must act"""
    version: str | None
    """the version that was made, or is live unchanged"""
    seconds: float
    requests: list[str]
    build: dict[str, Any] | None
    """the document of `build --json`"""
    gc: dict[str, Any] | None
    """the document of `gc --json`"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a command ended."""

    exit_code: int
    """128 plus the signal's number where a signal ended it"""
    document: dict[str, Any] | None
    """what it printed, if that is JSON"""
    error: str | None
    """the last one that it wrote to standard error, or the last line there"""
    out_of_time: bool


class Commands:
    """Runs one command at a time, and hands SIGTERM and SIGINT on to it."""

    def __init__(self, limit_seconds: float) -> None:
        self._limit = limit_seconds
        self._until = time.monotonic() + limit_seconds
        self._running: subprocess.Popen[str] | None = None
        self.stopped_by: int | None = None
        """the signal that asked the job to end"""

    @contextlib.contextmanager
    def handing_on_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self._hand_on) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def run(self, command: list[str]) -> Ended:
        """Run a command to its end, or until the time is up. Its standard error is passed on as it comes."""
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", errors="replace"
        )
        self._running = process
        # One that came before this line reached nobody.
        if self.stopped_by is not None:
            process.send_signal(self.stopped_by)
        output, errors = _Reading(process.stdout), _Reading(process.stderr, pass_on=True)
        out_of_time = False
        killed_at: float | None = None
        while process.poll() is None:
            now = time.monotonic()
            if killed_at is None and (self.stopped_by is not None or now > self._until):
                if self.stopped_by is None:
                    out_of_time = True
                    process.terminate()
                killed_at = now + _GRACE_SECONDS
            elif killed_at is not None and now > killed_at:
                process.kill()
            time.sleep(_POLL_SECONDS)
        self._running = None
        status = process.returncode
        code = 128 - status if status < 0 else status
        return Ended(code, _document(output.text()), _last_sentence(errors.text()), out_of_time)

    def _hand_on(self, number: int, frame: FrameType | None) -> None:
        self.stopped_by = number
        if self._running is not None:
            self._running.send_signal(number)


class _Reading:
    """Reads a stream to its end, so that its writer never waits."""

    def __init__(self, stream: IO[str] | None, *, pass_on: bool = False) -> None:
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._read, args=(stream, pass_on), daemon=True)
        self._thread.start()

    def _read(self, stream: IO[str] | None, pass_on: bool) -> None:
        if stream is None:
            return
        with stream:
            for line in stream:
                self._lines.append(line)
                if pass_on:
                    sys.stderr.write(line)
                    sys.stderr.flush()

    def text(self) -> str:
        # A process that outlived its command would hold the stream open; what it writes is of no interest.
        self._thread.join(2)
        return "".join(self._lines)


def _document(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _last_sentence(text: str) -> str | None:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    # A library may have had the last word.
    errors = [line.removeprefix("Error: ") for line in lines if line.startswith("Error: ")]
    found = errors or lines
    return found[-1] if found else None


def run_night(knowledge: str | None, index: str | None, keep: int, limit_seconds: float) -> Night:
    """Build, and where that went well, or was refused, remove all but the newest `keep` versions (0: none)."""
    begun = time.monotonic()
    commands = Commands(limit_seconds)
    place = ["--index", index] if index else []
    with commands.handing_on_signals():
        built = commands.run(_command("build", "--json", "--quiet", *place, *(["--", knowledge] if knowledge else [])))
        status, code, message = _verdict(built, commands.stopped_by, limit_seconds)
        tidied: Ended | None = None
        # Refused versions are clutter, too: without gc there would be one more of them every night.
        if code in (0, _REFUSED) and keep and commands.stopped_by is None:
            tidied = commands.run(_command("gc", "--json", "--keep", str(keep), *place))
            # Whoever holds the lock now will not mind what is left; the next night removes it. What was refused is to
            # be mended first.
            if code == 0 and tidied.exit_code not in (0, _LOCKED) and commands.stopped_by is None:
                reason = tidied.error or f"exit code {tidied.exit_code}"
                message = (
                    f"the build went well, and gc failed: {_too_long(limit_seconds) if tidied.out_of_time else reason}"
                )
                code = 1
    return Night(
        time=_now(),
        status=status,
        exit_code=code,
        message=message,
        version=built.document.get("version") if built.document else None,
        seconds=round(time.monotonic() - begun, 1),
        requests=_requests(),
        build=built.document,
        gc=tidied.document if tidied else None,
    )


def misused(error: click.ClickException) -> Night:
    """A run that did not begin, since an option or a variable of its own is wrong."""
    return Night(_now(), "failed", error.exit_code, error.format_message(), None, 0.0, _requests(), None, None)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _requests() -> list[str]:
    return os.environ.get(REQUESTS_VARIABLE, "").split()


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "knowligo_index", *arguments]


def _verdict(built: Ended, stopped_by: int | None, limit_seconds: float) -> tuple[Status, int, str | None]:
    if stopped_by is not None and built.exit_code not in (0, _REFUSED, _LOCKED):
        return "stopped", 128 + stopped_by, built.error
    if built.out_of_time:
        return "failed", 1, f"the build was ended: {_too_long(limit_seconds)}"
    if built.exit_code == 0 and built.document:
        return built.document["status"], 0, None
    if built.exit_code == _REFUSED:
        return "refused", _REFUSED, built.error
    if built.exit_code == _LOCKED:
        return "locked", _LOCKED, built.error
    if built.exit_code > 128:
        name = signal.Signals(built.exit_code - 128).name
        return "failed", 1, f"the build was ended by {name}: if nobody did that, it needs more memory."
    return "failed", built.exit_code or 1, built.error or "the build printed no result."


def _too_long(limit_seconds: float) -> str:
    return f"the job took longer than {limit_seconds:g} seconds; raise --limit if that is too few."


def keep_result(folder: Path, night: Night) -> None:
    """Write `latest.json`, and a file for each request that the run answers; forget the oldest of those.

    Whoever reads one sees the old file or the new one, whole.
    """
    folder.mkdir(parents=True, exist_ok=True)
    line = json.dumps(asdict(night), ensure_ascii=False) + "\n"
    for name in ("latest", *night.requests):
        path = folder / f"{name}.json"
        temporary = folder / f".{name}.{os.getpid()}"
        temporary.write_text(line, encoding="utf-8")
        temporary.replace(path)
    answers = [path for path in folder.glob("*.json") if path.name != "latest.json"]
    for path in sorted(answers, key=lambda path: path.stat().st_mtime)[:-_RESULTS_KEPT]:
        path.unlink(missing_ok=True)


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Example: python -m knowligo_index.nightly knowledge --index indexes --keep 7",
)
@click.argument("knowledge", required=False)
@click.option("--index", metavar="DIR", help="The index.  [default: that of build]")
@click.option(
    "--keep",
    type=click.IntRange(min=0),
    default=7,
    show_default=True,
    envvar="NIGHTLY_KEEP",
    show_envvar=True,
    help="How many of the newest versions gc leaves; 0: no gc.",
)
@click.option(
    "--limit",
    type=click.FloatRange(min=1),
    default=4 * 3600,
    show_default=True,
    envvar="NIGHTLY_LIMIT",
    show_envvar=True,
    help="Seconds after which the job is ended.",
)
@click.option(
    "--results",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="NIGHTLY_RESULTS",
    show_envvar=True,
    help="A folder that gets the line, too, as latest.json.",
)
def main(knowledge: str | None, index: str | None, keep: int, limit: float, results: Path | None) -> None:
    """Build the index of the folder KNOWLEDGE, remove old versions, and print one line of JSON.

    Every setting of `build` can be given in the environment (KNOWLIGO_MIN_RECALL=0.8) or in knowligo.toml.
    Exit codes are those of `build`: 0 published or unchanged, 1 failed, 2 wrong usage or setting, 3 refused by the
    gate, 75 another build is running, which will speak for itself.
    """
    tell(run_night(knowledge, index, keep, limit), results)


def tell(night: Night, results: Path | None) -> NoReturn:
    """Write the result, print it, and exit with its code."""
    code = night.exit_code
    if results is not None:
        try:
            keep_result(results, night)
        except OSError as error:
            # Who waits for the file would take silence for a night in which nothing ran.
            reason = (error.strerror or str(error)).lower()
            click.echo(f"Error: the result cannot be written into {results} ({reason}): mend that folder.", err=True)
            code = code or 1
    click.echo(json.dumps(asdict(night), ensure_ascii=False))
    sys.exit(code)


def run() -> NoReturn:
    """`main`, whose line is printed also where an option is wrong: who reads it would wait for it in vain."""
    try:
        main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        folder = os.environ.get("NIGHTLY_RESULTS")
        tell(misused(error), Path(folder) if folder else None)
    sys.exit(0)


if __name__ == "__main__":
    run()
