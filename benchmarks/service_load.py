"""Many clients at once, while versions are swapped under them.

    python -m benchmarks.service_load [--clients 100] [--seconds 60] [--swaps 200]

Builds two versions of the sample knowledge base into a temporary folder, starts the service on a free port of
127.0.0.1, and has each client ask one question after the other while the live version moves to and fro. An answer is
right when it has status 200 and is, byte for byte, what its version answered to that question before. Prints the
answers that were not, the rate, and how long answers and moves took. Clients and service share the machine.
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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, urlsplit

from knowligo_index.store import Store
from knowligo_index.store.publishing import writing

ROOT = Path(__file__).parents[1]
QUESTIONS = ROOT / "knowledge" / "questions.jsonl"

# Moves are to be seen one by one.
_REFRESH_SECONDS = 0.05
_MOVE_SECONDS = 10.0
_FAILURES_SHOWN = 5


@dataclass
class Load:
    """What came of it."""

    seconds: list[float] = field(default_factory=list)
    """of each answer"""
    failures: list[str] = field(default_factory=list)
    moves: list[float] = field(default_factory=list)
    """seconds from the swap of CURRENT until the service answers from the other version"""
    versions: set[str] = field(default_factory=set)
    """those that answered"""
    duration: float = 0.0

    def percentile(self, percent: float) -> float:
        """Seconds within which so many of the answers came."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


@contextlib.contextmanager
def serving(index: Path, *flags: str) -> Iterator[tuple[str, int]]:
    """A service without a limit of its own; host and port."""
    command = [sys.executable, "-m", "knowligo_index", "serve", "--json", "--index", str(index), "--port", "0"]
    command += ["--refresh-seconds", str(_REFRESH_SECONDS), "--searches-per-minute", "0", *flags]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            assert process.stdout is not None
            address = urlsplit(json.loads(process.stdout.read(1) + _rest_of_document(process))["url"])
            yield str(address.hostname), int(address.port or 0)
        finally:
            process.terminate()
            process.wait(10)


def _rest_of_document(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or lines[-1].rstrip() != "}":
        lines.append(process.stdout.readline())
        if not lines[-1]:
            raise RuntimeError("the service did not start: start it by hand to see why")
    return "".join(lines)


async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> tuple[int, bytes]:
    """Status and body. A client of its own, which takes little of the machine from the service."""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
    return int(head.split(b" ", 2)[1]), await reader.readexactly(length)


class Clients:
    """They ask until they are told to end."""

    def __init__(self, host: str, port: int, questions: Sequence[str]) -> None:
        self._address = (host, port)
        self._paths = [f"/search?q={quote(question)}" for question in questions]
        self._expected: dict[tuple[str, str], bytes] = {}
        self.load = Load()
        self.ended = asyncio.Event()

    async def client(self, number: int) -> None:
        """One of them, on one connection as long as that holds."""
        turn = number
        while not self.ended.is_set():
            try:
                reader, writer = await asyncio.open_connection(*self._address)
                with contextlib.closing(writer):
                    while not self.ended.is_set():
                        path = self._paths[turn % len(self._paths)]
                        begun = time.perf_counter()
                        status, body = await exchange(reader, writer, path)
                        self.load.seconds.append(time.perf_counter() - begun)
                        self._check(path, status, body)
                        turn += 1
            except (OSError, asyncio.IncompleteReadError, ValueError) as error:
                self.load.failures.append(f"{type(error).__name__}: {error}")

    async def version(self) -> str:
        """The one that answers now."""
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
            self.load.failures.append(f"{version} answered {path} otherwise than before")


async def _run(clients: Clients, index: Path, count: int, seconds: float, swaps: int) -> Load:
    begun = time.perf_counter()
    tasks = [asyncio.create_task(clients.client(number)) for number in range(count)]
    targets = Store(index).version_ids()[-2:]
    with writing(Store(index), "benchmark") as store:
        for number in range(swaps):
            await asyncio.sleep(max(0.0, begun + seconds * number / swaps - time.perf_counter()))
            target = targets[number % 2]
            await asyncio.to_thread(store.rollback, target)
            swapped = time.perf_counter()
            while await clients.version() != target:
                if time.perf_counter() - swapped > _MOVE_SECONDS:
                    raise RuntimeError(f"the service had not moved to {target} after {_MOVE_SECONDS} s")
                await asyncio.sleep(0.01)
            clients.load.moves.append(time.perf_counter() - swapped)
    await asyncio.sleep(max(0.0, begun + seconds - time.perf_counter()))
    clients.ended.set()
    await asyncio.gather(*tasks)
    clients.load.duration = time.perf_counter() - begun
    return clients.load


def measure(index: Path, questions: Sequence[str], clients: int, seconds: float, swaps: int, *flags: str) -> Load:
    """Ask an index, whose last two versions are swapped so often, with so many clients for so long."""
    with serving(index, *flags) as (host, port):
        return asyncio.run(_measured(host, port, index, questions, clients, seconds, swaps))


async def _measured(
    host: str, port: int, index: Path, questions: Sequence[str], clients: int, seconds: float, swaps: int
) -> Load:
    return await _run(Clients(host, port, questions), index, clients, seconds, swaps)


def build_two_versions(folder: Path) -> Path:
    """An index of the sample knowledge base, and of the same with a page more."""
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
    print(f"{clients} clients for {load.duration:.1f} s: {len(load.seconds):,} answers, {len(load.failures)} failed")
    for failure in load.failures[:_FAILURES_SHOWN]:
        print(f"  {failure}")
    milliseconds = {percent: 1000 * load.percentile(percent) for percent in (50, 95, 99, 100)}
    print(f"  {len(load.seconds) / load.duration:,.0f} answers a second")
    print("  " + ", ".join(f"p{percent} {value:,.0f} ms" for percent, value in milliseconds.items()))
    if load.moves:
        print(
            f"  {len(load.moves)} swaps, each followed within {statistics.median(load.moves):.3f} s (median), "
            f"{max(load.moves):.3f} s (longest); {len(load.versions)} versions answered"
        )


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--clients", type=int, default=100)
    arguments.add_argument("--seconds", type=float, default=60.0)
    arguments.add_argument("--swaps", type=int, default=200)
    options = arguments.parse_args()
    questions = [json.loads(line)["question"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    with tempfile.TemporaryDirectory() as folder:
        index = build_two_versions(Path(folder))
        load = measure(index, questions, options.clients, options.seconds, options.swaps)
    report(load, options.clients)
    sys.exit(1 if load.failures else 0)


if __name__ == "__main__":
    main()
