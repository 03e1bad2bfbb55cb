"""The two clocks of a machine: one that tells the time and can be set, and one that only runs on."""

import time
from datetime import datetime, tzinfo


class Clock:
    """The clocks of this machine."""

    def time(self) -> float:
        """Seconds since 1970. Whoever administers the machine can set it, and a time server does."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds since some moment; nobody can set it. It may stand still while the machine is suspended."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def now(self, zone: tzinfo) -> datetime:
        """The time in a time zone."""
        return datetime.fromtimestamp(self.time(), zone)


class BackwardSteps:
    """Notices that the time was set back, by a comparison of the two clocks."""

    # A time server moves the time by less than that.
    _SECONDS = 60.0

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset = self._measure()

    def take(self) -> float:
        """By how many seconds the time was set back since the last call that noticed it; 0 where it was not. Forward
        steps, also by a suspended machine, are not counted."""
        offset = self._measure()
        seconds = self._offset - offset
        self._offset = offset if seconds >= self._SECONDS else max(offset, self._offset)
        return seconds if seconds >= self._SECONDS else 0.0

    def _measure(self) -> float:
        return self._clock.time() - self._clock.monotonic()
