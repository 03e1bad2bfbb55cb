"""What a parser's process may not do: use more memory than its share, write a file, open one that is not Python's
own, reach the network, start a program."""

import os
import resource
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path

# Events of Python's audit hooks (PEP 578) that no reader of a document has a reason for.
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

# Beyond the limit of the wall clock, which the build keeps: for a process whose build is gone.
_CPU_SECONDS_BEYOND = 5


def restrict(memory_bytes: int, readable: Iterable[Path]) -> None:
    """Put this process under its limits, for good. It may read what is in `readable` and where Python's modules are."""
    # Ctrl-C reaches every process of the terminal; ending this one is the build's business.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Native code, which no audit hook sees, cannot make a file grow either.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform == "linux":
        # macOS knows the limit and does not keep it.
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    folders = [*map(str, readable), *sys.path, sys.prefix, sys.base_prefix]
    sys.addaudithook(_Hook([Path(folder).resolve() for folder in folders if folder]))


def limit_cpu(seconds: int) -> None:
    """Let this process use so many seconds more of a CPU, and a few."""
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + seconds + _CPU_SECONDS_BEYOND, hard))


class _Hook:
    """Refuses what is forbidden, as an operating system would: with PermissionError."""

    def __init__(self, readable: list[Path]) -> None:
        self._readable = tuple({str(folder) + os.sep for folder in readable})

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            self._check_open(arguments[0], arguments[2])
        elif event.startswith(_FORBIDDEN):
            raise PermissionError(f"a document's reader may not do this: {event}")

    def _check_open(self, path: object, flags: object) -> None:
        if isinstance(path, int):
            return
        name = os.path.abspath(os.fsdecode(path))  # type: ignore[arg-type]  # noqa: PTH100
        writes = isinstance(flags, int) and flags & _WRITE_FLAGS
        if writes or not name.startswith(self._readable):
            raise PermissionError(f"a document's reader may not open {name}")
