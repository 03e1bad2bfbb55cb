"""A parser process as the build sees it: started at the first use, and started again after it died or was killed."""

import contextlib
import os
import signal
import subprocess
import tempfile
import threading
import time
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
    encode,
)
from knowligo_index.sources.sandbox.pipes import MessageTooLongError, receive, send
from knowligo_index.sources.sandbox.replies import decode_reply, max_reply_bytes, verified
from knowligo_index.system.python_process import python_command, python_path
from knowligo_index.types import Source

OUT_OF_MEMORY_STATUS = 77
"""the exit status of a process that ran out of memory and could not send a reply"""

# The start imports a few modules; it takes longer than this only on a machine that does not respond.
_START_SECONDS = 60

# The dynamic linker needs the first, conversions of times and texts may need the others.
_ENVIRONMENT = ("LD_LIBRARY_PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "PYTHONMALLOC")

_REASONS = {*get_args(SkipReason), *get_args(QuarantineReason)}


class ParserProcess:
    """Parses one source at a time. Not safe to use from several threads, except for `kill`."""

    def __init__(self, options: SandboxOptions) -> None:
        self._options = options
        self._worker: _Worker | None = None
        self._closed = False
        self._lock = threading.Lock()

    def start(self) -> tuple[str, ...]:
        """Start the process, if it does not run. Returns the protections of the kernel that this machine lacks; raises
        SandboxError where it does not start."""
        return (self._worker or self._start()).missing_protections

    def parse(self, source: Source, data: bytes) -> Parsed:
        """Raises ParseError where the source gives no document, whatever the parser did, and SandboxError where the
        process does not start or the parser is not installed."""
        worker = self._worker or self._start()
        request = Request(source.name, source.format, source.sha256, data)
        try:
            reply = worker.ask(request, self._options.parse_seconds)
        except TimeoutError as error:
            self._end(worker)
            raise ParseError("timed-out", _timeout_detail(self._options.parse_seconds)) from error
        if isinstance(reply, Parsed):
            return verified(reply, source)
        if isinstance(reply, ParserUnavailable):
            raise SandboxError(reply.message)
        if isinstance(reply, Failed) and reply.reason in _REASONS:
            if reply.reason == "out-of-memory":
                # The memory that the process still holds would be missing for the next file.
                self._end(worker)
            raise ParseError(cast(Reason, reply.reason), reply.detail)
        raise self._death(self._end(worker))

    def kill(self) -> None:
        """End the process, whatever it is doing; it is not started again. For any thread; `close` it afterwards."""
        with self._lock:
            self._closed = True
            worker = self._worker
        if worker is not None:
            worker.kill()

    def close(self) -> None:
        """Release what belongs to the process, when no thread uses it any more."""
        self.kill()
        if self._worker is not None:
            self._end(self._worker)

    def _start(self) -> "_Worker":
        with tempfile.TemporaryFile() as errors:
            with self._lock:
                if self._closed:
                    raise ParseError("crashed", "the build was stopped")
                worker = self._worker = _Worker(self._options, errors)
            with contextlib.suppress(TimeoutError):
                reply = worker.ask(None, _START_SECONDS)
                if isinstance(reply, Ready):
                    worker.missing_protections = tuple(reply.missing)
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


def missing_protections() -> tuple[str, ...]:
    """The protections of the kernel that parsers are without on this machine. Raises SandboxError where no process can
    parse here."""
    process = ParserProcess(SandboxOptions())
    try:
        return process.start()
    finally:
        process.close()


class _Worker:
    """A running process, in a process group of its own, and the two pipes to it."""

    def __init__(self, options: SandboxOptions, errors: IO[bytes]) -> None:
        limits = [str(options.parse_mib * 2**20), str(options.parse_seconds)]
        self.missing_protections: tuple[str, ...] = ()
        """protections of the kernel that this machine lacks"""
        self._max_memory = options.parse_mib * 2**20
        self.process = subprocess.Popen(
            python_command("knowligo_index.sources.sandbox.worker", *limits),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=_environment(),
            start_new_session=True,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._requests, self._replies = self.process.stdin, self.process.stdout
        for pipe in (self._requests, self._replies):
            os.set_blocking(pipe.fileno(), False)

    def ask(self, request: Request | None, seconds: float) -> Reply | None:
        """The reply to a request, or the first reply where there is no request; None where the process died or sent
        something that is not a reply. Raises TimeoutError after so many seconds."""
        deadline = time.monotonic() + seconds
        try:
            if request is not None:
                send(self._requests.fileno(), encode(request), deadline)
            limit = max_reply_bytes(request.data if request else b"")
            return decode_reply(receive(self._replies.fileno(), limit, deadline), self._max_memory)
        except TimeoutError:
            raise
        except (EOFError, OSError, MessageTooLongError, msgspec.DecodeError):
            return None

    def kill(self) -> None:
        """Kill the process and every process that it has started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def end(self) -> int:
        """Kill the process, if it still runs, and return its exit status."""
        # It may be exiting by itself, with a status that gives the reason.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(0.2)
        self.kill()
        status = self.process.wait()
        for pipe in (self._requests, self._replies):
            # What was not sent cannot be flushed.
            with contextlib.suppress(OSError):
                pipe.close()
        return status


def _environment() -> dict[str, str]:
    """What a parser process needs of the environment, and nothing else: keys and passwords are in it."""
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    # PYTHONHASHSEED: the text of a document must not depend on the order of a set.
    return kept | {"PYTHONPATH": python_path(), "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}


def _timeout_detail(seconds: int) -> str:
    return f"reading it took more than {seconds} s: split it, or raise --parse-seconds"
