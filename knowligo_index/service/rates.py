"""How many requests a client may make in a minute."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from limits import RateLimitItemPerMinute
from limits.aio.storage import Storage
from limits.aio.strategies import FixedWindowRateLimiter

from knowligo_index.service.request_errors import retry_later

# Clients whose requests are counted at the same time. Of more, the one that began first is forgotten.
_MAX_CLIENTS = 100_000


class Rates:
    """Counts requests of clients to paths, in windows of a minute that begin with a client's first request."""

    def __init__(self) -> None:
        # A fixed window: a moving one would keep the time of every request.
        self._storage = MonotonicStorage()
        self._limiter = FixedWindowRateLimiter(self._storage)

    async def check(self, path: str, per_minute: int, client: str) -> None:
        """Count a request; raises RequestError if the client has reached its number. 0: no limit."""
        if not per_minute:
            return
        limit = RateLimitItemPerMinute(per_minute)
        if not await self._limiter.hit(limit, path, client):
            window = await self._limiter.get_window_stats(limit, path, client)
            seconds = max(1, math.ceil(window.reset_time - self._storage.clock()))
            raise retry_later(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"a client may send {per_minute:,} requests a minute to {path}: wait {seconds} s.",
                str(seconds),
            )


@dataclass(slots=True)
class _Window:
    count: int
    end: float


class MonotonicStorage(Storage):
    """A storage for the package `limits` with a clock that nobody sets. The one that comes with the package uses the
    time of day, so that a clock set back locks clients out and one set forward lifts the limit, and it goes through all
    its clients at every request. This one keeps the windows in the order in which they began, which is also the order
    in which they end as long as all are equally long."""

    STORAGE_SCHEME = None

    def __init__(self, clock: Callable[[], float] = time.monotonic, max_keys: int = _MAX_CLIENTS) -> None:
        super().__init__()
        self.clock = clock
        self._max_keys = max_keys
        self._windows: OrderedDict[str, _Window] = OrderedDict()

    @property
    def base_exceptions(self) -> type[Exception]:
        """The errors of the storage itself: none that is expected."""
        return ValueError

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a count, and return it. The first time its window begins, which lasts `expiry` seconds."""
        now = self.clock()
        while self._windows and next(iter(self._windows.values())).end <= now:
            self._windows.popitem(last=False)
        window = self._windows.get(key)
        if window is None:
            if len(self._windows) >= self._max_keys:
                self._windows.popitem(last=False)
            window = self._windows[key] = _Window(0, now + expiry)
        window.count += amount
        return window.count

    async def get(self, key: str) -> int:
        """The count; 0 without a window."""
        window = self._windows.get(key)
        return window.count if window and window.end > self.clock() else 0

    async def get_expiry(self, key: str) -> float:
        """The time of this storage's clock at which the window ends; now, without one."""
        window = self._windows.get(key)
        return window.end if window else self.clock()

    async def check(self) -> bool:
        """Whether the storage works."""
        return True

    async def reset(self) -> int | None:
        """Forget all counts, and return how many there were."""
        count = len(self._windows)
        self._windows.clear()
        return count

    async def clear(self, key: str) -> None:
        """Forget one count."""
        self._windows.pop(key, None)
