"""SIGTERM and SIGINT end a command quickly and in order, whatever it is doing."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType

# Python runs a signal handler between two steps of the interpreter: a step that takes longer than this is aborted.
_GRACE_SECONDS = 3.0


class Stopped(BaseException):
    """A signal asked the process to end. It is not an Exception, so that only the end of the command handles it."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


@contextlib.contextmanager
def stopped_by_signals(outcome: Callable[[], str], grace_seconds: float = _GRACE_SECONDS) -> Iterator[None]:
    """Within the block, SIGTERM and SIGINT raise Stopped in the main thread, so that unfinished work is cleaned up.
    Then a sentence that ends with the text of `outcome` is printed, and the process exits with 128 plus the number of
    the signal.

    If that takes longer than `grace_seconds`, the process exits without it; the next build removes what is left over.
    """
    numbers = (signal.SIGTERM, signal.SIGINT)
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    previous_handlers = {number: signal.signal(number, _stop) for number in numbers}
    previous_wakeup = signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    done = threading.Event()
    watchdog = threading.Thread(target=_exit_after_grace, args=(read_end, done, grace_seconds), daemon=True)
    watchdog.start()
    try:
        yield
    except Stopped as stopped:
        name = signal.Signals(stopped.number).name
        print(f"Stopped by {name}: {outcome()}.", file=sys.stderr)
        sys.exit(128 + stopped.number)
    finally:
        done.set()
        signal.set_wakeup_fd(previous_wakeup)
        for number, handler in previous_handlers.items():
            signal.signal(number, handler)
        os.close(write_end)
        watchdog.join()
        os.close(read_end)


def _stop(number: int, frame: FrameType | None) -> None:
    # A second signal must not interrupt the cleanup.
    for ignored in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ignored, signal.SIG_IGN)
    raise Stopped(number)


def _exit_after_grace(read_end: int, done: threading.Event, grace_seconds: float) -> None:
    """Wait for a signal and then for `done`. The interpreter writes the number of a signal into the pipe at once, even
    while the main thread runs C code."""
    received = os.read(read_end, 1)
    if received and not done.wait(grace_seconds):
        os._exit(128 + received[0])
