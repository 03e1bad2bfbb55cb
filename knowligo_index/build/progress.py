"""Progress bars on standard error, where it is a terminal."""

import contextlib
import sys
from collections.abc import Callable, Iterator


class Progress:
    """Opens a bar for each stage; prints nothing where it is not enabled or standard error is not a terminal."""

    def __init__(self, *, enabled: bool = True) -> None:
        self._enabled = enabled and sys.stderr.isatty()

    @contextlib.contextmanager
    def bar(self, stage: str, total: int, unit: str) -> Iterator[Callable[[int], object]]:
        """A bar for `total` units of work; call what it yields with the number of units just done."""
        if not self._enabled:
            yield lambda _: None
            return
        from tqdm import tqdm

        with tqdm(desc=stage, total=total, unit=unit, file=sys.stderr, leave=False, dynamic_ncols=True) as bar:
            yield bar.update
