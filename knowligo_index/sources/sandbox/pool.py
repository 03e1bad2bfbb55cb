"""Parse many sources in a few processes, each source within its limits."""

import logging
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from types import TracebackType
from typing import Self

from knowligo_index.errors import ParseError
from knowligo_index.sources.sandbox import SandboxOptions
from knowligo_index.sources.sandbox.messages import Parsed
from knowligo_index.sources.sandbox.process import ParserProcess
from knowligo_index.types import Source

_log = logging.getLogger(__name__)

Outcome = Parsed | ParseError

# Sources are parsed while the caller waits for a slow one before them; these limits keep their documents from filling
# the memory.
_MAX_SOURCES_AHEAD = 256
_MAX_CHARACTERS_AHEAD = 4_000_000


class ParserPool:
    """Gives sources with their outcomes, in order, and parses ahead of the caller. A context manager: entering it
    begins to parse the first sources, leaving it ends the processes. Iterate over it once, or call `take` for each
    source.

    Each of its threads sends one source at a time to a process.
    """

    def __init__(
        self, sources: Sequence[Source], read: Callable[[Source], bytes], options: SandboxOptions, processes: int
    ) -> None:
        """`read` returns the bytes of a source, or raises ParseError; threads of the pool call it."""
        self._upcoming = iter(sources)
        self._read = read
        self._threads = ThreadPoolExecutor(processes, "parse")
        self._processes = [ParserProcess(options) for _ in range(processes)]
        self._idle: queue.SimpleQueue[ParserProcess] = queue.SimpleQueue()
        for process in self._processes:
            self._idle.put(process)
        self._pending: deque[tuple[Source, Future[Outcome]]] = deque()
        self._submitted = self._taken = 0
        self._characters_ahead = 0
        """in the documents that were parsed and not yet taken"""
        self._changed = threading.Condition()
        """guards the two counts that threads wait for, `_taken` and `_characters_ahead`, and the two below"""
        self._closed = False
        self._reported = False
        """whether it was said what this machine lacks"""

    def __enter__(self) -> Self:
        self._submit(_MAX_SOURCES_AHEAD)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        # What is being parsed is no longer needed; each thread returns when its process ends.
        for process in self._processes:
            process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._processes:
            process.close()

    def __iter__(self) -> Iterator[tuple[Source, Outcome]]:
        while self._pending:
            yield self.take()

    def take(self) -> tuple[Source, Outcome]:
        """Wait for the outcome of the next source. Raises SandboxError where no process can be started or the parser is
        not installed, IndexError after the last source."""
        source, future = self._pending.popleft()
        outcome = future.result()
        with self._changed:
            self._taken += 1
            self._characters_ahead -= _characters(outcome)
            self._changed.notify_all()
        self._submit(1)
        return source, outcome

    def _submit(self, count: int) -> None:
        for source in islice(self._upcoming, count):
            self._pending.append((source, self._threads.submit(self._parse, self._submitted, source)))
            self._submitted += 1

    def _parse(self, position: int, source: Source) -> Outcome:
        with self._changed:
            # The source that is taken next must not wait: taking it is what lowers the number of characters.
            self._changed.wait_for(
                lambda: self._characters_ahead < _MAX_CHARACTERS_AHEAD or position == self._taken or self._closed
            )
        process = self._idle.get()
        try:
            data = self._read(source)
            self._report(process.start())
            outcome: Outcome = process.parse(source, data)
        except ParseError as error:
            outcome = error
        finally:
            self._idle.put(process)
        with self._changed:
            self._characters_ahead += _characters(outcome)
        return outcome

    def _report(self, missing: tuple[str, ...]) -> None:
        """Say once what the processes lack."""
        with self._changed:
            if not missing or self._reported:
                return
            self._reported = True
        _log.info(
            "Parsers run without %s, which this system lacks: docs/security.md says what a hostile file can do then.",
            " and ".join(missing),
        )


def _characters(outcome: Outcome) -> int:
    return len(outcome.document.text) if isinstance(outcome, Parsed) else 0
