"""Run commands, and measure their time and memory."""

import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

_SAMPLE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Run:
    """One process, from start to exit."""

    seconds: float
    peak_bytes: int
    """maximum of the resident memory of the process and all its descendants together; memory that several of them
    share counts for each"""
    output: str
    """standard output"""


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity that was measured several times."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def spread(self) -> float:
        """Half the distance from the minimum to the maximum, as a share of the median."""
        return (max(self.values) - min(self.values)) / 2 / self.median if self.median else 0.0


def run(command: Sequence[str | Path], cwd: Path | None = None) -> Run:
    """Run the command to its end. Raises CalledProcessError, with the end of its standard error, if it fails."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(word) for word in command], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    peak = _PeakMemory(process.pid)
    output, errors = process.communicate()
    seconds = time.perf_counter() - start
    peak.stop()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output, errors[-2000:])
    return Run(seconds, peak.bytes, output)


def in_turns(repeats: int, *measures: Callable[[], float]) -> list[Figure]:
    """Call every measure `repeats` times, in turns, so that other load on the machine affects all of them alike."""
    values: list[list[float]] = [[] for _ in measures]
    for _ in range(repeats):
        for measure, measured_values in zip(measures, values, strict=True):
            measured_values.append(measure())
    return [Figure(tuple(measured_values)) for measured_values in values]


def build_command(knowledge: Path, index: Path) -> list[str | Path]:
    # The examples in the FastAPI pages contain tokens, which would prevent publishing.
    flags = ("--allow-secrets", "--json")
    return [sys.executable, "-m", "knowligo_index", "build", knowledge, "--index", index, *flags]


def build_result(build: Run) -> dict[str, object]:
    """The JSON document that `build --json` printed."""
    result: dict[str, object] = json.loads(build.output)
    return result


def clear_all_but_encoders(index: Path) -> None:
    """Remove the versions and the cache of an index, and keep its exported encoders."""
    for name in ("cache", "versions"):
        shutil.rmtree(index / name, ignore_errors=True)
    (index / "CURRENT").unlink(missing_ok=True)


class _PeakMemory:
    """Samples the resident memory of a process and its descendants in a thread, and keeps the maximum."""

    def __init__(self, pid: int) -> None:
        self.bytes = 0
        self._pid = pid
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _sample(self) -> None:
        while not self._stopped.wait(_SAMPLE_SECONDS):
            self.bytes = max(self.bytes, sum(_resident_bytes(pid) for pid in process_tree(self._pid)))


def process_tree(pid: int) -> list[int]:
    """The ids of the process and of its descendants that run. Linux only: elsewhere there is nothing but `pid`."""
    pids = [pid]
    for parent in pids:
        try:
            for thread in Path(f"/proc/{parent}/task").iterdir():
                pids += [int(child) for child in (thread / "children").read_text().split()]
        except OSError:
            continue
    return pids


def _resident_bytes(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0
