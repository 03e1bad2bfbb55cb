"""What the escapes are after."""

import os
import shutil
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from escapes import ESCAPES


@contextmanager
def escape_target(folder: Path) -> Iterator[dict[str, str]]:
    """Makes for each escape a folder with files, and for all of them a process, a listening port and a key in the
    environment. Gives the code of each escape that is after these, by name."""
    original = folder / "original"
    (original / "empty").mkdir(parents=True)
    (original / "secret").write_text("secret")
    connection = sqlite3.connect(original / "database")
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    os.environ["GROQ_API_KEY"] = "gsk_secret"
    with socket.create_server(("127.0.0.1", 0)) as server, subprocess.Popen(["sleep", "600"]) as process:
        try:
            words = {"PID": str(process.pid), "PORT": str(server.getsockname()[1])}
            yield {
                name: _filled_in(code, words | {"FOLDER": str(shutil.copytree(original, folder / str(number)))})
                for number, (name, code) in enumerate(ESCAPES.items())
            }
        finally:
            process.kill()
            del os.environ["GROQ_API_KEY"]


def _filled_in(code: str, words: dict[str, str]) -> str:
    for word, value in words.items():
        code = code.replace(word, value)
    return code
