"""A running service, and requests to it."""

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[1]

REFRESH_SECONDS = 0.05


@contextlib.contextmanager
def serving(index: Path, *flags: str, log: IO[bytes] | None = None) -> Iterator[tuple[str, int]]:
    """Run the service without a limit of searches per minute; yields its host and port. What it logs goes to `log`."""
    command = [sys.executable, "-m", "knowligo_index", "serve", "--json", "--index", str(index), "--port", "0"]
    command += ["--refresh-seconds", str(REFRESH_SECONDS), "--searches-per-minute", "0", *flags]
    errors = log or subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True) as process:
        try:
            address = urlsplit(_read_startup_document(process)["url"])
            yield str(address.hostname), int(address.port or 0)
        finally:
            process.terminate()
            process.wait(10)


def _read_startup_document(process: subprocess.Popen[str]) -> dict[str, str]:
    """The JSON document that the service prints when it is ready."""
    assert process.stdout is not None
    lines: list[str] = []
    while not lines or lines[-1].rstrip() != "}":
        lines.append(process.stdout.readline())
        if not lines[-1]:
            raise RuntimeError("the service did not start: run `knowligo-index serve` to see the error")
    document: dict[str, str] = json.loads("".join(lines))
    return document


async def exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> tuple[int, bytes]:
    """Send a GET request, and return status and body. An HTTP library would take more CPU time from the service."""
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.split(b"content-length: ", 1)[1].split(b"\r\n", 1)[0])
    return int(head.split(b" ", 2)[1]), await reader.readexactly(length)
