"""Run the commands of the nightly job: each in a process of its own, within one time limit, stopped by signals."""

import contextlib
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from types import FrameType
from typing import IO, Any

from knowligo_index.operations.process import wait_for_exit
from knowligo_index.system.python_process import python_path
from knowligo_index.system.standard_streams import write_error_line

# A build ends within 5 seconds of SIGTERM; whoever stops this job should give it 10.
_GRACE_SECONDS = 7.0
_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class CommandResult:
    """How a command ended."""

    exit_code: int
    """128 plus the signal's number if a signal ended it"""
    document: dict[str, Any] | None
    """the JSON object that it printed; None if it printed something else"""
    error: str | None
    """the last `Error: ...` that it wrote to standard error, or the last line there"""
    timed_out: bool


class CommandRunner:
    """Runs one command at a time, and passes SIGTERM and SIGINT on to it."""

    def __init__(self, limit_seconds: float) -> None:
        """`limit_seconds` is the time limit of all commands together, counted from now."""
        self._deadline = time.monotonic() + limit_seconds
        self._process: subprocess.Popen[str] | None = None
        self.stop_signal: int | None = None
        """the signal that asked the job to end"""

    @contextlib.contextmanager
    def passing_on_signals(self) -> Iterator[None]:
        """Within the block, SIGTERM and SIGINT are sent to the command that is running."""
        handlers = {number: signal.signal(number, self._pass_on) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)

    def run(self, command: list[str]) -> CommandResult:
        """Run a command until it ends or the time limit is reached. What it writes to standard error is also written
        to that of this process, line by line."""
        process = subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": python_path()},
            encoding="utf-8",
            errors="replace",
        )
        self._process = process
        # The handler could not send a signal that came before the line above.
        if self.stop_signal is not None:
            process.send_signal(self.stop_signal)
        output, errors = _StreamReader(process.stdout), _StreamReader(process.stderr, copy_to_stderr=True)
        timed_out = False

        def stop_requested() -> bool:
            nonlocal timed_out
            # The handler has sent this signal.
            if self.stop_signal is not None:
                return True
            if time.monotonic() > self._deadline:
                timed_out = True
                process.terminate()
            return timed_out

        exit_code = wait_for_exit(
            process, stop_requested, process.kill, grace_seconds=_GRACE_SECONDS, poll_seconds=_POLL_SECONDS
        )
        self._process = None
        return CommandResult(exit_code, _json_object(output.text()), _last_error(errors.text()), timed_out)

    def _pass_on(self, number: int, frame: FrameType | None) -> None:
        self.stop_signal = number
        if self._process is not None:
            self._process.send_signal(number)


class _StreamReader:
    """Reads a stream to its end in a thread, so that the process that writes to it is never blocked."""

    def __init__(self, stream: IO[str] | None, *, copy_to_stderr: bool = False) -> None:
        self._lines: list[str] = []
        self._thread = threading.Thread(target=self._read, args=(stream, copy_to_stderr), daemon=True)
        self._thread.start()

    def _read(self, stream: IO[str] | None, copy_to_stderr: bool) -> None:
        if stream is None:
            return
        with stream:
            for line in stream:
                self._lines.append(line)
                if copy_to_stderr:
                    write_error_line(line.rstrip("\n"))

    def text(self) -> str:
        """What was read. Call it when the command has ended."""
        # A child of the command that is still running holds the stream open; its output is not needed.
        self._thread.join(2)
        return "".join(self._lines)


def _json_object(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def _last_error(text: str) -> str | None:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    # A library may have written after the error of the command.
    errors = [line.removeprefix("Error: ") for line in lines if line.startswith("Error: ")]
    candidates = errors or lines
    return candidates[-1] if candidates else None
