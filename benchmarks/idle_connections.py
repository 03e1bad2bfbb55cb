"""Measure searches while other clients hold connections without sending a request.

    python -m benchmarks.idle_connections [--connections 1000] [--seconds 60]

Builds the sample knowledge base into a temporary folder, and starts the service on a free port of 127.0.0.1. One half
of the idle connections sends nothing, the other half a header that never ends, a byte every second; each is opened
again when the service closes it. Meanwhile searches are sent, each over a connection of its own, from another address
of the loopback network. Prints the time of the searches, how many idle connections were open at the same time, and the
size of the log. Clients and service share the machine. The exit code is 1 if a search failed, if the 99th percentile of
their times is over a second, or if the log has more than 1 MB.
"""

import argparse
import asyncio
import contextlib
import resource
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.running_service import exchange, serving
from benchmarks.service_load import build_two_versions

_SEARCH = "/search?q=plan"
_PAUSE_SECONDS = 0.05

MAX_SEARCH_SECONDS = 1.0
MAX_LOG_BYTES = 1_000_000


@dataclass
class Measurement:
    """What was measured."""

    seconds: list[float] = field(default_factory=list)
    """of each search"""
    failures: list[str] = field(default_factory=list)
    """a message for each failed search"""
    open: int = 0
    most_open: int = 0
    """highest number of idle connections that were open at the same time"""
    reopened: int = 0
    """idle connections that the service has closed"""
    log_bytes: int = 0

    def percentile(self, percent: float) -> float:
        """Seconds within which this percentage of the searches was answered."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def measure(index: Path, connections: int, seconds: float, *flags: str) -> Measurement:
    """Serve the index with these flags, and search while there are so many idle connections, for so long."""
    _raise_descriptor_limit(connections + 100)
    measurement = Measurement()
    with tempfile.TemporaryFile() as log:
        with serving(index, *flags, log=log) as address:
            asyncio.run(_run(measurement, address, connections, seconds))
        measurement.log_bytes = log.seek(0, 2)
    return measurement


async def _run(measurement: Measurement, address: tuple[str, int], connections: int, seconds: float) -> None:
    end = time.perf_counter() + seconds
    idle = [asyncio.create_task(_stay_idle(measurement, address, number)) for number in range(connections)]
    try:
        while time.perf_counter() < end:
            await _search(measurement, address)
            await asyncio.sleep(_PAUSE_SECONDS)
    finally:
        for task in idle:
            task.cancel()
        await asyncio.gather(*idle, return_exceptions=True)


async def _search(measurement: Measurement, address: tuple[str, int]) -> None:
    start = time.perf_counter()
    try:
        async with asyncio.timeout(10):
            reader, writer = await asyncio.open_connection(*address, local_addr=("127.0.0.2", 0))
            with contextlib.closing(writer):
                status, _ = await exchange(reader, writer, _SEARCH)
    except (OSError, TimeoutError, asyncio.IncompleteReadError) as error:
        measurement.failures.append(f"{type(error).__name__}: {error}")
    else:
        measurement.seconds.append(time.perf_counter() - start)
        if status != 200:
            measurement.failures.append(f"status {status}")


async def _stay_idle(measurement: Measurement, address: tuple[str, int], number: int) -> None:
    """One client, which keeps a connection open without a request. Odd ones send a header that never ends."""
    while True:
        with contextlib.suppress(OSError):
            reader, writer = await asyncio.open_connection(*address)
            measurement.open += 1
            measurement.most_open = max(measurement.most_open, measurement.open)
            try:
                with contextlib.closing(writer):
                    await _wait_for_the_end(reader, writer, sends=number % 2 == 1)
            finally:
                measurement.open -= 1
        measurement.reopened += 1
        await asyncio.sleep(0.1)


async def _wait_for_the_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, sends: bool) -> None:
    if sends:
        writer.write(b"GET /search?q=plan HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
    while True:
        try:
            async with asyncio.timeout(1):
                await reader.read()
            return
        except TimeoutError:
            if sends:
                writer.write(b"x")


def _raise_descriptor_limit(needed: int) -> None:
    """Let this process open so many files, if it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(needed, hard) if hard > 0 else needed, hard))


def main() -> int:
    """Measure, print the figures, and return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--connections", type=int, default=1_000)
    parser.add_argument("--seconds", type=float, default=60)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        index = build_two_versions(Path(folder))
        result = measure(index, arguments.connections, arguments.seconds)
    print(
        f"{len(result.seconds)} searches, {len(result.failures)} failed, median {result.percentile(50):.3f} s, p99 "
        f"{result.percentile(99):.3f} s\nat most {result.most_open:,} idle connections at the same time, "
        f"{result.reopened:,} closed by the service\n{result.log_bytes:,} bytes logged"
    )
    for failure in result.failures[:5]:
        print(failure, file=sys.stderr)
    is_good = result.percentile(99) < MAX_SEARCH_SECONDS and result.log_bytes < MAX_LOG_BYTES
    return 0 if is_good and not result.failures else 1


if __name__ == "__main__":
    sys.exit(main())
