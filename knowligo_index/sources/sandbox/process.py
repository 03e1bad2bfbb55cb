"""A parser process as the build sees it: started at the first use, and started again after it died or was killed."""

import os
import signal
import subprocess
import sys
import tempfile
import threading
from multiprocessing.connection import Connection
from typing import IO, cast, get_args

import msgspec

from knowligo_index.errors import ParseError, QuarantineReason, Reason, SandboxError, SkipReason
from knowligo_index.sources.sandbox import SandboxOptions
from knowligo_index.sources.sandbox.messages import (
    Failed,
    Parsed,
    ParserUnavailable,
    Ready,
    Reply,
    Request,
    receive_reply,
    send,
)
from knowligo_index.types import Source

OUT_OF_MEMORY_STATUS = 77
"""the exit status of a process that ran out of memory and could not send a reply"""

# The start imports a few modules; it takes longer than this only on a machine that does not respond.
_START_SECONDS = 60

_REASONS = {*get_args(SkipReason), *get_args(QuarantineReason)}


class ParserProcess:
    """Parses one source at a time. Not safe to use from several threads, except for `close`."""

    def __init__(self, options: SandboxOptions) -> None:
        self._options = options
        self._worker: _Worker | None = None
        self._closed = False
        self._lock = threading.Lock()

    def parse(self, source: Source, data: bytes) -> Parsed:
        """Raises ParseError where the source gives no document, whatever the parser did, and SandboxError where the
        process does not start or the parser is not installed."""
        worker = self._worker or self._start()
        request = Request(source.name, source.format, source.sha256, data)
        reply, expired = worker.ask(request, self._options.parse_seconds)
        if expired:
            self._end(worker)
            raise ParseError("timed-out", _timeout_detail(self._options.parse_seconds))
        if isinstance(reply, Parsed):
            return reply
        if isinstance(reply, ParserUnavailable):
            raise SandboxError(reply.message)
        if isinstance(reply, Failed) and reply.reason in _REASONS:
            if reply.reason == "out-of-memory":
                # The memory that the process still holds would be missing for the next file.
                self._end(worker)
            raise ParseError(cast(Reason, reply.reason), reply.detail)
        raise self._death(self._end(worker))

    def close(self) -> None:
        """End the process, whatever it is doing; it is not started again."""
        with self._lock:
            self._closed = True
            worker = self._worker
        if worker is not None:
            worker.process.kill()
            worker.process.wait()

    def _start(self) -> "_Worker":
        with tempfile.TemporaryFile() as errors:
            with self._lock:
                if self._closed:
                    raise ParseError("crashed", "the build was stopped")
                worker = self._worker = _Worker(self._options, errors)
            reply, _ = worker.ask(None, _START_SECONDS)
            if isinstance(reply, Ready):
                return worker
            self._end(worker)
            errors.seek(0)
            lines = errors.read().decode("utf-8", "replace").strip().splitlines()
            raise SandboxError(
                f"the process that parses documents does not start ({lines[-1] if lines else 'it printed nothing'}): "
                "raise --parse-mib, or reinstall the package."
            )

    def _end(self, worker: "_Worker") -> int:
        """Kill the process, if it still runs, wait for its end, and return its exit status."""
        with self._lock:
            self._worker = None
        return worker.end()

    def _death(self, status: int) -> ParseError:
        """The error for a process that ended with this status instead of a reply."""
        if status == -signal.SIGABRT:
            # Memory is the usual cause of an abort, but cannot be proved: the system does not report how much memory a
            # dead process asked for, and its figure for the memory used includes that of the parent process.
            mib = self._options.parse_mib
            return ParseError(
                "out-of-memory", f"its parser aborted, as native code does when {mib} MiB of memory are not enough"
            )
        if status == OUT_OF_MEMORY_STATUS:
            return ParseError("out-of-memory", f"reading it takes more than {self._options.parse_mib} MiB of memory")
        if status == -signal.SIGXCPU:
            return ParseError("timed-out", _timeout_detail(self._options.parse_seconds))
        cause = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        return ParseError("crashed", f"its parser process died ({cause}): export it again, or report it")


class _Worker:
    """A running process and the two pipes to it."""

    def __init__(self, options: SandboxOptions, errors: IO[bytes]) -> None:
        # -P: the working directory of the build may hold a document named csv.py, which must not be imported.
        command = [sys.executable, "-P", "-m", "knowligo_index.sources.sandbox.worker"]
        limits = [str(options.parse_mib * 2**20), str(options.parse_seconds)]
        path = os.pathsep.join(folder for folder in sys.path if folder)
        # PYTHONHASHSEED: the text of a document must not depend on the order of a set.
        environment = os.environ | {"PYTHONPATH": path, "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
        self.process = subprocess.Popen(
            command + limits, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, env=environment
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.requests = Connection(os.dup(self.process.stdin.fileno()), readable=False)
        self.replies = Connection(os.dup(self.process.stdout.fileno()), writable=False)
        self.process.stdin.close()
        self.process.stdout.close()

    def ask(self, request: Request | None, seconds: float) -> tuple[Reply | None, bool]:
        """The reply to a request, or the first reply where there is no request; None where the process died or sent
        something that is not a reply. And whether it was killed because it took longer than `seconds`."""
        expired = threading.Event()
        timer = threading.Timer(seconds, self._kill, [expired])
        timer.start()
        try:
            if request is not None:
                send(self.requests, request)
            return receive_reply(self.replies), False
        except (EOFError, OSError, msgspec.DecodeError):
            return None, expired.is_set()
        finally:
            timer.cancel()

    def _kill(self, expired: threading.Event) -> None:
        expired.set()
        self.process.kill()

    def end(self) -> int:
        """Kill the process, if it still runs, and return its exit status."""
        # It may be exiting by itself, with a status that gives the reason.
        try:
            self.process.wait(0.2)
        except subprocess.TimeoutExpired:
            self.process.kill()
        status = self.process.wait()
        self.requests.close()
        self.replies.close()
        return status


def _timeout_detail(seconds: int) -> str:
    return f"reading it took more than {seconds} s: split it, or raise --parse-seconds"
