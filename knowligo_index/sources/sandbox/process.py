"""One parser's process as the build sees it: started when it is needed, and again after it died or was killed."""

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
from knowligo_index.sources.sandbox.messages import Failed, Parsed, Ready, Reply, Request, Stopped, receive_reply, send
from knowligo_index.types import Source

OUT_OF_MEMORY_STATUS = 77
"""the exit status of a process that ran out of memory and could not say so"""

# Importing a few modules; more than that only on a machine that is at a standstill.
_START_SECONDS = 60

_REASONS = {*get_args(SkipReason), *get_args(QuarantineReason)}


class ParserProcess:
    """Not for several threads at once, but for `close`."""

    def __init__(self, options: SandboxOptions) -> None:
        self._options = options
        self._running: _Running | None = None
        self._closed = False
        self._lock = threading.Lock()

    def parse(self, source: Source, data: bytes) -> Parsed:
        """Raises ParseError where the source gives no document, whatever its reader did; SandboxError where the
        process does not start."""
        running = self._running or self._start()
        request = Request(source.name, source.format, source.sha256, data)
        reply, expired = running.ask(request, self._options.parse_seconds)
        if expired:
            self._end(running)
            raise ParseError("timed-out", _too_long(self._options.parse_seconds))
        if isinstance(reply, Parsed):
            return reply
        if isinstance(reply, Stopped):
            raise SandboxError(reply.sentence)
        if isinstance(reply, Failed) and reply.reason in _REASONS:
            if reply.reason == "out-of-memory":
                # What it still holds the next file could not have.
                self._end(running)
            raise ParseError(cast(Reason, reply.reason), reply.detail)
        raise self._death(self._end(running))

    def close(self) -> None:
        """End the process, whatever it is doing; it is not started again."""
        with self._lock:
            self._closed = True
            running = self._running
        if running is not None:
            running.process.kill()
            running.process.wait()

    def _start(self) -> "_Running":
        with tempfile.TemporaryFile() as errors:
            with self._lock:
                if self._closed:
                    raise ParseError("crashed", "the build was stopped")
                running = self._running = _Running(self._options, errors)
            ready, _ = running.ask(None, _START_SECONDS)
            if isinstance(ready, Ready):
                return running
            self._end(running)
            errors.seek(0)
            said = errors.read().decode("utf-8", "replace").strip().splitlines()
            raise SandboxError(
                f"the process that reads documents does not start ({said[-1] if said else 'it says nothing'}): "
                "raise --parse-mib, or install the package anew."
            )

    def _end(self, running: "_Running") -> int:
        """Kill the process, if it still runs, and wait for its end; its exit status."""
        with self._lock:
            self._running = None
        return running.end()

    def _death(self, status: int) -> ParseError:
        if status == -signal.SIGABRT:
            # Nothing tells what it had asked for: of a process that has died, the system says how much memory it and
            # the one that started it have used.
            mib = self._options.parse_mib
            return ParseError(
                "out-of-memory", f"its reader gave up, as native code does where {mib} MiB are too little"
            )
        if status == OUT_OF_MEMORY_STATUS:
            return ParseError("out-of-memory", f"reading it takes more than {self._options.parse_mib} MiB of memory")
        if status == -signal.SIGXCPU:
            return ParseError("timed-out", _too_long(self._options.parse_seconds))
        how = signal.Signals(-status).name if status < 0 else f"exit status {status}"
        return ParseError("crashed", f"its reader's process died ({how}): export it again, or report it")


class _Running:
    """A process and the two pipes to it."""

    def __init__(self, options: SandboxOptions, errors: IO[bytes]) -> None:
        # -P: the folder that the build was started in may hold a document called csv.py.
        command = [sys.executable, "-P", "-m", "knowligo_index.sources.sandbox.worker"]
        limits = [str(options.parse_mib * 2**20), str(options.parse_seconds)]
        path = os.pathsep.join(folder for folder in sys.path if folder)
        # The order of a set must not decide what a document says.
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
        """The reply to a request; None where the process died or says what is no reply. And whether it was killed
        because it took longer than that."""
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
        # It may be on its way out by itself, with a status that says why.
        try:
            self.process.wait(0.2)
        except subprocess.TimeoutExpired:
            self.process.kill()
        status = self.process.wait()
        self.requests.close()
        self.replies.close()
        return status


def _too_long(seconds: int) -> str:
    return f"reading it took more than {seconds} s: split it, raise --parse-seconds, or see what is in it"
