"""A parser process that runs, and what the build asks it."""

import contextlib
import os
import signal
import subprocess
import time
from typing import IO

import msgspec

from knowligo_index.sources.sandbox import SandboxOptions
from knowligo_index.sources.sandbox.messages import Prepare, Reply, Request, encode
from knowligo_index.sources.sandbox.pipes import MessageTooLongError, receive, send
from knowligo_index.sources.sandbox.replies import decode_reply, max_reply_bytes, max_reply_memory
from knowligo_index.system.python_process import python_command, python_path

# The dynamic linker needs the first, conversions of times and texts may need the others.
_ENVIRONMENT = ("LD_LIBRARY_PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "PYTHONMALLOC")


class RunningWorker:
    """A running process, in a process group of its own, and the two pipes to it."""

    def __init__(self, options: SandboxOptions, errors: IO[bytes]) -> None:
        """`errors` gets what the process prints until it is ready."""
        self.missing_protections: tuple[str, ...] = ()
        """protections of the kernel that this machine lacks"""
        self.prepared: set[str] = set()
        """formats that it is prepared for"""
        self._memory_bytes = options.parse_mib * 2**20
        self.process = subprocess.Popen(
            python_command(
                "knowligo_index.sources.sandbox.worker", str(self._memory_bytes), str(options.parse_seconds)
            ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=_environment(),
            start_new_session=True,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._requests, self._replies = self.process.stdin, self.process.stdout
        for pipe in (self._requests, self._replies):
            os.set_blocking(pipe.fileno(), False)

    def ask(self, request: Prepare | Request | None, seconds: float) -> Reply | None:
        """The reply to a request, or the first reply where there is no request; None where the process died or sent
        something that is not a reply. Raises TimeoutError after so many seconds."""
        deadline = time.monotonic() + seconds
        size = len(request.data) if isinstance(request, Request) else 0
        try:
            if request is not None:
                send(self._requests.fileno(), encode(request), deadline)
            data = receive(self._replies.fileno(), max_reply_bytes(size, self._memory_bytes), deadline=deadline)
            return decode_reply(data, max_reply_memory(size, self._memory_bytes))
        except TimeoutError:
            raise
        except (EOFError, OSError, MessageTooLongError, msgspec.DecodeError):
            return None

    def kill(self) -> None:
        """Kill the process and every process that it has started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def end(self) -> int:
        """Kill the process, if it still runs, and return its exit status."""
        # It may be exiting by itself, with a status that gives the reason.
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(0.2)
        self.kill()
        status = self.process.wait()
        for pipe in (self._requests, self._replies):
            # What was not sent cannot be flushed.
            with contextlib.suppress(OSError):
                pipe.close()
        return status


def _environment() -> dict[str, str]:
    """What a parser process needs of the environment, and nothing else: keys and passwords are in it."""
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    # PYTHONHASHSEED: the text of a document must not depend on the order of a set.
    return kept | {"PYTHONPATH": python_path(), "PYTHONHASHSEED": "0", "PYTHONUTF8": "1"}
