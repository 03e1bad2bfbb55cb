"""On a kernel that lacks Landlock or seccomp: it is said once, and this is what a hostile file can do there. The kernel
is the real one, with a filter under which the system calls of these fail as they do where there are none."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from escape_target import escape_target
from escapes import BY_LANDLOCK, BY_SECCOMP, succeeded
from support.lacking_kernel import command_without

from knowligo_index.settings import Settings
from knowligo_index.sources.sandbox.process import missing_protections
from knowligo_index.system.landlock import landlock_version

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or platform.machine() != "x86_64" or bool(missing_protections()),
    reason="needs Landlock and seccomp, and the numbers of their system calls",
)

READING = {
    *(
        "native open",
        "native openat",
        "native fopen",
        "system call open",
        "system call openat",
        "open by a path handle",
    ),
    *("environment of this process", "environment of another process", "passwords", "a device", "a mapping of a file"),
    *("own memory as a file", "memory of the parent", "descriptors of another process", "program of another process"),
    *("folder of another process", "native opendir"),
}
"""without Landlock: native code reads and lists what the user may read"""

WITHOUT_SECCOMP = {
    # What is known of a file; its content is held by Landlock.
    *("native chmod", "native utimes", "native chown", "an attribute of a file", "a lock on a file", "watching files"),
    # TCP is held by Landlock.
    *("a native socket", "a local socket", "the network of the kernel", "io_uring"),
    # Programs cannot be executed.
    *("native fork", "system call clone", "_posixsubprocess", "system call clone3", "a thread", "another session"),
    *("a signal to the group", "another group of processes", "a handle of a process", "memory of another process"),
    *("own limit of files", "own limit of processor time", "priority of another process"),
    *("processors of another process", "System V shared memory", "System V messages", "System V semaphores"),
    *("a file in memory", "a new user namespace", "another root", "page faults of the kernel", "a timer"),
    *("more privileges", "a system call of 32 bits", "keys", "a new name", "directory", "umask"),
}
"""with Landlock, of version 6 or later"""

HELD_BY_HOOKS = {
    *("open", "os.open", "read a database", "os.listdir", "os.scandir", "open for writing", "truncate"),
    *("write a database", "a socket", "a pair of sockets", "os.fork", "os.kill", "limits of another process"),
    # A file cannot be made larger than nothing.
    "a POSIX semaphore",
}
"""held where there is neither: Python code that asks in the usual way. Everything else succeeds."""

UNEVEN = {
    # Allowed to the administrator alone
    *("passwords", "another root", "another file system"),
    # More processes: the limit on them does not hold the administrator
    *("native fork", "system call clone", "_posixsubprocess", "system call clone3", "a thread", "another session"),
    *("native system", "native posix_spawn"),
    # Allowed by some kernels, or their settings
    *("io_uring", "ptrace", "memory of another process", "descriptor of another process", "memory of the parent"),
    *("comparison of processes", "a new user namespace", "page faults of the kernel", "a system call of 32 bits"),
    *("keys", "an attribute of a file", "descriptors of another process", "program of another process"),
    *("environment of another process", "a nameless file", "native mkfifo", "POSIX messages"),
}
"""do not succeed on every machine"""

OUTCOMES = """
import json, sys
from pathlib import Path
import pytest
from support.bad_parser import bad_parser_installed, outcomes

with pytest.MonkeyPatch.context() as patch, bad_parser_installed(Path(sys.argv[1]), patch):
    print(json.dumps(outcomes(json.load(sys.stdin))))
"""


def reached(protections: Sequence[str], tmp_path: Path) -> set[str]:
    """Names of the escapes that succeed without these protections."""
    installed = tmp_path / "installed"
    installed.mkdir()
    with escape_target(tmp_path / "target") as codes:
        done = subprocess.run(
            command_without(protections, [sys.executable, "-c", OUTCOMES, str(installed)]),
            check=True,
            capture_output=True,
            text=True,
            input=json.dumps(list(codes.values())),
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        outcomes = dict(zip(codes, json.loads(done.stdout), strict=True))
    return {name for name, outcome in outcomes.items() if succeeded(outcome)}


@pytest.mark.parametrize(
    ("protections", "expected"),
    [
        (["landlock"], READING),
        (["seccomp"], WITHOUT_SECCOMP),
        (["landlock", "seccomp"], {*BY_LANDLOCK, *BY_SECCOMP} - HELD_BY_HOOKS),
    ],
)
def test_what_a_hostile_file_can_do(protections: list[str], expected: set[str], tmp_path: Path) -> None:
    if "landlock" not in protections and landlock_version() < 6:
        pytest.skip("this kernel's Landlock does not hold signals")
    names = reached(protections, tmp_path)
    assert names - UNEVEN == expected - UNEVEN
    assert names <= expected


@pytest.mark.parametrize(
    ("protections", "names"), [("landlock", "Landlock"), ("landlock,seccomp", "Landlock and seccomp"), (None, None)]
)
def test_a_build_says_once_what_is_missing(protections: str | None, names: str | None, settings: Settings) -> None:
    for number in range(20):
        (settings.knowledge / f"{number}.md").write_text(f"# Red {number}\n\nReinicie el equipo {number}.\n")
    command = [sys.executable, "-m", "knowligo_index", "build", str(settings.knowledge)]
    command += ["--index", str(settings.index), "--encoder", settings.encoder.id, "--max-failed", "0.5", "--verbose"]
    command += ["--threads", "2"]
    if protections:
        command = command_without(protections.split(","), command)
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    said = [line for line in done.stderr.splitlines() if "Parsers run" in line]
    sentence = (
        f"Parsers run without {names}, which this system lacks: docs/security.md says what a hostile file can do then."
    )
    assert said == ([sentence] if names else [])
    assert "Parsers" not in done.stdout
