"""The restrictions of a parser process: it may not use more memory than its limit, write a file, open a file other than
Python's modules, use the network, or start a program. Resource limits, audit hooks for Python code and, where the Linux
kernel has them, Landlock and seccomp for native code."""

import contextlib
import os
import resource
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from knowligo_index.system.landlock import allow_only, forbid_new_privileges, reading_ruleset
from knowligo_index.system.seccomp import allow_only_computing, prepare_filter

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
    "os.kill",
    "os.utime",
    "os.setxattr",
    "os.removexattr",
    "signal.pthread_kill",
    "resource.",
)

_WRITE_FLAGS = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

PROTECTIONS = ("Landlock", "seccomp")
"""of the Linux kernel, also against native code"""

_MAX_OPEN_FILES = 64

# Where the dynamic linker looks.
_SHARED_LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache", "/dev/null")

# The build enforces the limit in wall-clock time; this one ends a process whose build no longer runs.
_ADDITIONAL_CPU_SECONDS = 5


class Restrictions:
    """What a process that parses one file is held to. What takes time is done once, in the process that forks it."""

    def __init__(self, memory_bytes: int, seconds: int, readable: list[Path], listed: list[Path]) -> None:
        """`seconds`: of processor time; a few are added. `readable`: files and folders that it may read, from
        `readable_paths`. `listed`: folders that it may list besides."""
        self.memory_bytes = memory_bytes
        self._seconds = seconds
        self._audit_hook = _AuditHook([*readable, *listed])
        self._ruleset: int | None = None
        if sys.platform == "linux":
            prepare_filter()
            with contextlib.suppress(OSError):
                self._ruleset = reading_ruleset(readable, listed)

    def apply(self) -> list[str]:
        """Restrict this process irrevocably.

        Returns the names of those PROTECTIONS that this machine lacks: without them only Python code is held to what it
        may do with files, processes and the network.
        """
        _limit(resource.RLIMIT_CORE, 0)
        # Audit hooks do not see native code; this limit keeps it from writing to files, too.
        _limit(resource.RLIMIT_FSIZE, 0)
        _limit(resource.RLIMIT_NOFILE, _MAX_OPEN_FILES)
        # Processes and threads of the user count, of which there is one already; the administrator is exempt.
        _limit(resource.RLIMIT_NPROC, 0)
        # The signal of the lower limit says which limit it was.
        _limit(resource.RLIMIT_CPU, int(time.process_time()) + self._seconds + _ADDITIONAL_CPU_SECONDS, 1)
        if sys.platform == "linux":
            # macOS accepts the limit and does not enforce it.
            _limit(resource.RLIMIT_AS, self.memory_bytes)
        sys.addaudithook(self._audit_hook)
        return self._restrict_native_code()

    def _restrict_native_code(self) -> list[str]:
        if sys.platform != "linux":
            return list(PROTECTIONS)
        missing: list[str] = []
        forbid_new_privileges()
        if self._ruleset is None or not self._apply_ruleset(self._ruleset):
            missing.append("Landlock")
        try:
            allow_only_computing()
        except OSError:
            missing.append("seccomp")
        return missing

    @staticmethod
    def _apply_ruleset(ruleset: int) -> bool:
        try:
            allow_only(ruleset)
        except OSError:
            return False
        os.close(ruleset)
        return True


def _limit(kind: int, value: int, difference: int = 0) -> None:
    """Set the limit, and the hard limit to `difference` more: for good, and to no more than the hard limit that is
    there already, which an unprivileged process cannot raise."""
    _, hard = resource.getrlimit(kind)
    new_hard = value + difference if hard == resource.RLIM_INFINITY else min(value + difference, hard)
    resource.setrlimit(kind, (max(0, new_hard - difference), new_hard))


def readable_paths(packages: Iterable[Path]) -> tuple[list[Path], list[Path]]:
    """What a parser process may read, and the folders that it may list besides: modules of Python's path, `packages`
    and the system's shared libraries. Other files beside the modules, such as a knowledge base in the folder of a
    package that is installed for editing, are not among them."""
    prefixes = {Path(prefix).resolve() / name for prefix in (sys.prefix, sys.base_prefix) for name in ("lib", "lib64")}
    readable = {*prefixes, *map(Path, _SHARED_LIBRARIES), *(package.resolve() for package in packages)}
    listed: set[Path] = set()
    for entry in {Path(entry).resolve() for entry in sys.path if entry}:
        if any(entry.is_relative_to(folder) for folder in readable):
            continue
        if entry.is_dir():
            listed.add(entry)
            readable.update(path for path in entry.iterdir() if _is_module(path))
        else:
            readable.add(entry)
    return sorted(readable), sorted(listed)


def _is_module(path: Path) -> bool:
    return path.suffix in (".py", ".so", ".dist-info", ".egg-info") or (path / "__init__.py").is_file()


class _AuditHook:
    """Raises PermissionError for a forbidden event, as an operating system would refuse the call. What remains where
    the kernel has neither Landlock nor seccomp, and a clear message where it has them."""

    def __init__(self, readable: list[Path]) -> None:
        self._readable = frozenset(map(str, readable))
        self._below_readable = tuple(f"{path}{os.sep}" for path in readable)

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            self._check_open(arguments[0], arguments[2])
        elif event in ("os.listdir", "os.scandir"):
            self._check_path(arguments[0] or ".")
        elif event.startswith(_FORBIDDEN) or (event == "sqlite3.connect" and arguments[0] != ":memory:"):
            raise PermissionError(f"a parser may not do this: {event}")

    def _check_open(self, path: object, flags: object) -> None:
        if isinstance(flags, int) and flags & _WRITE_FLAGS and not isinstance(path, int):
            raise PermissionError(f"a parser may not write to {os.fsdecode(path)}")  # type: ignore[arg-type]
        self._check_path(path)

    def _check_path(self, path: object) -> None:
        if isinstance(path, int):
            return
        name = os.path.abspath(os.fsdecode(path))  # type: ignore[arg-type]  # noqa: PTH100
        if not (name in self._readable or name.startswith(self._below_readable)):
            raise PermissionError(f"a parser may not open {name}")
