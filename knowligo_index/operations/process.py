"""Wait for a child process to end, and kill it if it does not end when it is asked to."""

import subprocess
import time
from collections.abc import Callable


def wait_for_exit(
    process: subprocess.Popen[str] | subprocess.Popen[bytes],
    stop_requested: Callable[[], bool],
    kill: Callable[[], object],
    *,
    grace_seconds: float,
    poll_seconds: float,
    on_poll: Callable[[], object] = lambda: None,
) -> int:
    """Return the exit code of `process`: 128 plus the signal's number if a signal ended it.

    `stop_requested` is called at every poll until it returns True; by then the process must have been sent a signal.
    From `grace_seconds` after that on, `kill` is called at every poll. `on_poll` is called at every poll, too.
    """
    kill_at: float | None = None
    while process.poll() is None:
        if kill_at is None:
            if stop_requested():
                kill_at = time.monotonic() + grace_seconds
        elif time.monotonic() > kill_at:
            kill()
        on_poll()
        time.sleep(poll_seconds)
    status = process.returncode
    return 128 - status if status < 0 else status
