"""A cron for one command, in the foreground of a container: `python -m knowligo_index.schedule CRON -- COMMAND`.

- One run at a time. Runs that fall due during a run are skipped and counted in the log. Nothing is missed by that: the
  next build reads all documents.
- Runs that fall due while the machine is suspended, or that a change of its clock jumps over, are made up for by one
  run afterwards. Runs that fell due before this process started are not, unless `--at-start` is given.
- SIGTERM and SIGINT are passed on to the command. This process ends within 10 seconds, even if the command does not.
- A file that is put into the folder of `--requests` starts a run at once.
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

from knowligo_index.operations.night_result import REQUESTS_VARIABLE
from knowligo_index.operations.process import wait_for_exit

# Longer than the 7 seconds after which the nightly job kills its build.
_GRACE_SECONDS = 9.0
_POLL_SECONDS = 0.2
_HEARTBEAT_SECONDS = 10.0
# Names of requests become names of result files.
_REQUEST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Scheduler:
    """Runs a command whenever it is due or requested, until a signal stops it."""

    def __init__(
        self, cron: str, command: list[str], zone: tzinfo, requests: Path | None = None, heartbeat: Path | None = None
    ) -> None:
        """`cron` has five fields, or six of which the first is seconds; if it is empty, the command runs on request
        only. Raises CronSimError."""
        self._cron = cron
        self._command = command
        self._zone = zone
        self._requests = requests
        self._heartbeat = heartbeat
        self._last_heartbeat = -_HEARTBEAT_SECONDS
        self._signal: int | None = None
        self._due_after(datetime.now(zone))

    def run(self, *, at_start: bool) -> None:
        """Run until SIGTERM or SIGINT; with `at_start`, begin with a run. Raises OSError."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        if self._requests is not None:
            # Members of the group may request runs, too; the files that they create belong to the group.
            self._requests.mkdir(parents=True, exist_ok=True)
            self._requests.chmod(0o2770)
        due = self._due_after(datetime.now(self._zone))
        _log("waiting", next=_due_text(due))
        while self._signal is None:
            requests = self._take_requests()
            # Timestamps, because datetimes of one zone are compared by local time, which repeats an hour in autumn.
            if at_start or requests or (due is not None and time.time() >= due.timestamp()):
                at_start = False
                start = datetime.now(self._zone)
                self._run_command(requests)
                skipped = self._times_due_since(start)
                if skipped:
                    _log("skipped", times=skipped, reason="the previous run had not ended")
                due = self._due_after(datetime.now(self._zone))
                if self._signal is None:
                    _log("waiting", next=_due_text(due))
            self._touch_heartbeat()
            time.sleep(_POLL_SECONDS)
        _log("stopped", signal=signal.Signals(self._signal).name)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._signal = number

    def _run_command(self, requests: list[str]) -> None:
        """Run the command until it ends. A signal is passed on to it; if it does not end then, it is killed."""
        environment = {**os.environ, REQUESTS_VARIABLE: " ".join(requests)}
        start = time.monotonic()
        try:
            # In a process group of its own, so that its children can be killed with it.
            process = subprocess.Popen(self._command, env=environment, process_group=0)
        except OSError as error:
            _log("ended", exit_code=127, message=f"{self._command[0]} cannot be run: {(error.strerror or '').lower()}")
            return
        _log("started", process=process.pid, requests=requests)

        def stop_requested() -> bool:
            if self._signal is None:
                return False
            process.send_signal(self._signal)
            return True

        exit_code = wait_for_exit(
            process,
            stop_requested,
            lambda: os.killpg(process.pid, signal.SIGKILL),
            grace_seconds=_GRACE_SECONDS,
            poll_seconds=_POLL_SECONDS,
            on_poll=self._touch_heartbeat,
        )
        _log("ended", exit_code=exit_code, seconds=round(time.monotonic() - start, 1))

    def _due_after(self, moment: datetime) -> datetime | None:
        from cronsim import CronSim

        return next(CronSim(self._cron, moment), None) if self._cron else None

    def _times_due_since(self, start: datetime) -> int:
        """How many times the command fell due after `start`."""
        times = 0
        due = self._due_after(start)
        while due is not None and due.timestamp() <= time.time():
            times += 1
            due = self._due_after(due)
        return times

    def _take_requests(self) -> list[str]:
        """Remove all files from the folder of requests, and return the names that are valid."""
        if self._requests is None:
            return []
        names = sorted(path.name for path in self._requests.iterdir() if path.is_file())
        for name in names:
            (self._requests / name).unlink(missing_ok=True)
        requests = [name for name in names if _REQUEST.fullmatch(name)]
        if len(requests) < len(names):
            reason = "the name of a request begins with a letter or a digit and has only letters, digits and . _ -"
            _log("ignored", requests=len(names) - len(requests), reason=reason)
        return requests

    def _touch_heartbeat(self) -> None:
        """Touch the heartbeat file, if the last time was long enough ago."""
        if self._heartbeat is not None and time.monotonic() - self._last_heartbeat >= _HEARTBEAT_SECONDS:
            self._heartbeat.touch()
            self._last_heartbeat = time.monotonic()


def _due_text(moment: datetime | None) -> str:
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
@click.option("--at-start", is_flag=True, help="Start with a run, then follow the schedule.")
@click.option(
    "--requests",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of requests: a file that is put there starts a run at once.",
)
@click.option(
    "--heartbeat",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File that is touched every 10 seconds, for a health check.",
)
def main(cron: str, command: tuple[str, ...], at_start: bool, requests: Path | None, heartbeat: Path | None) -> None:
    """Run COMMAND by the schedule CRON: minute, hour, day of the month, month, day of the week; with six fields, the
    first is seconds. With an empty CRON the command runs on request only. The time zone is that of TZ, or UTC."""
    try:
        from cronsim import CronSimError
    except ModuleNotFoundError:
        _fail("this needs the package cronsim: install it with `pip install 'knowligo-index[build]'`.")
    name = os.environ.get("TZ") or "UTC"
    try:
        zone = ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        _fail(f"TZ is {name!r}, which is not a known time zone: use a name such as Europe/Madrid.")
    try:
        scheduler = Scheduler(cron.strip(), list(command), zone, requests, heartbeat)
    except CronSimError as error:
        _fail(f"{cron!r} is not a cron expression ({str(error).lower()}): use one such as '15 3 * * *'.")
    try:
        scheduler.run(at_start=at_start)
    except OSError as error:
        click.echo(
            f"Error: {error.filename} cannot be used ({(error.strerror or '').lower()}): make it writable.", err=True
        )
        sys.exit(1)


def _fail(message: str) -> NoReturn:
    click.echo(f"Error: {message}", err=True)
    sys.exit(2)


if __name__ == "__main__":
    main()
