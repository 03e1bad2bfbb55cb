"""What a run costs: seconds by stage, and memory."""

import contextlib
import resource
import sys
import time
from collections.abc import Iterator


class StageClock:
    """Seconds spent in each stage: `with clock("parse"): ...`."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextlib.contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Time the body as `stage`, to the millisecond."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[stage] = round(time.perf_counter() - start, 3)


def peak_rss_bytes() -> int:
    """The most memory this process has had resident so far."""
    # ru_maxrss is in kibibytes on Linux, in bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
