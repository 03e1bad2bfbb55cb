"""verify, rollback, gc and diff at the command line: what they print, and what they exit with."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from launching import Command
from scenario import digest_of, number_of_live_version, publish

from knowligo_index.cli import cli
from knowligo_index.store import Store
from knowligo_index.store.publishing import writing

ONE, TWO, THREE = (f"{number}-{digest_of(number)}" for number in (1, 2, 3))


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Versions 1, 2 and 3, the last one live."""
    for number in (1, 2, 3):
        publish(tmp_path / "indexes", number)
    return tmp_path / "indexes"


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments, "--index", str(root)], prog_name="knowligo-index")


def as_json(result: Result) -> Any:
    assert result.stderr == ""
    return json.loads(result.stdout)


def size_of(root: Path, version_id: str) -> int:
    """Bytes of the three files that a manifest lists."""
    folder = root / "versions" / version_id
    return sum((folder / name).stat().st_size for name in ("chunks.sqlite", "ledger.jsonl", "vectors.faiss"))


def test_verify_says_which_versions_are_whole_and_exits_with_1_where_one_is_not(root: Path) -> None:
    whole = run(root, "verify")
    assert (whole.exit_code, whole.stdout) == (0, f"* {THREE}  intact: 3 files, 0.0 MB\n")
    path = root / "versions" / ONE / "ledger.jsonl"
    path.write_bytes(b"")
    assert run(root, "verify", TWO).exit_code == 0
    damaged = run(root, "verify", "--all", "--json")
    assert damaged.exit_code == 1
    verdicts = as_json(damaged)["versions"]
    assert [(each["version"], each["current"], each["ok"], each["files"]) for each in verdicts] == [
        (ONE, False, False, 3),
        (TWO, False, True, 3),
        (THREE, True, True, 3),
    ]
    assert verdicts[1] == {
        "version": TWO,
        "current": False,
        "ok": True,
        "files": 3,
        "bytes": size_of(root, TWO),
        "problems": [],
        "readable": True,
        "signed": None,
    }
    assert verdicts[0]["problems"][0].startswith(f"{path} is damaged (0 bytes instead of ")
    assert f"  {ONE}  DAMAGED: {path} is damaged (0 bytes instead of " in run(root, "verify", "--all").stdout


def test_verify_takes_a_version_or_all_of_them(root: Path) -> None:
    both = run(root, "verify", ONE, "--all")
    assert both.exit_code == 2
    assert both.stderr == f"Error: --all and the version {ONE} exclude each other: give one of them.\n"
    gone = run(root, "verify", "9-0123456789ab")
    assert (gone.exit_code, gone.stdout) == (1, "")
    assert gone.stderr.startswith(f"Error: there is no version 9-0123456789ab in {root}: ")


def test_rollback_says_where_the_index_is_and_where_it_was(root: Path) -> None:
    back = run(root, "rollback")
    assert (back.exit_code, back.stdout) == (0, f"Version {TWO} is live now; before, it was {THREE}.\n")
    assert as_json(run(root, "rollback", TWO, "--json")) == {"version": TWO, "previous": TWO, "status": "unchanged"}
    assert as_json(run(root, "rollback", THREE, "--json")) == {"version": THREE, "previous": TWO, "status": "moved"}
    assert run(root, "rollback", THREE).stdout == f"Version {THREE} is already live.\n"
    assert number_of_live_version(root) == 3


def test_rollback_with_nowhere_to_go_says_so(root: Path) -> None:
    run(root, "rollback", ONE)
    back = run(root, "rollback")
    assert (back.exit_code, back.stdout) == (1, "")
    assert back.stderr.startswith(f"Error: there is no version before the live one in {root}: ")
    assert number_of_live_version(root) == 1


@pytest.mark.parametrize("command", [("rollback",), ("gc",), ("gc", "--dry-run"), ("verify",), ("diff",), ("list",)])
def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path, command: tuple[str, ...]) -> None:
    result = run(tmp_path / "typo", *command)
    if command != ("list",):
        assert (result.exit_code, result.stdout) == (1, "")
        assert result.stderr.startswith(f"Error: there is no index in {tmp_path / 'typo'}: ")
    assert not (tmp_path / "typo").exists()


def test_gc_says_what_it_removes_and_what_it_would(root: Path) -> None:
    expected = {"removed": [f"versions/{ONE}"], "in_use": [], "kept": [TWO, THREE], "cache_bytes": 0}
    would = as_json(run(root, "gc", "--keep", "1", "--dry-run", "--json"))
    assert Store(root).version_ids() == [ONE, TWO, THREE]
    size = would.pop("bytes")
    assert would == expected
    assert size_of(root, ONE) < size < size_of(root, ONE) + 3000
    assert as_json(run(root, "gc", "--keep", "1", "--json")) == expected | {"bytes": size}
    assert Store(root).version_ids() == [TWO, THREE]
    assert run(root, "gc", "--keep", "0").exit_code == 2


def test_diff_says_what_changed(root: Path) -> None:
    text = run(root, "diff").stdout
    assert text.startswith(f"{TWO} -> {THREE}\n  documents  3 differ, 0 unchanged\n  passages   6 added, 6 removed, ")
    found = as_json(run(root, "diff", ONE, TWO, "--json"))
    assert (found["old"], found["new"], found["documents_unchanged"]) == (ONE, TWO, 0)
    assert found["documents"][0] == {"source": "0.md", "change": "changed", "chunks_before": 2, "chunks_after": 2}
    assert found["chunks"] == {"added": 6, "removed": 6, "moved": 0, "unchanged": 0}


@pytest.mark.parametrize("command", [("rollback",), ("gc",)])
def test_a_second_process_exits_with_75_and_says_who_the_first_is(
    root: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    with writing(Store(root), "build"):
        second = Command([*command, "--index", str(root)], tmp_path)
        assert second.run() == 75
    assert second.output().startswith(f"Error: the index {root} is locked by `build`, process {os.getpid()} on ")
    assert second.output().count("\n") == 1
    assert Command([*command, "--index", str(root)], tmp_path).run() == 0
