"""The restrictions of a parser process: it may not use more memory than its limit, write a file, open a file other than
Python's modules, use the network, or start a program."""

import os
import resource
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path

# Prefixes of the events of Python's audit hooks (PEP 578) that no parser needs.
_FORBIDDEN = (
    "socket.",
    "subprocess.",
    "os.exec",
    "os.fork",
    "os.spawn",
    "os.posix_spawn",
    "os.system",
    "os.startfile",
    "shutil.",
    "os.remove",
    "os.rename",
    "os.mkdir",
    "os.rmdir",
    "os.link",
    "os.symlink",
    "os.truncate",
    "os.chmod",
    "os.chown",
    "ftplib.",
    "http.client.",
    "urllib.",
    "smtplib.",
    "webbrowser.",
    "pty.",
)

_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

# The build enforces the limit in wall-clock time; this one ends a process whose build no longer runs.
_ADDITIONAL_CPU_SECONDS = 5


def restrict(memory_bytes: int, readable: Iterable[Path]) -> None:
    """Restrict this process irrevocably. It may read files in the folders `readable` and those of Python's modules."""
    # Ctrl-C interrupts every process of the terminal; the build ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Audit hooks do not see native code; this limit keeps it from writing to files, too.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform == "linux":
        # macOS accepts the limit and does not enforce it.
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    folders = [*map(str, readable), *sys.path, sys.prefix, sys.base_prefix]
    sys.addaudithook(_AuditHook([Path(folder).resolve() for folder in folders if folder]))


def limit_cpu(seconds: int) -> None:
    """Let this process use `seconds` more of CPU time, and a few in addition."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + seconds + _ADDITIONAL_CPU_SECONDS, hard))


class _AuditHook:
    """Raises PermissionError for a forbidden event, as an operating system would refuse the call."""

    def __init__(self, readable: list[Path]) -> None:
        self._readable = tuple({str(folder) + os.sep for folder in readable})

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            self._check_open(arguments[0], arguments[2])
        elif event.startswith(_FORBIDDEN):
            raise PermissionError(f"a parser may not do this: {event}")

    def _check_open(self, path: object, flags: object) -> None:
        if isinstance(path, int):
            return
        name = os.path.abspath(os.fsdecode(path))  # type: ignore[arg-type]  # noqa: PTH100
        writes = isinstance(flags, int) and flags & _WRITE_FLAGS
        if writes or not name.startswith(self._readable):
            raise PermissionError(f"a parser may not open {name}")
