"""No way out of the process that parses a file: each of the escapes succeeds in an ordinary process, and none in that
one."""

import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from escapes import ESCAPES
from support.bad_parser import BAD_PARSER, bad_parser_installed, outcomes

from knowligo_index.sources.sandbox.process import missing_protections

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or bool(missing_protections()), reason="needs Landlock and seccomp"
)


@pytest.fixture
def target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """What the escapes are after."""
    folder = tmp_path / "target"
    (folder / "empty").mkdir(parents=True)
    (folder / "secret").write_text("secret")
    connection = sqlite3.connect(folder / "database")
    connection.execute("CREATE TABLE t (x)")
    connection.close()
    monkeypatch.setenv("GROQ_API_KEY", "gsk_secret")
    with socket.create_server(("127.0.0.1", 0)) as server, subprocess.Popen(["sleep", "60"]) as process:
        yield {"FOLDER": str(folder), "PID": str(process.pid), "PORT": str(server.getsockname()[1])}
        process.kill()


def code_of(name: str, target: dict[str, str]) -> str:
    code: str = ESCAPES[name]
    for word, value in target.items():
        code = code.replace(word, value)
    return code


@pytest.mark.parametrize("name", ESCAPES)
def test_an_escape_succeeds_in_an_ordinary_process(name: str, target: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", BAD_PARSER + code_of(name, target)], check=False, capture_output=True, text=True
    )
    if "PermissionError" in done.stderr or "not implemented" in done.stderr:
        pytest.skip("this user, or this kernel, may not do that in any process")
    assert (done.returncode, done.stderr) == (0, "")


def test_none_succeeds_in_the_process_of_a_parser(
    target: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "installed"
    installed.mkdir()
    before = {path.name: path.stat() for path in Path(target["FOLDER"]).iterdir()}
    with bad_parser_installed(installed, monkeypatch):
        became = dict(zip(ESCAPES, outcomes([code_of(name, target) for name in ESCAPES]), strict=True))
    assert [name for name, outcome in became.items() if outcome == "parsed"] == []
    after = {path.name: path.stat() for path in Path(target["FOLDER"]).iterdir()}
    assert {name: (stat.st_size, stat.st_mtime_ns, stat.st_mode) for name, stat in after.items()} == {
        name: (stat.st_size, stat.st_mtime_ns, stat.st_mode) for name, stat in before.items()
    }
