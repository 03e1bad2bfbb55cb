import os
import time
from pathlib import Path

import pytest

from knowligo_index.system import hash_memo
from knowligo_index.system.hash_memo import HashMemo
from knowligo_index.system.hashing import FileEntry


@pytest.fixture(autouse=True)
def _an_hour_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that has just been written is not remembered, since its times do not show a second change."""
    now = time.time_ns
    monkeypatch.setattr(time, "time_ns", lambda: now() + 3_600 * 10**9)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a.md"
    path.write_bytes(b"gato")
    return path


@pytest.fixture
def memo_file(tmp_path: Path, file: Path) -> Path:
    """A memo with the hash of the file."""
    memo = HashMemo(tmp_path / "cache" / "hashes")
    memo.hash_file(file)
    memo.save()
    return tmp_path / "cache" / "hashes"


def test_an_unchanged_file_is_recalled(memo_file: Path, file: Path) -> None:
    assert HashMemo(memo_file).recall(file) == FileEntry.of(b"gato")
    assert HashMemo(memo_file).recall(file.with_name("other.md")) is None


def test_a_file_that_is_recalled_is_not_read_again(
    memo_file: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hash_memo, "hash_file", lambda path: pytest.fail(f"{path} was read"))
    assert HashMemo(memo_file).hash_file(file) == FileEntry.of(b"gato")


def rewritten(path: Path) -> None:
    """Other content of the same size, with the old time of modification."""
    before = path.stat()
    path.write_bytes(b"pato")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def replaced(path: Path) -> None:
    other = path.with_name("new")
    other.write_bytes(b"pato")
    before = path.stat()
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(path)


def linked(path: Path) -> None:
    other = path.rename(path.with_name("elsewhere"))
    path.symlink_to(other)


@pytest.mark.parametrize("change", [rewritten, replaced, linked, Path.unlink])
def test_a_file_that_may_have_changed_is_not_known(memo_file: Path, file: Path, change: object) -> None:
    assert callable(change)
    change(file)
    assert HashMemo(memo_file).recall(file) is None


def test_a_file_that_was_changed_just_before_is_not_remembered(
    tmp_path: Path, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modified = file.stat().st_ctime_ns
    for later, known in ((1_999_999_999, None), (2_000_000_001, FileEntry.of(b"gato"))):
        monkeypatch.setattr(time, "time_ns", lambda later=later: modified + later)
        memo = HashMemo(tmp_path / "cache" / "hashes")
        assert memo.hash_file(file) == FileEntry.of(b"gato")
        memo.save()
        assert HashMemo(tmp_path / "cache" / "hashes").recall(file) == known


def test_a_file_that_changed_while_it_was_read_is_not_remembered(tmp_path: Path, file: Path) -> None:
    memo = HashMemo(tmp_path / "hashes")
    observation = memo.observe(file)
    file.write_bytes(b"otro gato")
    observation.remember(FileEntry.of(b"gato"))
    memo.save()
    assert HashMemo(tmp_path / "hashes").recall(file) is None


@pytest.mark.parametrize("position", [0, 70, -3])
def test_a_damaged_memo_knows_nothing(memo_file: Path, file: Path, position: int) -> None:
    data = bytearray(memo_file.read_bytes())
    data[position] ^= 1
    memo_file.write_bytes(data)
    assert HashMemo(memo_file).recall(file) is None
    memo_file.write_bytes(data[: len(data) // 2])
    assert HashMemo(memo_file).recall(file) is None


def test_what_is_gone_is_forgotten(memo_file: Path, file: Path) -> None:
    other = file.with_name("b.md")
    other.write_bytes(b"perro")
    memo = HashMemo(memo_file)
    memo.hash_file(other)
    memo.save()
    after = HashMemo(memo_file)
    assert (after.recall(file), after.recall(other)) == (None, FileEntry.of(b"perro"))


def test_a_memo_that_cannot_be_written_is_a_warning(
    tmp_path: Path, file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cache").write_text("a file")
    memo = HashMemo(tmp_path / "cache" / "hashes")
    memo.hash_file(file)
    memo.save()
    assert f"{tmp_path / 'cache' / 'hashes'} cannot be written" in caplog.text


def test_a_name_that_is_not_utf8_is_remembered(tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/ra\xffro.md"))
    path.write_bytes(b"gato")
    memo = HashMemo(tmp_path / "hashes")
    memo.hash_file(path)
    memo.save()
    assert HashMemo(tmp_path / "hashes").recall(path) == FileEntry.of(b"gato")
