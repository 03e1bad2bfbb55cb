"""Commands in processes of their own that need no time to begin: forked from one that has imported everything and
computed nothing. What a command does, it does as `python -m knowligo_index` would.
"""

import ctypes
import importlib
import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path

import knowligo_index
from knowligo_index.cli import main

_PR_SET_PTRACER = 0x59616D61
_ANY = ctypes.c_ulong(-1)

WITHOUT_TORCH = "COMMANDS_WITHOUT_TORCH"
"""Environment variable for test runs in which few commands build or none: they start seconds sooner."""

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(
    ["launching", "scenario", "knowligo_index.cli", "knowligo_index.build"]
    + ([] if WITHOUT_TORCH in os.environ else ["sentence_transformers"])
)


class Command:
    """A command that waits until it is let go; `folder` is for what it prints.

    `arguments` are those of `knowligo-index`; or ("module:function", ...), and the function is called with the rest.
    """

    def __init__(self, arguments: Sequence[str], folder: Path, environment: dict[str, str] | None = None) -> None:
        with tempfile.NamedTemporaryFile(prefix="output-", dir=folder, delete=False) as file:
            self._output = Path(file.name)
        theirs, self._gate = _context.Pipe()
        work = (list(arguments), environment or {}, self._output, theirs)
        self._process = _context.Process(target=_wait_and_run, args=work, daemon=True)
        _start(self._process)
        theirs.close()
        self._gate.recv_bytes()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def go(self) -> "Command":
        self._gate.send_bytes(b"go")
        return self

    def wait(self, seconds: float = 120) -> int:
        """The exit status; of a process that a signal ended, minus the signal."""
        self._process.join(seconds)
        status = self._process.exitcode
        if status is None:
            os.kill(self.pid, signal.SIGKILL)
            raise AssertionError(f"no end within {seconds} seconds: {self.output()}")
        return status

    def is_running(self) -> bool:
        return self._process.is_alive()

    def output(self) -> str:
        """What it printed so far, to either of the two streams."""
        return self._output.read_text(encoding="utf-8")

    def run(self) -> int:
        return self.go().wait()


def _start(process: multiprocessing.process.BaseProcess) -> None:
    """Start a process; the first one brings the server up, with what it is to import and no threads to be forked."""
    before = dict(os.environ)
    folders = [Path(__file__).parent, Path(__file__).parents[1], Path(knowligo_index.__file__).parents[1]]
    os.environ["PYTHONPATH"] = os.pathsep.join(map(str, folders))
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    try:
        process.start()
    finally:
        os.environ.clear()
        os.environ.update(before)


def _wait_and_run(arguments: list[str], environment: dict[str, str], output: Path, gate: Connection) -> None:
    # What it starts and leaves behind can be told by its session.
    os.setsid()
    # Some systems let nobody but a parent attach strace to a process that did not ask for it.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PTRACER, _ANY, 0, 0, 0)
    os.environ |= environment
    descriptor = os.open(output, os.O_WRONLY)
    os.dup2(descriptor, 1)
    os.dup2(descriptor, 2)
    os.close(descriptor)
    gate.send_bytes(b"ready")
    gate.recv_bytes()
    module, _, function = arguments[0].partition(":")
    if function:
        getattr(importlib.import_module(module), function)(arguments[1:])
    else:
        sys.argv = ["knowligo-index", *arguments]
        main()
