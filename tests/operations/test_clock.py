"""The scheduler on a machine whose time is set while it runs."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from knowligo_index.operations.clock import BackwardSteps, Clock
from knowligo_index.operations.scheduler import Scheduler

HOUR, YEAR = 3600.0, 365 * 86_400.0
START = datetime(2026, 5, 4, 3, 0, tzinfo=UTC).timestamp()


class FakeClock(Clock):
    """Each call of `sleep` is one step of a test: it takes that many seconds, and then the time is set by some more."""

    def __init__(self, steps: list[tuple[float, float]]) -> None:
        self._steps = list(reversed(steps))
        self._monotonic = 1_000.0
        self._offset = START - self._monotonic

    def time(self) -> float:
        return self._monotonic + self._offset

    def monotonic(self) -> float:
        return self._monotonic

    def sleep(self, seconds: float) -> None:
        if not self._steps:
            os.kill(os.getpid(), signal.SIGTERM)
            return
        seconds, set_by = self._steps.pop()
        self._monotonic += seconds
        self._offset += set_by


@pytest.fixture(autouse=True)
def _own_signals() -> Iterator[None]:
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


Run = Callable[[str, list[tuple[float, float]]], list[dict[str, Any]]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """What a scheduler logs, in the steps of a clock."""

    def run_scheduler(cron: str, steps: list[tuple[float, float]]) -> list[dict[str, Any]]:
        Scheduler(cron, ["true"], UTC, clock=FakeClock(steps)).run(at_start=False)
        events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        kept = ("event", "next", "seconds", "times")
        return [{name: event[name] for name in kept if name in event} for event in events]

    return run_scheduler


def next_run(moment: str) -> dict[str, Any]:
    return {"event": "waiting", "next": f"{moment}+00:00"}


STARTED, STOPPED = {"event": "started"}, {"event": "stopped"}
ENDED = {"event": "ended", "seconds": 0.0}


def test_a_clock_set_back_two_years_does_not_stop_the_runs(run: Run) -> None:
    back = (HOUR / 60, -2 * YEAR)
    assert run("15 3 * * *", [back, (14 * 60, 0)]) == [
        next_run("2026-05-04T03:15:00"),
        {"event": "clock set back", "seconds": round(2 * YEAR)},
        next_run("2024-05-04T03:15:00"),
        STARTED,
        ENDED,
        next_run("2024-05-05T03:15:00"),
        STOPPED,
    ]


def test_a_small_correction_back_does_not_repeat_a_run(run: Run) -> None:
    assert run("15 3 * * *", [(15 * 60, 0), (1, -30), (30, 0), (1, 0)]) == [
        next_run("2026-05-04T03:15:00"),
        STARTED,
        ENDED,
        next_run("2026-05-05T03:15:00"),
        STOPPED,
    ]


def test_a_clock_set_forward_is_made_up_for_by_one_run_and_set_back_again_by_none(run: Run) -> None:
    assert run("15 3 * * *", [(60, 2 * YEAR), (60, -2 * YEAR), (13 * 60, 0)]) == [
        next_run("2026-05-04T03:15:00"),
        STARTED,
        ENDED,
        next_run("2028-05-03T03:15:00"),
        {"event": "clock set back", "seconds": round(2 * YEAR)},
        next_run("2026-05-04T03:15:00"),
        STARTED,
        ENDED,
        next_run("2026-05-05T03:15:00"),
        STOPPED,
    ]


@pytest.mark.timeout(30)
def test_a_clock_set_forward_during_a_run_is_not_counted_in_skipped_runs() -> None:
    scheduler = Scheduler("* * * * * *", ["true"], UTC, clock=FakeClock([]))
    assert scheduler._times_due_within(datetime.fromtimestamp(START, UTC), 5.5) == 5


def test_steps_back_add_up_and_steps_forward_do_not_count() -> None:
    clock = FakeClock([(1, -40), (1, -40), (1, 500), (1, -59), (1, -1)])
    steps = BackwardSteps(clock)
    taken: list[float] = []
    for _ in range(5):
        clock.sleep(0)
        taken.append(steps.take())
    assert taken == [0, 80, 0, 0, 60]
