"""Run a command by a schedule, and log each run as a line of JSON."""

import contextlib
import json
import os
import re
import signal
import subprocess
from datetime import datetime, tzinfo
from pathlib import Path
from types import FrameType

from knowligo_index.operations.clock import BackwardSteps, Clock
from knowligo_index.operations.night_result import REQUESTS_VARIABLE
from knowligo_index.operations.process import wait_for_exit
from knowligo_index.system.os_errors import reason_of
from knowligo_index.system.standard_streams import write_line

# Longer than the 7 seconds after which the nightly job kills its build.
_GRACE_SECONDS = 9.0
_POLL_SECONDS = 0.2
_HEARTBEAT_SECONDS = 10.0
# Names of requests become names of result files.
_REQUEST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Scheduler:
    """Runs a command whenever it is due or requested, until a signal stops it."""

    def __init__(
        self,
        cron: str,
        command: list[str],
        zone: tzinfo,
        requests: Path | None = None,
        heartbeat: Path | None = None,
        clock: Clock | None = None,
    ) -> None:
        """`cron` has five fields, or six of which the first is seconds; if it is empty, the command runs on request
        only. Raises CronSimError."""
        self._cron = cron
        self._command = command
        self._zone = zone
        self._requests = requests
        self._heartbeat = heartbeat
        self._clock = clock or Clock()
        self._last_heartbeat = -_HEARTBEAT_SECONDS
        self._signal: int | None = None
        self._due_after(self._clock.now(zone))

    def run(self, *, at_start: bool) -> None:
        """Run until SIGTERM or SIGINT; with `at_start`, begin with a run. Raises OSError."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        if self._requests is not None:
            # Members of the group may request runs, too; the files that they create belong to the group.
            self._requests.mkdir(parents=True, exist_ok=True)
            self._requests.chmod(0o2770)
        steps = BackwardSteps(self._clock)
        due = self._wait_for_next()
        while self._signal is None:
            requests = self._take_requests()
            seconds_back = steps.take()
            if seconds_back:
                # The next run would otherwise be due when the time has caught up, perhaps in years.
                _log("clock set back", seconds=round(seconds_back))
                due = self._wait_for_next()
            # Timestamps, because datetimes of one zone are compared by local time, which repeats an hour in autumn.
            if at_start or requests or (due is not None and self._clock.time() >= due.timestamp()):
                at_start = False
                start, began = self._clock.now(self._zone), self._clock.monotonic()
                self._run_command(requests)
                skipped = self._times_due_within(start, self._clock.monotonic() - began)
                if skipped:
                    _log("skipped", times=skipped, reason="the previous run had not ended")
                # A step back during the run is no reason to wait either.
                steps = BackwardSteps(self._clock)
                due = self._wait_for_next()
            self._touch_heartbeat()
            self._clock.sleep(_POLL_SECONDS)
        _log("stopped", signal=signal.Signals(self._signal).name)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._signal = number

    def _run_command(self, requests: list[str]) -> None:
        """Run the command until it ends. A signal is passed on to it; if it does not end then, it is killed."""
        environment = {**os.environ, REQUESTS_VARIABLE: " ".join(requests)}
        start = self._clock.monotonic()
        try:
            # In a process group of its own, so that its children can be killed with it.
            process = subprocess.Popen(self._command, env=environment, process_group=0)
        except OSError as error:
            _log("ended", exit_code=127, message=f"{self._command[0]} cannot be run: {reason_of(error)}")
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
        _log("ended", exit_code=exit_code, seconds=round(self._clock.monotonic() - start, 1))

    def _wait_for_next(self) -> datetime | None:
        """When the next run is due, by the time as it is now."""
        due = self._due_after(self._clock.now(self._zone))
        if self._signal is None:
            _log("waiting", next=_due_text(due))
        return due

    def _due_after(self, moment: datetime) -> datetime | None:
        from cronsim import CronSim

        return next(CronSim(self._cron, moment), None) if self._cron else None

    def _times_due_within(self, start: datetime, seconds: float) -> int:
        """How many times the command fell due in so many seconds after `start`. The time itself may have been set to
        another year meanwhile, since when it would have been due millions of times."""
        times = 0
        due = self._due_after(start)
        while due is not None and due.timestamp() <= start.timestamp() + seconds:
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
        if self._heartbeat is not None and self._clock.monotonic() - self._last_heartbeat >= _HEARTBEAT_SECONDS:
            self._heartbeat.touch()
            self._last_heartbeat = self._clock.monotonic()


def _due_text(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else "on request"


def _log(event: str, **fields: object) -> None:
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    # A full disk of the log is no reason to run nothing any more.
    with contextlib.suppress(OSError):
        write_line(json.dumps({"time": now, "event": event, **fields}))
