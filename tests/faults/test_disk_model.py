"""The disk model that the power cuts are played on, with answers known by hand."""

import random
from pathlib import Path

import pytest
from disk_model import Disk, File, Folder, Tree, write_tree
from tracing import Call

CREATING = (b"", b"O_WRONLY|O_CREAT")


def call(name: str, *paths: Path, arguments: tuple[bytes, ...] = (), result: int = 0) -> Call:
    return Call(name, 1, arguments, paths, result)


def possible(disk: Disk) -> list[Tree]:
    """Every state that the model tells apart here, the emptiest first."""
    states = {repr(sorted(state.items())): state for state in disk.states(random.Random(0), more=60)}
    return sorted(states.values(), key=lambda state: (len(state), repr(sorted(state.items()))))


def test_a_new_file_is_there_or_not_until_its_folder_is_flushed(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    disk.apply(call("openat", tmp_path / "new", arguments=CREATING))
    assert possible(disk) == [{}, {"new": b""}]
    disk.apply(call("fsync", tmp_path / "new"))
    assert possible(disk) == [{}, {"new": b""}]
    disk.apply(call("fsync", tmp_path))
    assert possible(disk) == [{"new": b""}]


def test_a_write_is_kept_lost_torn_or_zeros_until_its_file_is_flushed(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    disk = Disk(tmp_path)
    disk.apply(call("write", tmp_path / "file", arguments=(b"3", b"a" * 600)))
    contents = {state["file"] for state in possible(disk)}
    assert contents == {b"", b"a" * 512, b"\0" * 600, b"a" * 512 + b"\0" * 88, b"a" * 600}
    disk.apply(call("fsync", tmp_path))
    assert len(possible(disk)) == 5
    disk.apply(call("fsync", tmp_path / "file"))
    assert possible(disk) == [{"file": b"a" * 600}]


def test_writes_are_lost_one_without_the_other(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"----")
    disk = Disk(tmp_path)
    disk.apply(call("pwrite64", tmp_path / "file", arguments=(b"3", b"aa", b"2", b"0")))
    disk.apply(call("pwrite64", tmp_path / "file", arguments=(b"3", b"bb", b"2", b"4")))
    first, second = (b"--", b"aa", b"\0\0"), (b"", b"bb", b"\0\0")
    assert {state["file"] for state in possible(disk)} == {one + b"--" + two for one in first for two in second}


def test_a_cut_is_kept_or_lost_whether_by_opening_or_by_itself(tmp_path: Path) -> None:
    (tmp_path / "opened").write_bytes(b"1")
    (tmp_path / "cut").write_bytes(b"2")
    disk = Disk(tmp_path)
    disk.apply(call("openat", tmp_path / "opened", arguments=(b"", b"O_WRONLY|O_CREAT|O_TRUNC")))
    disk.apply(call("ftruncate", tmp_path / "cut", arguments=(b"3", b"0")))
    found = {(state["opened"], state["cut"]) for state in possible(disk)}
    assert found == {(b"1", b"2"), (b"", b"2"), (b"1", b""), (b"", b"")}


def test_a_rename_comes_whole_or_not_at_all_and_without_what_happened_beside_it(tmp_path: Path) -> None:
    (tmp_path / "new").write_bytes(b"new")
    (tmp_path / "old").write_bytes(b"old")
    disk = Disk(tmp_path)
    disk.apply(call("mkdir", tmp_path / "folder"))
    disk.apply(call("rename", tmp_path / "new", tmp_path / "old"))
    before: Tree = {"new": b"new", "old": b"old"}
    after: Tree = {"old": b"new"}
    folder: Tree = {"folder": None}
    assert possible(disk) == [after, after | folder, before, before | folder]
    disk.apply(call("fsync", tmp_path))
    assert possible(disk) == [after | folder]


def test_what_is_in_a_folder_may_go_before_its_rename_is_sure(tmp_path: Path) -> None:
    """Why `gc` flushes the rename first: else the version had its name and not all its files."""
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "file").write_bytes(b"x")
    disk = Disk(tmp_path)
    disk.apply(call("rename", tmp_path / "1", tmp_path / ".1"))
    disk.apply(call("unlinkat", tmp_path / ".1" / "file"))
    half: Tree = {"1": None}
    assert half in possible(disk)
    assert len(possible(disk)) == 4
    disk.apply(call("fsync", tmp_path))
    assert half not in possible(disk)
    disk.apply(call("rmdir", tmp_path / ".1"))
    assert possible(disk) == [{}, {".1": None}, {".1": None, ".1/file": b"x"}]


def test_a_call_that_failed_did_nothing_and_one_that_is_unknown_is_refused(tmp_path: Path) -> None:
    disk = Disk(tmp_path)
    disk.apply(call("mkdir", tmp_path / "folder", result=-1))
    assert possible(disk) == [{}]
    with pytest.raises(ValueError, match=r"^the model does not know link number 1 \(a\)$"):
        disk.apply(call("link", tmp_path / "a"))


def test_the_model_begins_with_what_is_on_the_disk_and_ends_there(tmp_path: Path) -> None:
    tree: Tree = {"folder": None, "folder/file": b"x"}
    write_tree(tree, tmp_path / "made")
    disk = Disk(tmp_path / "made")
    assert disk.top == Folder({"folder": Folder({"file": File(b"x")})})
    assert disk.everything() == tree
