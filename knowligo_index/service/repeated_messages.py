"""Messages that repeat are logged a few times only: a client that causes an error with each request must not fill the
disk."""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

_PER_MINUTE = 5
_SECONDS = 60.0

# Messages that are told apart at the same time.
_MAX_KEYS = 1_000


@dataclass(slots=True)
class _Repetition:
    end: float
    logged: int = 0
    withheld: int = 0


class RepeatedMessages(logging.Filter):
    """Lets each message through five times in a minute, whatever values are in it. The fifth says that further ones are
    withheld, the next one after the minute how many were."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._repetitions: OrderedDict[tuple[object, ...], _Repetition] = OrderedDict()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to log the message, which may get a note."""
        error = record.exc_info[0] if record.exc_info else None
        # asyncio puts values such as addresses into the lines after the first.
        key = (record.name, record.levelno, str(record.msg).partition("\n")[0], error)
        now, withheld = self._clock(), 0
        repetition = self._repetitions.get(key)
        if repetition is None or repetition.end <= now:
            withheld = repetition.withheld if repetition else 0
            self._repetitions.pop(key, None)
            if len(self._repetitions) >= _MAX_KEYS:
                self._repetitions.popitem(last=False)
            repetition = self._repetitions[key] = _Repetition(now + _SECONDS)
        if repetition.logged >= _PER_MINUTE:
            repetition.withheld += 1
            return False
        repetition.logged += 1
        if withheld:
            _add_note(record, f"{withheld:,} more messages like this one were withheld")
        if repetition.logged == _PER_MINUTE:
            _add_note(record, "further messages like this one are withheld for up to a minute")
        return True


def _add_note(record: logging.LogRecord, note: str) -> None:
    record.msg = f"{record.getMessage().rstrip()} ({note})"
    record.args = None
