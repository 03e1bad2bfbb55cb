"""A cron for one command, in the foreground of a container: `python -m knowligo_index.schedule CRON -- COMMAND`.

- One run at a time. What falls due during a run is skipped, and the log says how often: a build looks at everything,
  so the next one misses nothing.
- What falls due while the machine sleeps, or its clock is set forward, is run once, on waking. What fell due while
  this process was not there is not caught up on, unless `--at-start` is given.
- SIGTERM and SIGINT are handed on to the command. Whatever it does then, this process ends within 10 seconds.
- A file that somebody puts into `--requests DIR` is a run that is wanted now.
"""

import json
import os
import re
import signal
import subprocess
import sys
import time
from datetime import datetime, tzinfo
from pathlib import Path
from types import FrameType
from typing import NoReturn
from zoneinfo import ZoneInfo

import click

from knowligo_index.operations.nightly import REQUESTS_VARIABLE

# The nightly job kills a build that does not end after 7.
_GRACE_SECONDS = 9.0
_POLL_SECONDS = 0.2
_HEARTBEAT_SECONDS = 10.0
# These become names of files.
_REQUEST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Scheduler:
    """Waits, runs, waits again, until a signal comes."""

    def __init__(
        self, cron: str, command: list[str], zone: tzinfo, requests: Path | None = None, heartbeat: Path | None = None
    ) -> None:
        """`cron` has five fields, or six with seconds first; empty, only requests are run. Raises CronSimError."""
        self._cron = cron
        self._command = command
        self._zone = zone
        self._requests = requests
        self._heartbeat = heartbeat
        self._beaten = -_HEARTBEAT_SECONDS
        self._signal: int | None = None
        self._due_after(datetime.now(zone))

    def run(self, *, at_start: bool) -> None:
        """Until SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        if self._requests is not None:
            # Others of the group may ask, too.
            self._requests.mkdir(parents=True, exist_ok=True)
            self._requests.chmod(0o2770)
        due = self._due_after(datetime.now(self._zone))
        _log("waiting", next=_written(due))
        while self._signal is None:
            wanted = self._take_requests()
            # As timestamps: datetimes of one zone are compared by what the clock on the wall says.
            if at_start or wanted or (due is not None and time.time() >= due.timestamp()):
                at_start = False
                began = datetime.now(self._zone)
                self._run_command(wanted)
                missed = self._fell_due_since(began)
                if missed:
                    _log("skipped", times=missed, reason="the run before was not over")
                due = self._due_after(datetime.now(self._zone))
                if self._signal is None:
                    _log("waiting", next=_written(due))
            self._beat()
            time.sleep(_POLL_SECONDS)
        _log("stopped", signal=signal.Signals(self._signal).name)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._signal = number

    def _run_command(self, requests: list[str]) -> None:
        """Run the command to its end; when a signal comes, hand it on and see to it that the command ends."""
        environment = {**os.environ, REQUESTS_VARIABLE: " ".join(requests)}
        began = time.monotonic()
        try:
            # A group of its own, so that nothing of it is left when it has to be killed.
            process = subprocess.Popen(self._command, env=environment, process_group=0)
        except OSError as error:
            _log("ended", exit_code=127, message=f"{self._command[0]} cannot be run: {(error.strerror or '').lower()}")
            return
        _log("started", process=process.pid, requests=requests)
        kill_at: float | None = None
        while process.poll() is None:
            if self._signal is not None and kill_at is None:
                process.send_signal(self._signal)
                kill_at = time.monotonic() + _GRACE_SECONDS
            elif kill_at is not None and time.monotonic() > kill_at:
                os.killpg(process.pid, signal.SIGKILL)
            self._beat()
            time.sleep(_POLL_SECONDS)
        status = process.returncode
        seconds = round(time.monotonic() - began, 1)
        _log("ended", exit_code=128 - status if status < 0 else status, seconds=seconds)

    def _due_after(self, moment: datetime) -> datetime | None:
        from cronsim import CronSim

        return next(CronSim(self._cron, moment), None) if self._cron else None

    def _fell_due_since(self, began: datetime) -> int:
        """How often the command fell due while it was running."""
        times = 0
        due = self._due_after(began)
        while due is not None and due.timestamp() <= time.time():
            times += 1
            due = self._due_after(due)
        return times

    def _take_requests(self) -> list[str]:
        if self._requests is None:
            return []
        names = sorted(path.name for path in self._requests.iterdir() if path.is_file())
        for name in names:
            (self._requests / name).unlink(missing_ok=True)
        wanted = [name for name in names if _REQUEST.fullmatch(name)]
        if len(wanted) < len(names):
            _log("ignored", requests=len(names) - len(wanted), reason="a request's name has letters, digits, . _ -")
        return wanted

    def _beat(self) -> None:
        """Tell a health check that this process is alive."""
        if self._heartbeat is not None and time.monotonic() - self._beaten >= _HEARTBEAT_SECONDS:
            self._heartbeat.touch()
            self._beaten = time.monotonic()


def _written(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else "on request"


def _log(event: str, **fields: object) -> None:
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    print(json.dumps({"time": now, "event": event, **fields}), flush=True)


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Example: python -m knowligo_index.schedule '15 3 * * *' -- python -m knowligo_index.nightly",
)
@click.argument("cron")
@click.argument("command", nargs=-1, required=True)
@click.option("--at-start", is_flag=True, help="Run at once, too, and then by the schedule.")
@click.option(
    "--requests",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder: a file that is put there is a run that is wanted now.",
)
@click.option(
    "--heartbeat",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file that is touched every 10 seconds, for a health check.",
)
def main(cron: str, command: tuple[str, ...], at_start: bool, requests: Path | None, heartbeat: Path | None) -> None:
    """Run COMMAND whenever CRON says: minute, hour, day of the month, month, day of the week; with a sixth field in
    front, seconds. An empty CRON runs it on request only. The time zone is that of TZ, or UTC."""
    try:
        from cronsim import CronSimError
    except ModuleNotFoundError:
        _fail("this needs the package cronsim: install it with `pip install 'knowligo-index[build]'`.")
    name = os.environ.get("TZ") or "UTC"
    try:
        zone = ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        _fail(f"TZ is {name!r}, which is no time zone here: give one like Europe/Madrid.")
    try:
        scheduler = Scheduler(cron.strip(), list(command), zone, requests, heartbeat)
    except CronSimError as error:
        _fail(f"{cron!r} is no cron expression ({str(error).lower()}): give one like '15 3 * * *'.")
    try:
        scheduler.run(at_start=at_start)
    except OSError as error:
        click.echo(f"Error: {error.filename} cannot be used ({(error.strerror or '').lower()}): mend it.", err=True)
        sys.exit(1)


def _fail(sentence: str) -> NoReturn:
    click.echo(f"Error: {sentence}", err=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
