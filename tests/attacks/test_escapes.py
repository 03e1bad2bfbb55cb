"""No way out of the process that parses a file: each of the escapes succeeds in an ordinary process, and none in that
one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from escape_target import escape_target
from escapes import BY_LANDLOCK, BY_SECCOMP, ESCAPES, EVERYWHERE, succeeded
from support.bad_parser import BAD_PARSER, bad_parser_installed, outcomes

from knowligo_index.sources.sandbox.process import missing_protections

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or bool(missing_protections()), reason="needs Landlock and seccomp"
)


@pytest.fixture
def codes(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The code of each escape."""
    with escape_target(tmp_path / "target") as codes_by_name:
        yield codes_by_name


def test_the_escapes_are_many_and_each_has_a_name_of_its_own() -> None:
    assert len(ESCAPES) == len(EVERYWHERE) + len(BY_LANDLOCK) + len(BY_SECCOMP) >= 100


@pytest.mark.parametrize("name", ESCAPES)
def test_an_escape_succeeds_in_an_ordinary_process(name: str, codes: dict[str, str], tmp_path: Path) -> None:
    # It has what the other one may not have: a file and pipes of its parent, and something to read.
    with (tmp_path / "target" / "original" / "secret").open() as file:
        inherited = (file.fileno(), *os.pipe(), *os.pipe())
        done = subprocess.run(
            [sys.executable, "-c", BAD_PARSER + codes[name]],
            check=False,
            capture_output=True,
            text=True,
            input="x",
            pass_fds=inherited,
        )
        for descriptor in inherited[1:]:
            os.close(descriptor)
    if "PermissionError" in done.stderr or "not implemented" in done.stderr:
        pytest.skip("this user, or this kernel, may not do that in any process")
    assert (done.returncode, done.stderr) == (0, "")


def test_none_succeeds_in_the_process_of_a_parser(
    codes: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed = tmp_path / "installed"
    installed.mkdir()
    before = state_of(tmp_path / "target")
    with bad_parser_installed(installed, monkeypatch):
        became = dict(zip(codes, outcomes(list(codes.values())), strict=True))
    assert [name for name, outcome in became.items() if succeeded(outcome)] == []
    assert state_of(tmp_path / "target") == before


def state_of(folder: Path) -> dict[str, tuple[int, int, int, bytes]]:
    files = {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*"))}
    return {
        name: (stat.st_size, stat.st_mtime_ns, stat.st_mode, path.read_bytes() if path.is_file() else b"")
        for name, path in files.items()
        for stat in [path.lstat()]
    }
