"""A server on this machine that speaks the protocol of Groq's chat completions, and misbehaves as it is told to."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATH = "/openai/v1/chat/completions"
KEY = "gsk_of-the-tests"


@dataclass(frozen=True)
class Script:
    """What it answers: bytes as they are, a number as a pause of so many seconds."""

    steps: Sequence[bytes | float]
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/event-stream"})
    delay: float = 0.0
    """seconds before anything is answered"""


def event(value: object) -> bytes:
    return b"data: " + json.dumps(value, ensure_ascii=False).encode() + b"\n\n"


def chunk(text: str | None = None, finish_reason: str | None = None, **delta: object) -> bytes:
    """A chunk as Groq sends it."""
    content = {"content": text} if text is not None else {}
    choice = {"index": 0, "delta": {**content, **delta}, "logprobs": None, "finish_reason": finish_reason}
    return event(
        {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1764000000,
            "model": "openai/gpt-oss-120b",
            "system_fingerprint": "fp_1",
            "choices": [choice],
        }
    )


LAST = chunk(finish_reason="stop")
DONE = b"data: [DONE]\n\n"


def saying(*pieces: str) -> Script:
    """An answer in these pieces, as it should be."""
    return Script([chunk("", role="assistant"), *map(chunk, pieces), LAST, DONE])


def failing(status: int, message: str, **headers: str) -> Script:
    body = json.dumps({"error": {"message": message, "type": "error"}}).encode()
    return Script([body], status, {"Content-Type": "application/json", **headers})


class GroqServer(ThreadingHTTPServer):
    """Answers every question by `script`, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.script = saying("Sí [1].")
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.hung_up = threading.Event()
        """set when a client has gone before its answer ended"""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: GroqServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != PATH:
            self.send_error(404)
            return
        self.server.asked.append(json.loads(body))
        self.server.keys.append(self.headers["Authorization"])
        script = self.server.script
        try:
            time.sleep(script.delay)
            self.send_response(script.status)
            for name, value in script.headers.items():
                self.send_header(name, value)
            self.send_header("Connection", "close")
            self.end_headers()
            for step in script.steps:
                if isinstance(step, bytes):
                    self.wfile.write(step)
                    self.wfile.flush()
                else:
                    time.sleep(step)
        except OSError:
            self.server.hung_up.set()
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


@contextlib.contextmanager
def groq_server() -> Iterator[GroqServer]:
    with GroqServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
