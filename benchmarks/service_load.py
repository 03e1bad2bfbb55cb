"""Put load on the service with many clients at the same time, while the live version is swapped.

    python -m benchmarks.service_load [--clients 100] [--seconds 60] [--swaps 200]

Builds two versions of the sample knowledge base into a temporary folder, and starts the service on a free port of
127.0.0.1. Each client sends one search after the other, while the live version is swapped between the two. A response
counts as failed unless it has status 200 and the same bytes as every other response of its version to that question.
Prints the failed responses, the rate, and the time of responses and of the service's moves to the other version.
Clients and service share the machine. The exit code is 1 if a response failed.
"""

import argparse
import asyncio
import contextlib
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from benchmarks.running_service import exchange, serving
from knowligo_index.store import Store
from knowligo_index.store.publishing import writing

ROOT = Path(__file__).parents[1]
QUESTIONS = ROOT / "knowledge" / "questions.jsonl"

# Short, so that the service makes every move before the next swap.
_MOVE_TIMEOUT_SECONDS = 10.0
_FAILURES_SHOWN = 5


@dataclass
class Load:
    """What was measured."""

    seconds: list[float] = field(default_factory=list)
    """of each response"""
    failures: list[str] = field(default_factory=list)
    """a message for each failed response"""
    moves: list[float] = field(default_factory=list)
    """seconds from each swap of CURRENT until the service answers from the other version"""
    versions: set[str] = field(default_factory=set)
    """ids of the versions that answered"""
    duration: float = 0.0
    """seconds from start to end"""

    def percentile(self, percent: float) -> float:
        """Seconds within which this percentage of the responses arrived."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


class Clients:
    """Clients that send searches until `stop` is set."""

    def __init__(self, host: str, port: int, questions: Sequence[str]) -> None:
        self._address = (host, port)
        self._paths = [f"/search?q={quote(question)}" for question in questions]
        self._expected: dict[tuple[str, str], bytes] = {}
        self.load = Load()
        self.stop = asyncio.Event()

    async def run_client(self, number: int) -> None:
        """One client, which begins with question `number`; it keeps its connection, and opens another if it breaks."""
        position = number
        while not self.stop.is_set():
            try:
                reader, writer = await asyncio.open_connection(*self._address)
                with contextlib.closing(writer):
                    while not self.stop.is_set():
                        path = self._paths[position % len(self._paths)]
                        start = time.perf_counter()
                        status, body = await exchange(reader, writer, path)
                        self.load.seconds.append(time.perf_counter() - start)
                        self._check(path, status, body)
                        position += 1
            except (OSError, asyncio.IncompleteReadError, ValueError) as error:
                self.load.failures.append(f"{type(error).__name__}: {error}")

    async def current_version(self) -> str:
        """The id of the version that the service answers from now."""
        reader, writer = await asyncio.open_connection(*self._address)
        with contextlib.closing(writer):
            _, body = await exchange(reader, writer, "/health")
            return str(json.loads(body)["version"])

    def _check(self, path: str, status: int, body: bytes) -> None:
        if status != 200:
            self.load.failures.append(f"status {status}: {body.decode()[:200]}")
            return
        version = json.loads(body)["version"]
        self.load.versions.add(version)
        if self._expected.setdefault((version, path), body) != body:
            self.load.failures.append(f"version {version} answered {path} with other bytes than before")


async def _run(clients: Clients, index: Path, count: int, seconds: float, swaps: int) -> Load:
    start = time.perf_counter()
    tasks = [asyncio.create_task(clients.run_client(number)) for number in range(count)]
    targets = Store(index).version_ids()[-2:]
    with writing(Store(index), "benchmark") as store:
        for number in range(swaps):
            await asyncio.sleep(max(0.0, start + seconds * number / swaps - time.perf_counter()))
            target = targets[number % 2]
            await asyncio.to_thread(store.rollback, target)
            swapped = time.perf_counter()
            while await clients.current_version() != target:
                if time.perf_counter() - swapped > _MOVE_TIMEOUT_SECONDS:
                    raise RuntimeError(
                        f"the service did not move to version {target} within {_MOVE_TIMEOUT_SECONDS:.0f} s"
                    )
                await asyncio.sleep(0.01)
            clients.load.moves.append(time.perf_counter() - swapped)
    await asyncio.sleep(max(0.0, start + seconds - time.perf_counter()))
    clients.stop.set()
    await asyncio.gather(*tasks)
    clients.load.duration = time.perf_counter() - start
    return clients.load


def measure(index: Path, questions: Sequence[str], clients: int, seconds: float, swaps: int, *flags: str) -> Load:
    """Serve the index with these `flags`, and let `clients` clients ask the questions for `seconds` seconds, in which
    its last two versions are swapped `swaps` times."""
    with serving(index, *flags) as (host, port):
        return asyncio.run(_measured(host, port, index, questions, clients, seconds, swaps))


async def _measured(
    host: str, port: int, index: Path, questions: Sequence[str], clients: int, seconds: float, swaps: int
) -> Load:
    return await _run(Clients(host, port, questions), index, clients, seconds, swaps)


def build_two_versions(folder: Path) -> Path:
    """An index with a version of the sample knowledge base, and one of the same with an additional page."""
    knowledge, index = folder / "knowledge", folder / "indexes"
    shutil.copytree(ROOT / "knowledge", knowledge)
    for page in (None, "# Feriados\n\nLos feriados la mesa de ayuda atiende incidentes críticos de 9 a 13 h.\n"):
        if page:
            (knowledge / "feriados.md").write_text(page, encoding="utf-8")
        command = [sys.executable, "-m", "knowligo_index", "build", str(knowledge), "--index", str(index), "-q"]
        subprocess.run(command, cwd=ROOT, check=True)
    return index


def report(load: Load, clients: int) -> None:
    """Print the figures."""
    print(f"{clients} clients for {load.duration:.1f} s: {len(load.seconds):,} responses, {len(load.failures)} failed")
    for failure in load.failures[:_FAILURES_SHOWN]:
        print(f"  {failure}")
    milliseconds = {percent: 1000 * load.percentile(percent) for percent in (50, 95, 99, 100)}
    print(f"  {len(load.seconds) / load.duration:,.0f} responses per second")
    print("  " + ", ".join(f"p{percent} {value:,.0f} ms" for percent, value in milliseconds.items()))
    if load.moves:
        print(
            f"  {len(load.moves)} swaps; the service moved to the other version within {max(load.moves):.3f} s "
            f"(median {statistics.median(load.moves):.3f} s); {len(load.versions)} versions answered"
        )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--clients", type=int, default=100, help="number of clients at the same time")
    arguments.add_argument("--seconds", type=float, default=60.0, help="duration of the measurement")
    arguments.add_argument("--swaps", type=int, default=200, help="number of swaps of the live version in that time")
    options = arguments.parse_args()
    questions = [json.loads(line)["question"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        index = build_two_versions(Path(folder))
        load = measure(index, questions, options.clients, options.seconds, options.swaps)
    report(load, options.clients)
    sys.exit(1 if load.failures else 0)


if __name__ == "__main__":
    main()
