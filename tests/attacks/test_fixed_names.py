"""Links, pipes and other entries under the names that commands write to: nothing of somebody else is written to, and
nobody waits for the other end of a pipe."""

import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from scenario import number_of_live_version, publish

from knowligo_index.errors import IndexLockedError, StorageError
from knowligo_index.operations.night_result import NightResult, write_result
from knowligo_index.service.live_index import LiveIndex
from knowligo_index.store import Store
from knowligo_index.store.garbage import collect_garbage
from knowligo_index.store.locks import writer_lock
from knowligo_index.store.publishing import writing
from knowligo_index.store.staging import leftovers
from knowligo_index.system.blob_cache import BlobCache
from knowligo_index.system.hash_memo import HashMemo

THEIRS = b"of somebody else"


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    path = tmp_path / "theirs"
    path.write_bytes(THEIRS)
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    publish(tmp_path / "indexes", 1)
    return tmp_path / "indexes"


def ends(call: Callable[[], object], seconds: float = 20) -> object:
    """What the call returns, if it does not wait for ever."""
    results: list[object] = []
    thread = threading.Thread(target=lambda: results.append(call()), daemon=True)
    thread.start()
    thread.join(seconds)
    assert not thread.is_alive(), f"no end within {seconds} s"
    return results[0]


def test_the_lock_is_not_looked_for_behind_a_link(root: Path, theirs: Path) -> None:
    (root / ".lock").unlink()
    (root / ".lock").symlink_to(theirs)
    with pytest.raises(StorageError) as refused, writer_lock(root, "build"):
        pass
    assert str(refused.value) == (
        f"{root / '.lock'} is a link, and the lock needs a regular file there: remove it and try again; the index was "
        "not changed."
    )
    assert theirs.read_bytes() == THEIRS


def test_the_lock_of_a_hard_link_is_a_lock_and_not_written_to(root: Path, theirs: Path) -> None:
    (root / ".lock").unlink()
    (root / ".lock").hardlink_to(theirs)
    with writer_lock(root, "build"):
        assert theirs.read_bytes() == THEIRS
        with pytest.raises(IndexLockedError), writer_lock(root, "gc"):
            pass
    assert theirs.read_bytes() == THEIRS


def test_what_the_lock_says_comes_in_one_line(root: Path) -> None:
    with writer_lock(root, "build"):
        (root / ".lock").write_bytes(b"\x1b[2Jme\nError: all is well\r\xff")
        with pytest.raises(IndexLockedError) as refused, writer_lock(root, "gc"):
            pass
    assert str(refused.value) == (
        f"the index {root} is locked by [2JmeError: all is well\ufffd: wait until it is done, or stop it, and try "
        "again."
    )


def test_the_hashes_are_not_written_through_a_link(
    tmp_path: Path, theirs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache" / "hashes.new").symlink_to(theirs)
    source = tmp_path / "source"
    source.write_bytes(b"gato")
    now = time.time_ns
    # A file that has just been written is not remembered.
    monkeypatch.setattr(time, "time_ns", lambda: now() + 3_600 * 10**9)
    memo = HashMemo(tmp_path / "cache" / "hashes")
    memo.hash_file(source)
    memo.save()
    assert theirs.read_bytes() == THEIRS
    assert sorted(path.name for path in (tmp_path / "cache").iterdir()) == ["hashes"]


def test_hashes_that_are_a_pipe_are_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "hashes")
    assert ends(lambda: HashMemo(tmp_path / "hashes").recall(tmp_path)) is None


@pytest.mark.parametrize("suffix", ["", "-wal", "-shm", "-journal"])
@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
def test_the_cache_writes_to_no_database_of_somebody_else(
    tmp_path: Path, suffix: str, link: Callable[[Path, Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    database = tmp_path / "database"
    connection = sqlite3.connect(database)
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = database.read_bytes()
    path = tmp_path / "cache" / "results.sqlite"
    path.parent.mkdir()
    file = path.with_name(path.name + suffix)
    link(file, database)
    with BlobCache(path) as cache:
        cache.put({b"key": b"value"})
        assert cache.get([b"key"]) == {b"key": b"value"}
    assert database.read_bytes() == before
    kind = "a link" if link is Path.symlink_to else "a file with a second name (a hard link)"
    assert caplog.messages == [f"{file} was {kind} and not a file of the cache: it is replaced."]
    with BlobCache(path) as cache:
        assert cache.get([b"key"]) == {b"key": b"value"}


def test_a_cache_that_is_a_folder_is_replaced(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "cache" / "results.sqlite"
    (path / "folder").mkdir(parents=True)
    with BlobCache(path) as cache:
        cache.put({b"key": b"value"})
        assert cache.get([b"key"]) == {b"key": b"value"}
    assert caplog.messages == [f"{path} was a folder and not a file of the cache: it is replaced."]


def test_gc_writes_to_no_database_of_somebody_else(root: Path, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "database")
    connection.execute("CREATE TABLE theirs (x)")
    connection.close()
    before = (tmp_path / "database").read_bytes()
    (root / "cache").mkdir()
    (root / "cache" / "results.sqlite").symlink_to(tmp_path / "database")
    with writing(Store(root), "gc") as writer:
        assert collect_garbage(Store(root), 1, writer, cache_bytes=0).cache_bytes == 0
    assert (tmp_path / "database").read_bytes() == before


def test_a_temporary_current_that_is_a_folder_stops_nothing(root: Path) -> None:
    (root / ".CURRENT.new" / "folder").mkdir(parents=True)
    publish(root, 2)
    assert number_of_live_version(root) == 2
    assert not (root / ".CURRENT.new").exists()


@pytest.mark.parametrize("link", [Path.symlink_to, Path.hardlink_to])
def test_a_current_that_is_a_link_is_replaced_and_not_written_to(
    root: Path, theirs: Path, link: Callable[[Path, Path], None]
) -> None:
    for change in (lambda writer: writer.rollback(Store(root).version_ids()[0]), None):
        (root / "CURRENT").unlink()
        link(root / "CURRENT", theirs)
        if change is None:
            publish(root, 2)
        else:
            with writing(Store(root), "rollback") as writer:
                assert change(writer).status == "moved"
        assert (root / "CURRENT").stat().st_nlink == 1
        assert theirs.read_bytes() == THEIRS
    assert number_of_live_version(root) == 2


def test_leftovers_that_are_nested_too_deeply_stop_nothing(root: Path) -> None:
    here = Path.cwd()
    (root / "versions/.staging").mkdir()
    os.chdir(root / "versions/.staging")
    try:
        for _ in range(3000):
            Path("d").mkdir()
            os.chdir("d")
    finally:
        os.chdir(here)
    try:
        publish(root, 2)
        assert number_of_live_version(root) == 2
        with writing(Store(root), "gc") as writer:
            collect_garbage(Store(root), 1, writer)
        assert leftovers(Store(root)) == ["versions/.staging"]
    finally:
        # Deeper than Python removes.
        assert os.spawnlp(os.P_WAIT, "rm", "rm", "-rf", str(root / "versions/.staging")) == 0


def test_a_current_that_is_a_pipe_is_not_waited_for_by_the_service(index: Path) -> None:
    live = LiveIndex(index, threads=1)
    (index / "CURRENT").unlink()
    os.mkfifo(index / "CURRENT")
    assert ends(live.refresh) is False
    assert live.refresh_problem is not None
    assert live.refresh_problem.startswith(f"{index / 'CURRENT'} is damaged (a named pipe instead of a regular file): ")
    assert live.search("precio", 1, "lexical").hits


def night(requests: list[str]) -> NightResult:
    return NightResult("2027-01-01T03:15:00Z", "unchanged", 0, None, "1-0123456789ab", 0.5, requests, None, None)


def test_the_result_of_a_night_is_not_written_through_a_link(tmp_path: Path, theirs: Path) -> None:
    results = tmp_path / "results"
    results.mkdir()
    (results / f".latest.{os.getpid()}").symlink_to(theirs)
    (results / "latest.json").symlink_to(theirs)
    os.mkfifo(results / f".request.{os.getpid()}")
    ends(lambda: write_result(results, night(["request"])))
    assert theirs.read_bytes() == THEIRS
    assert json.loads((results / "latest.json").read_bytes())["requests"] == ["request"]
    assert sorted(path.name for path in results.iterdir()) == ["latest.json", "request.json"]


def test_the_result_of_a_night_removes_no_file_of_somebody_else(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"{number}.json").write_text(json.dumps({"number": number}))
    (tmp_path / "dangling.json").symlink_to(tmp_path / "nothing")
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "pipe.json")
    names = sorted(path.name for path in tmp_path.iterdir())
    ends(lambda: write_result(tmp_path, night([])))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([*names, "latest.json"])
