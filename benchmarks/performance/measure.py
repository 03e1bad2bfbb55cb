"""Run a command and see what it took."""

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
    """the most that it and its children had resident together, pages that they share counted once for each"""
    output: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A quantity that was measured several times."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.values)

    @property
    def spread(self) -> float:
        """Half the distance from the least to the most, as a share of the median."""
        return (max(self.values) - min(self.values)) / 2 / self.median if self.median else 0.0


def run(command: Sequence[str | Path], cwd: Path | None = None) -> Run:
    """Raises CalledProcessError with what it said where it fails."""
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
    """Each of the measures so many times, in turns: what disturbs the machine disturbs all of them."""
    values: list[list[float]] = [[] for _ in measures]
    for _ in range(repeats):
        for measure, found in zip(measures, values, strict=True):
            found.append(measure())
    return [Figure(tuple(found)) for found in values]


def knowligo(*words: str | Path) -> list[str | Path]:
    """The command line under test."""
    return [sys.executable, "-m", "knowligo_index", *words]


def build_command(knowledge: Path, index: Path, *more: str) -> list[str | Path]:
    # The pages have tokens in their examples.
    return knowligo("build", knowledge, "--index", index, "--allow-secrets", "--json", *more)


def built(found: Run) -> dict[str, object]:
    """What `build --json` said."""
    result: dict[str, object] = json.loads(found.output)
    return result


def clear(index: Path) -> None:
    """Leave nothing but the encoder's export."""
    for name in ("cache", "versions"):
        shutil.rmtree(index / name, ignore_errors=True)
    (index / "CURRENT").unlink(missing_ok=True)


class _PeakMemory:
    """Watches a process and all below it."""

    def __init__(self, pid: int) -> None:
        self.bytes = 0
        self._pid = pid
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(_SAMPLE_SECONDS):
            self.bytes = max(self.bytes, sum(_resident(pid) for pid in family(self._pid)))


def family(pid: int) -> list[int]:
    """The process and all that it and they have started and that still run."""
    found = [pid]
    for each in found:
        try:
            for thread in Path(f"/proc/{each}/task").iterdir():
                found += [int(child) for child in (thread / "children").read_text().split()]
        except OSError:
            continue
    return found


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0
