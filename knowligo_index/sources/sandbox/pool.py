"""Parse many sources in a few processes, each source under its limits."""

import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from types import TracebackType
from typing import cast

from knowligo_index.errors import ParseError
from knowligo_index.sources.sandbox import SandboxOptions
from knowligo_index.sources.sandbox.messages import Parsed
from knowligo_index.sources.sandbox.process import ParserProcess
from knowligo_index.types import Source

Outcome = Parsed | ParseError

# Documents are parsed ahead of a long one that is waited for, but they must not fill the memory.
_MOST_AHEAD = 256
_MOST_CHARACTERS_AHEAD = 4_000_000


def parse_all(
    sources: Sequence[Source], read: Callable[[Source], bytes], options: SandboxOptions, processes: int
) -> Generator[tuple[Source, Outcome], None, None]:
    """What became of each source, in order; the first are begun at once, whenever they are asked for. `read` gives the
    bytes of one, or raises ParseError. Close it, unless it was read to its end: the processes live as long.

    What it gives raises SandboxError where no process can be started, or a parser is not installed.
    """
    results = _results(sources, read, options, processes)
    # Up to its first yield, after which closing it ends the processes.
    next(results)
    return cast("Generator[tuple[Source, Outcome], None, None]", results)


def _results(
    sources: Sequence[Source], read: Callable[[Source], bytes], options: SandboxOptions, processes: int
) -> Generator[tuple[Source, Outcome] | None, None, None]:
    """Nothing once, and then the outcomes."""
    with _Pool(options, processes) as pool:
        upcoming = iter(sources)
        waiting = deque((source, pool.submit(source, read)) for source in islice(upcoming, _MOST_AHEAD))
        yield None
        while waiting:
            yield pool.taken(*waiting.popleft())
            waiting.extend((source, pool.submit(source, read)) for source in islice(upcoming, 1))


class _Pool:
    """Threads, each of which asks a process of its own at a time."""

    def __init__(self, options: SandboxOptions, processes: int) -> None:
        self._threads = ThreadPoolExecutor(processes, "parse")
        self._processes = [ParserProcess(options) for _ in range(processes)]
        self._idle: queue.SimpleQueue[ParserProcess] = queue.SimpleQueue()
        for process in self._processes:
            self._idle.put(process)
        self._submitted = self._taken = 0
        self._ahead = 0
        """characters of documents that were parsed and not yet taken"""
        self._room = threading.Condition()
        self._closed = False

    def __enter__(self) -> "_Pool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with self._room:
            self._closed = True
            self._room.notify_all()
        # What is being parsed is of no use any more; its thread learns that from the end of the process.
        for process in self._processes:
            process.close()
        self._threads.shutdown(cancel_futures=True)

    def submit(self, source: Source, read: Callable[[Source], bytes]) -> "Future[Outcome]":
        self._submitted += 1
        return self._threads.submit(self._parse, self._submitted - 1, source, read)

    def taken(self, source: Source, future: "Future[Outcome]") -> tuple[Source, Outcome]:
        """Wait for the outcome and hand it over, which makes room for another. In the order of submission."""
        outcome = future.result()
        with self._room:
            self._taken += 1
            self._ahead -= _characters(outcome)
            self._room.notify_all()
        return source, outcome

    def _parse(self, number: int, source: Source, read: Callable[[Source], bytes]) -> Outcome:
        with self._room:
            # The next to be taken needs no room: it makes some.
            self._room.wait_for(lambda: self._ahead < _MOST_CHARACTERS_AHEAD or number == self._taken or self._closed)
        process = self._idle.get()
        try:
            outcome: Outcome = process.parse(source, read(source))
        except ParseError as error:
            outcome = error
        finally:
            self._idle.put(process)
        with self._room:
            self._ahead += _characters(outcome)
        return outcome


def _characters(outcome: Outcome) -> int:
    return len(outcome.document.text) if isinstance(outcome, Parsed) else 0
