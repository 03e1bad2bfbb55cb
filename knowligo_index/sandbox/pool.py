"""Parse many sources in a few processes, each source under its limits."""

import queue
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from knowligo_index.errors import ParseError
from knowligo_index.sandbox import SandboxOptions
from knowligo_index.sandbox.messages import Parsed
from knowligo_index.sandbox.process import ParserProcess
from knowligo_index.types import Source

Outcome = Parsed | ParseError


def parse_all(
    sources: Iterable[Source], read: Callable[[Source], bytes], options: SandboxOptions, processes: int
) -> Generator[tuple[Source, Outcome], None, None]:
    """What became of each source, in order. `read` gives its bytes, or raises ParseError. Close it, unless it was read
    to its end: the processes live as long.

    Raises SandboxError where no process can be started, or a parser is not installed.
    """
    with _Pool(options, processes) as pool:
        waiting: deque[tuple[Source, Future[Outcome]]] = deque()
        for source in sources:
            waiting.append((source, pool.submit(source, read)))
            # Some are parsed ahead of the one that is waited for, but their documents must not fill the memory.
            if len(waiting) > 2 * processes:
                first, outcome = waiting.popleft()
                yield first, outcome.result()
        while waiting:
            first, outcome = waiting.popleft()
            yield first, outcome.result()


class _Pool:
    """Threads, each of which asks a process of its own at a time."""

    def __init__(self, options: SandboxOptions, processes: int) -> None:
        self._threads = ThreadPoolExecutor(processes, "parse")
        self._processes = [ParserProcess(options) for _ in range(processes)]
        self._idle: queue.SimpleQueue[ParserProcess] = queue.SimpleQueue()
        for process in self._processes:
            self._idle.put(process)

    def __enter__(self) -> "_Pool":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # What is being parsed is of no use any more; its thread learns that from the end of the process.
        for process in self._processes:
            process.close()
        self._threads.shutdown(cancel_futures=True)

    def submit(self, source: Source, read: Callable[[Source], bytes]) -> "Future[Outcome]":
        return self._threads.submit(self._parse, source, read)

    def _parse(self, source: Source, read: Callable[[Source], bytes]) -> Outcome:
        process = self._idle.get()
        try:
            return process.parse(source, read(source))
        except ParseError as error:
            return error
        finally:
            self._idle.put(process)
