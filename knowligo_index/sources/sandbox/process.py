"""A parser process as the build sees it: started at the first use, and started again after it died or was killed."""

import contextlib
import tempfile
import threading
from typing import cast

from knowligo_index.errors import ParseError, Reason, SandboxError
from knowligo_index.sources.sandbox import SandboxOptions
from knowligo_index.sources.sandbox.deaths import death, timeout
from knowligo_index.sources.sandbox.messages import Died, Failed, Parsed, ParserUnavailable, Prepare, Ready, Request
from knowligo_index.sources.sandbox.replies import REASONS, one_line, verified
from knowligo_index.sources.sandbox.running_worker import RunningWorker
from knowligo_index.types import Source

# The start imports a few modules; it takes longer than this only on a machine that does not respond.
_START_SECONDS = 60


class ParserProcess:
    """Parses one source at a time. Not safe to use from several threads, except for `kill`."""

    def __init__(self, options: SandboxOptions) -> None:
        self._options = options
        self._worker: RunningWorker | None = None
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
        try:
            if source.format not in worker.prepared:
                self._prepare(worker, source.format)
            request = Request(source.name, source.format, source.sha256, data)
            reply = worker.ask(request, self._options.parse_seconds)
        except TimeoutError as error:
            self._end(worker)
            raise timeout(self._options) from error
        if isinstance(reply, Parsed):
            return verified(reply, source)
        if isinstance(reply, Failed) and reply.reason in REASONS:
            raise ParseError(cast(Reason, reply.reason), one_line(reply.detail))
        if isinstance(reply, Died):
            raise death(reply.status, self._options)
        # The process died, or sent what answers no request.
        raise death(self._end(worker), self._options)

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

    def _start(self) -> RunningWorker:
        with tempfile.TemporaryFile() as errors:
            with self._lock:
                if self._closed:
                    raise ParseError("crashed", "the build was stopped")
                worker = self._worker = RunningWorker(self._options, errors)
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

    def _prepare(self, worker: RunningWorker, format_name: str) -> None:
        """Let it import the parser of a format, before the time for a file runs. Whether the parser is there is asked
        here, where no file has been seen yet: after that, the answer might be that of a hostile file."""
        reply = worker.ask(Prepare(format_name), _START_SECONDS)
        if isinstance(reply, ParserUnavailable):
            raise SandboxError(reply.message)
        if not isinstance(reply, Ready):
            raise death(self._end(worker), self._options)
        worker.prepared.add(format_name)

    def _end(self, worker: RunningWorker) -> int:
        """Kill the process, if it still runs, wait for its end, and return its exit status."""
        with self._lock:
            self._worker = None
        return worker.end()


def missing_protections() -> tuple[str, ...]:
    """The protections of the kernel that parsers are without on this machine. Raises SandboxError where no process can
    parse here."""
    process = ParserProcess(SandboxOptions())
    try:
        return process.start()
    finally:
        process.close()
