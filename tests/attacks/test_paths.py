"""Paths whose bytes are not UTF-8: a build works with them, or says in one sentence why not."""

import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.small_knowledge import write_knowledge

from knowligo_index.cli import cli


@pytest.fixture
def strange(tmp_path: Path) -> Path:
    folder = tmp_path / os.fsdecode(b"a\xff\xc3")
    folder.mkdir()
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, [str(argument) for argument in arguments])


def build(knowledge: Path, index: Path, encoder: Path) -> Result:
    flags = ["--index", index, "--encoder", encoder, "--max-failed", 0.5, "--threads", 1]
    return run("build", knowledge, *flags)


def test_knowledge_and_index_may_be_anywhere(strange: Path, tiny_model: Path) -> None:
    """The encoder is exported into the index, in a process of its own."""
    knowledge, index = write_knowledge(strange / "knowledge"), strange / "indexes"
    built = build(knowledge, index, tiny_model)
    assert (built.exit_code, built.stderr) == (0, "")
    for command in (["search", "E-4012"], ["search", "E-4012", "--json"], ["show"], ["list"], ["verify"], ["gc"]):
        result = run(*command, "--index", index)
        assert (result.exit_code, result.stderr) == (0, "")
    exported = run("export-encoder", "--encoder", tiny_model, "--index", index, "--json")
    assert (exported.exit_code, exported.stdout.count(r"a\\xff\\xc3")) == (0, 1)


def test_the_path_of_an_encoder_is_recorded_in_the_index(tmp_path: Path, strange: Path, tiny_model: Path) -> None:
    model = Path(shutil.copytree(tiny_model, strange / "model"))
    result = build(write_knowledge(tmp_path / "knowledge"), tmp_path / "indexes", model)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        rf"Error: the path of encoder {tmp_path}/a\xff\xc3/model is not UTF-8, in which an index records it: rename "
        "the folder, or choose another with --encoder.\n"
    )


def test_an_encoder_that_is_no_path(tmp_path: Path) -> None:
    knowledge = write_knowledge(tmp_path / "knowledge")
    result = build(knowledge, tmp_path / "indexes", Path(os.fsdecode(b"mod\xff")))
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert result.stderr.startswith(r"Error: encoder 'mod\udcff' is neither a folder nor in the local hub cache: ")
