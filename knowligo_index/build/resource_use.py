"""What a build costs: seconds by stage, and memory."""

import contextlib
import resource
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar, cast

Item = TypeVar("Item")

_END = object()


class StageClock:
    """Seconds that the main thread spent in each stage, or waiting for it: `with clock("parse"): ...`."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Add the time of the body to `stage`."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[stage] = self._seconds.get(stage, 0.0) + time.perf_counter() - start

    def each(self, stage: str, items: Iterable[Item]) -> Iterator[Item]:
        """The items; the time that it takes to get each of them is added to `stage`."""
        iterator = iter(items)
        while True:
            with self(stage):
                item = next(iterator, _END)
            if item is _END:
                return
            yield cast(Item, item)

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds by stage, to the millisecond, in the order in which the stages began."""
        return {stage: round(spent, 3) for stage, spent in self._seconds.items()}


def peak_rss_bytes() -> int:
    """The maximum resident memory of this process so far, in bytes."""
    # ru_maxrss is in kibibytes on Linux, in bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
