"""Start the service as its users do, in a process of its own, and talk to it."""

import contextlib
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

import knowligo_index

ROOT = Path(knowligo_index.__file__).parents[1]


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """by their names in lower case"""
    body: bytes

    @property
    def json(self) -> Any:
        assert self.headers["content-type"] == "application/json"
        return json.loads(self.body)

    @property
    def error(self) -> str:
        """The sentence; nothing else may be in the document."""
        document = self.json
        assert list(document) == ["error"]
        sentence: str = document["error"]
        return sentence


@dataclass(frozen=True)
class Event:
    """One server-sent event."""

    name: str
    data: Any


@dataclass
class RunningService:
    """A service that answers."""

    process: subprocess.Popen[str]
    url: str
    log: IO[str] = field(repr=False)

    @property
    def address(self) -> str:
        return urlsplit(self.url).netloc

    @property
    def host_and_port(self) -> tuple[str, int]:
        host, port = self.address.split(":")
        return host, int(port)

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.address, timeout=30)

    def get(self, path: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> Reply:
        return self._exchange(method, path, None, headers or {})

    def post(self, path: str, value: object, headers: Mapping[str, str] | None = None) -> Reply:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        return self._exchange("POST", path, body, {"Content-Type": "application/json", **(headers or {})})

    def ask(self, question: str, **more: object) -> list[Event]:
        """The events of a streamed answer."""
        reply = self.post("/ask", {"question": question, **more})
        assert (reply.status, reply.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        return events_in(reply.body)

    def logged(self) -> str:
        """What it has written on standard error so far."""
        self.log.flush()
        self.log.seek(0)
        return self.log.read()

    def metric(self, name: str) -> float:
        """The value of one series, as it is written: `name{label="value"}`; 0 where there is none."""
        lines = self.get("/metrics").body.decode().splitlines()
        return next((float(line.rpartition(" ")[2]) for line in lines if line.rpartition(" ")[0] == name), 0.0)

    def _exchange(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Reply:
        with contextlib.closing(self.connection()) as connection:
            connection.request(method, path, body, dict(headers))
            response = connection.getresponse()
            return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())


def events_in(body: bytes) -> list[Event]:
    """The events of a stream that has ended; nothing may be left over."""
    *events, rest = body.decode().split("\n\n")
    assert rest == ""
    found: list[Event] = []
    for event in events:
        name, data = event.split("\n")
        found.append(Event(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


@contextlib.contextmanager
def running(
    index: Path, *flags: object, environment: Mapping[str, str] | None = None, max_files: int | None = None
) -> Iterator[RunningService]:
    """A service on any free port, which is ended with the block. It may have `max_files` files open."""
    command = [sys.executable, "-m", "knowligo_index", "serve", "--json", "--port", "0", "--threads", "1"]
    command += ["--index", str(index), *map(str, flags)]
    if max_files is not None:
        command = ["sh", "-c", f'ulimit -n {max_files}; exec "$@"', "sh", *command]
    clean = {name: value for name, value in os.environ.items() if name not in ("GROQ_API_KEY", "GROQ_API_KEY_FILE")}
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as log,
        subprocess.Popen(
            command, cwd=ROOT, env={**clean, **(environment or {})}, stdout=subprocess.PIPE, stderr=log, text=True
        ) as process,
    ):
        try:
            assert process.stdout is not None
            line = process.stdout.readline() + process.stdout.readline() + process.stdout.readline()
            log.seek(0)
            assert line, log.read()
            yield RunningService(process, json.loads(line)["url"], log)
        finally:
            process.terminate()
            try:
                process.wait(10)
            finally:
                process.kill()


def serve(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a service that does not start, to its end."""
    command = [sys.executable, "-m", "knowligo_index", "serve", *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=60
    )


def wait_until(what: str, seconds: float = 10.0) -> Iterator[None]:
    """For a loop that ends when it has seen what it waits for; fails when that takes too long."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        yield
        time.sleep(0.02)
    raise AssertionError(f"{what} has not come about within {seconds} s")


def wait_for(service: RunningService, **expected: object) -> dict[str, object]:
    """Until /health says so."""
    for _ in wait_until(f"{expected} in /health"):
        health: dict[str, object] = service.get("/health").json
        if expected.items() <= health.items():
            return health
    raise AssertionError
