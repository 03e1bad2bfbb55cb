"""What the tests of deploy/ share."""

import contextlib
import http.server
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "deploy"


def tool(name: str, remedy: str) -> str:
    """Where a program is; without it the test is skipped, and says what to do."""
    # Programs that come with Python packages are beside the interpreter.
    path = shutil.which(name) or shutil.which(name, path=str(Path(sys.executable).parent))
    if path is None:
        pytest.skip(f"{name} is not there: {remedy}")
    return path


def output_of(command: Sequence[str | Path], **options: object) -> str:
    """What a command prints to both streams. It must end well."""
    run = subprocess.run(  # type: ignore[call-overload]
        [*map(str, command)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **options
    )
    assert run.returncode == 0, run.stdout
    return str(run.stdout)


@contextlib.contextmanager
def webhook() -> Iterator[tuple[str, list[object]]]:
    """A chat system that takes alerts: its address, and what it got."""
    received: list[object] = []

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Hook) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/alert", received
        finally:
            server.shutdown()
