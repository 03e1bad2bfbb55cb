"""SIGTERM and SIGINT end a command soon and in order, whatever it is doing."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

# A handler of Python's runs between two steps of Python: a step that takes longer than this is cut short.
_GRACE_SECONDS = 3.0


class Stopped(BaseException):
    """A signal asked the process to end. Not an Exception: nothing but the end of the command handles it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextlib.contextmanager
def stopped_by_signals(outcome: Callable[[], str], grace_seconds: float = _GRACE_SECONDS) -> Iterator[None]:
    """Within the block, SIGTERM and SIGINT raise Stopped wherever the main thread is, so that what is half done is
    tidied up; then the process exits with 128 plus the signal's number, after a sentence that ends with what `outcome`
    says. When that takes longer than `grace_seconds`, the process exits all the same: what it leaves behind the next
    build removes.
    """
    numbers = (signal.SIGTERM, signal.SIGINT)
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = {number: signal.signal(number, _stop) for number in numbers}
    wakeup_before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    done = threading.Event()
    watchdog = threading.Thread(target=_exit_in_any_case, args=(reading, done, grace_seconds), daemon=True)
    watchdog.start()
    try:
        yield
    except Stopped as stopped:
        name = signal.Signals(stopped.number).name
        print(f"Stopped by {name}: {outcome()}.", file=sys.stderr)
        sys.exit(128 + stopped.number)
    finally:
        done.set()
        signal.set_wakeup_fd(wakeup_before)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(writing)
        watchdog.join()
        os.close(reading)


def _stop(number: int, frame: FrameType | None) -> None:
    # Once is enough: a second signal must not cut the tidying up short.
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.SIG_IGN)
    raise Stopped(number)


def _exit_in_any_case(reading: int, done: threading.Event, grace_seconds: float) -> None:
    """The interpreter writes a signal's number into the pipe at once, also while the main thread is in C code."""
    received = os.read(reading, 1)
    if received and not done.wait(grace_seconds):
        os._exit(128 + received[0])
