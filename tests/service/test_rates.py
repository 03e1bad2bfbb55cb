import asyncio

import pytest
from limits import RateLimitItemPerMinute
from limits.aio.strategies import FixedWindowRateLimiter

from knowligo_index.service.rates import MonotonicStorage, Rates
from knowligo_index.service.request_errors import RequestError


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_window_begins_with_the_first_request_and_lasts_a_minute() -> None:
    async def count() -> None:
        clock = Clock()
        storage = MonotonicStorage(clock)
        limiter, limit = FixedWindowRateLimiter(storage), RateLimitItemPerMinute(2)
        assert [await limiter.hit(limit, "a") for _ in range(3)] == [True, True, False]
        assert await limiter.hit(limit, "b")
        clock.now += 59.5
        assert not await limiter.hit(limit, "a")
        assert (await limiter.get_window_stats(limit, "a")).reset_time == 1_060.0
        clock.now += 0.5
        assert [await limiter.hit(limit, "a") for _ in range(3)] == [True, True, False]
        assert await storage.get("b") == 0

    asyncio.run(count())


def test_so_many_clients_are_remembered_and_the_oldest_is_forgotten_first() -> None:
    async def count() -> None:
        clock = Clock()
        storage = MonotonicStorage(clock, max_keys=2)
        assert [await storage.incr(key, 60) for key in ("a", "b", "a", "c", "b", "a")] == [1, 1, 2, 1, 2, 1]
        clock.now += 60
        assert await storage.incr("d", 60) == 1
        assert await storage.reset() == 1

    asyncio.run(count())


def test_without_a_limit_nothing_is_counted() -> None:
    async def count() -> None:
        rates = Rates()
        for _ in range(3):
            await rates.check("/search", 0, "a")
        await rates.check("/search", 1, "a")
        with pytest.raises(RequestError, match=r"^a client may send 1 requests a minute to /search: wait 60 s\.$"):
            await rates.check("/search", 1, "a")

    asyncio.run(count())
