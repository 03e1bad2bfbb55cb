"""Run a command under strace: record the calls that change an index, or make one of them fail or kill.

A call is named by what strace counts: its system call and its number among the calls of that kind in its thread. Only
a command's main thread changes an index; its other threads, and the processes it starts, are left alone.
"""

import contextlib
import os
import re
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from launching import Command

_MUTATING = [
    "write",
    "pwrite64",
    "writev",
    "pwritev",
    "fsync",
    "fdatasync",
    "sync_file_range",
    "rename",
    "renameat",
    "renameat2",
    "unlink",
    "unlinkat",
    "mkdir",
    "mkdirat",
    "rmdir",
    "ftruncate",
    "truncate",
    "fallocate",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "chmod",
    "fchmod",
    "fchmodat",
    "copy_file_range",
    "sendfile",
]
_OPENING = ["open", "openat", "creat"]

# strace names the thread only where it follows more than one.
_LINE = re.compile(r"(?:(?P<thread>\d+) +)?(?P<name>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+)")
_UNFINISHED = re.compile(r"(?P<head>(?P<thread>\d+) .*) <unfinished \.\.\.>")
_RESUMED = re.compile(r"(?P<thread>\d+) +<\.\.\. \w+ resumed>(?P<tail>.*)")
_ARGUMENT = re.compile(r'"(?P<text>[^"]*)"(?:\.\.\.)?|(?P<number>-?\w+)<(?P<path>[^>]*)>|(?P<word>[^ ,][^,]*)')

needs_strace = pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")


@dataclass(frozen=True, slots=True)
class Call:
    """A call that changed, or tried to change, something in the index."""

    name: str
    ordinal: int
    """among the calls of this name in its thread, from 1"""
    arguments: tuple[bytes, ...]
    """strings and buffers unescaped, numbers and flags as strace prints them; a descriptor is its number"""
    paths: tuple[Path, ...]
    """the files it is about, absolute: of a rename the old name and the new one"""
    result: int

    @property
    def creates(self) -> bool:
        return any(b"O_CREAT" in argument for argument in self.arguments)

    @property
    def truncates(self) -> bool:
        return any(b"O_TRUNC" in argument for argument in self.arguments)

    def __str__(self) -> str:
        return f"{self.name} number {self.ordinal} ({', '.join(path.name for path in self.paths)})"


def record(arguments: Sequence[str], root: Path, folder: Path, failing: Call | None = None) -> list[Call]:
    """Run a command; its calls that change something in `root` (an absolute path), in order. It must succeed, or, where
    one of them is `failing` (EIO), exit with 1.

    Here and below, the command is one of `launching.Command`, and `folder` is for what it and strace print.
    """
    options = ["-y", "-xx", "-s", "10000000", f"--trace={','.join(_MUTATING + _OPENING)}", *_failure(failing)]
    if failing is None:
        options.append("--follow-forks")
    command = _traced(options, arguments, folder)
    assert command.wait() == (1 if failing else 0), command.output()
    return calls_in((folder / "trace").read_text(), root, command.pid)


def kill_at(call: Call, arguments: Sequence[str], folder: Path, failing: Call | None = None) -> int:
    """Run a command and kill -9 it when it enters the call, before the call does anything; its exit status."""
    traced = [call.name, *([failing.name] if failing else [])]
    options = [f"--trace={','.join(traced)}", f"--inject={call.name}:signal=KILL:when={call.ordinal}"]
    return _traced([*options, *_failure(failing)], arguments, folder).wait()


def fail_at(call: Call, error: str, arguments: Sequence[str], folder: Path, *, for_ever: bool = False) -> Command:
    """Run a command and let the call fail with `error` ("EIO"); `for_ever` lets all of its kind after it fail, too.
    The command, which has ended."""
    when = f"{call.ordinal}{'+' if for_ever else ''}"
    options = ["-y", "-xx", f"--trace={call.name}", f"--inject={call.name}:error={error}:when={when}"]
    return _traced(options, arguments, folder)


@contextlib.contextmanager
def stopped_at(call: Call, arguments: Sequence[str], folder: Path) -> Iterator[Command]:
    """A command that stands still where it enters the call, until the end of the block; there it is killed,
    unless it was let go and has ended."""
    options = [f"--trace={call.name}", f"--inject={call.name}:signal=STOP:when={call.ordinal}"]
    with _tracing(options, arguments, folder) as command:
        command.go()
        while "--- stopped by SIGSTOP ---" not in (folder / "trace").read_text():
            assert command.is_running(), f"{call} did not come"
        yield command
        with contextlib.suppress(ProcessLookupError):
            os.kill(command.pid, signal.SIGKILL)


def calls_in(trace: str, root: Path, thread: int) -> list[Call]:
    """The calls in strace's output that change something in `root`, all of which must be this thread's."""
    counters: Counter[tuple[str | None, str]] = Counter()
    calls: list[Call] = []
    for line in _whole_lines(trace):
        match = _LINE.match(line)
        if match is None:
            continue
        name = match["name"]
        counters[match["thread"], name] += 1
        arguments, paths = _arguments(name, match["arguments"])
        call = Call(name, counters[match["thread"], name], arguments, paths, int(match["result"]))
        if any(path == root or root in path.parents for path in paths) and (
            name not in _OPENING or call.creates or call.truncates
        ):
            assert match["thread"] in (None, str(thread)), f"{call} comes from another thread"
            calls.append(call)
    return calls


def _whole_lines(trace: str) -> list[str]:
    """A call that another thread's came between is on two lines: join them, at the place of its beginning."""
    lines: list[str] = []
    waiting: dict[str, int] = {}
    for line in trace.splitlines():
        if begun := _UNFINISHED.fullmatch(line):
            waiting[begun["thread"]] = len(lines)
            lines.append(begun["head"])
        elif resumed := _RESUMED.fullmatch(line):
            lines[waiting.pop(resumed["thread"])] += resumed["tail"]
        else:
            lines.append(line)
    return lines


def _arguments(name: str, text: str) -> tuple[tuple[bytes, ...], tuple[Path, ...]]:
    arguments: list[bytes] = []
    paths: list[Path] = []
    folder: Path | None = None
    for match in _ARGUMENT.finditer(text):
        if match["path"] is not None:
            arguments.append(match["number"].encode())
            folder = _path(match["path"])
            if not name.endswith("at") and name not in ("openat", "renameat2"):
                paths.append(folder)
        elif match["text"] is not None:
            data = _unescape(match["text"])
            arguments.append(data)
            if "write" not in name:
                paths.append((folder or Path("/")) / data.decode("utf-8", "surrogateescape"))
        else:
            arguments.append(match["word"].encode())
    return tuple(arguments), tuple(paths)


def _path(escaped: str) -> Path:
    return Path(_unescape(escaped).decode("utf-8", "surrogateescape"))


def _unescape(escaped: str) -> bytes:
    return bytes.fromhex(escaped.replace("\\x", ""))


def _failure(call: Call | None) -> list[str]:
    return [f"--inject={call.name}:error=EIO:when={call.ordinal}"] if call else []


def _traced(options: Sequence[str], arguments: Sequence[str], folder: Path) -> Command:
    """Run a command under strace, to its end."""
    with _tracing(options, arguments, folder) as command:
        command.run()
    return command


@contextlib.contextmanager
def _tracing(options: Sequence[str], arguments: Sequence[str], folder: Path) -> Iterator[Command]:
    """A command that waits to be let go, under strace. strace comes to a process that has not begun: what it counts
    is what the command does, and not what Python does before."""
    command = Command(arguments, folder)
    strace = ["strace", f"--output={folder / 'trace'}", *options, f"--attach={command.pid}"]
    with subprocess.Popen(strace, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr is not None
        attached = running.stderr.readline()
        assert "attached" in attached, attached
        yield command
