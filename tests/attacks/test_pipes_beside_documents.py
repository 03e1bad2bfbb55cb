"""A named pipe in a folder that others write to, under a name that commands look for, is waited for by none of them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs named pipes")

SECONDS = 20


def error_of(folder: Path, *arguments: str) -> str:
    """What the command prints on standard error, in that folder; it must end by itself with exit code 1 or 2."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "knowligo_index", *arguments],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.returncode in (1, 2), done.stderr
    return done.stderr


def test_in_place_of_knowligo_toml(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "knowligo.toml")
    assert error_of(tmp_path, "search", "x") == (
        "Error: knowligo.toml cannot be read as TOML (a named pipe instead of a regular file): correct it or remove "
        "it.\n"
    )


def test_in_place_of_the_golden_questions(tmp_path: Path) -> None:
    documents = tmp_path / "knowledge"
    documents.mkdir()
    (documents / "a.md").write_text("# Una\n\nPalabra.\n")
    os.mkfifo(documents / "questions.jsonl")
    error = error_of(tmp_path, "build", "knowledge", "--quiet")
    assert error == (
        "Error: cannot read the golden questions knowledge/questions.jsonl (a named pipe instead of a regular file): "
        "name another file.\n"
    )
    assert not (tmp_path / "indexes" / "CURRENT").exists()
