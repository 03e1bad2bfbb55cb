"""A disk that is full, broken or read-only: the command says so in a sentence, and the live version stays."""

import contextlib
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from index_operations import OPERATIONS, Operation, check_next_publish, check_whole, fresh, prepare
from launching import Command
from scenario import ENCODER, digest_of, manifest_of, number_of_live_version, publish
from tracing import Call, calls_in, fail_at, kill_at, needs_strace, record

from knowligo_index.errors import StorageError
from knowligo_index.store import Store
from knowligo_index.store.manifest import LEDGER_FILE, VECTORS_FILE
from knowligo_index.store.publishing import writing
from knowligo_index.store.staging import Staging

ERRORS = ["EIO", "ENOSPC", "EROFS"]
SENTENCE = re.compile(
    r"Error: [^\n]+ (?:(?:check the disk|correct that) and (?:try|build) again|the index was not changed)\.\n"
)


def kinds(calls: Sequence[Call]) -> list[Call]:
    """The first call of each kind, and the last: the one that is most likely to be overlooked."""
    first = {call.name: call for call in reversed(calls)}
    last = {call.name: call for call in calls}
    return [call for call in calls if call in (first[call.name], last[call.name])]


@needs_strace
@pytest.mark.parametrize("for_ever", [False, True], ids=["once", "for ever"])
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=list(OPERATIONS))
def test_a_call_that_fails_fails_the_command_and_the_old_version_stays(
    tmp_path: Path, operation: Operation, for_ever: bool, whole: bool
) -> None:
    prepared = prepare(tmp_path, operation)
    root = fresh(prepared)
    calls = record(operation.arguments(root), root, tmp_path)
    failed = tried = 0
    for call in calls if whole else kinds(calls):
        for error in ERRORS if whole else [ERRORS[call.ordinal % 3]]:
            root = fresh(prepared)
            tried += 1
            command = fail_at(call, error, operation.arguments(root), tmp_path, for_ever=for_ever)
            status = command.wait()
            assert status in (0, 1), f"{error} of {call}: {status}, {command.output()}"
            if status == 0:
                # What may fail without harm: to sign the lock, and to remove what the next command will.
                assert call.paths[-1].name in (".lock", ".staging") or ".staging" in str(call.paths[-1]), call
                assert check_whole(root, {operation.after}) == operation.after
            else:
                failed += 1
                assert check_whole(root, {operation.before or None}) == (operation.before or None), f"{error} of {call}"
                # Where every write fails, so does printing.
                assert (for_ever and call.name == "write") or SENTENCE.fullmatch(command.output()), command.output()
            check_next_publish(root)
    print(f"{failed} of {tried} failed")
    assert failed


@needs_strace
def test_a_flush_that_failed_is_the_last_one(tmp_path: Path, whole: bool) -> None:
    """The system may have dropped what it could not write, and would call the next flush a success."""
    prepared = prepare(tmp_path, OPERATIONS["publish"])
    root = fresh(prepared)
    calls = record(OPERATIONS["publish"].arguments(root), root, tmp_path)
    flushes = [call for call in calls if call.name in ("fsync", "fdatasync")]
    assert len(flushes) == 12
    for call in flushes if whole else flushes[::4]:
        root = fresh(prepared)
        command = fail_at(call, "EIO", OPERATIONS["publish"].arguments(root), tmp_path)
        assert command.wait() == 1
        traced = calls_in((tmp_path / "trace").read_text(), root, command.pid)
        assert (traced[-1].ordinal, traced[-1].result) == (call.ordinal, -1), f"{traced[-1]} after {call}"


@needs_strace
@pytest.mark.parametrize("name", ["the first publish", "publish", "rollback"])
def test_killed_while_current_is_put_back_the_index_is_whole(tmp_path: Path, name: str) -> None:
    operation = OPERATIONS[name]
    prepared = prepare(tmp_path, operation)
    root = fresh(prepared)
    last_flush = [call for call in record(operation.arguments(root), root, tmp_path) if call.name == "fsync"][-1]
    assert last_flush.paths == (root,)
    root = fresh(prepared)
    calls = record(operation.arguments(root), root, tmp_path, failing=last_flush)
    assert number_of_live_version(root) == (operation.before or None)
    failed = [(call.name, call.ordinal) for call in calls].index((last_flush.name, last_flush.ordinal))
    putting_back = calls[failed + 1 :]
    assert len(putting_back) > 2
    for call in putting_back:
        root = fresh(prepared)
        assert kill_at(call, operation.arguments(root), tmp_path, failing=last_flush) == -9, f"{call} did not come"
        check_whole(root, {operation.before or None, operation.after})
        check_next_publish(root)


class Forgetful(Staging):
    """On a disk that keeps something else than what was written into one of the files."""

    def __init__(self, folder: Path, name: str) -> None:
        super().__init__(folder)
        self._name = name

    def write(self, name: str, data: bytes) -> None:
        super().write(name, data)
        if name == self._name:
            (self.folder / name).write_bytes(data[:-1] + b"?")


@pytest.mark.parametrize("name", [VECTORS_FILE, LEDGER_FILE, "manifest.json", "manifest.json.sha256"])
def test_what_does_not_read_back_as_it_was_written_is_not_published(tmp_path: Path, name: str) -> None:
    publish(tmp_path, 1)
    with writing(Store(tmp_path), "test") as writer, writer.staging() as staged:
        forgetful = Forgetful(staged.folder, name)
        forgetful.write(VECTORS_FILE, b"vectors")
        forgetful.write(LEDGER_FILE, b"ledger")
        with pytest.raises(StorageError, match=rf"^{staged.folder / name} does not read back as it was written: "):
            writer.seal(forgetful, manifest_of(2, 2))
    assert number_of_live_version(tmp_path) == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, in memory, with room for some versions."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", folder], check=False)
    if mounted.returncode:
        pytest.skip("no right to mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


ENCODER_FILES = ["encoder.json", "encoder.json.sha256", "model.bin", "model.xml", "tokenizer.json"]


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def test_a_full_disk_leaves_the_live_version_and_gc_makes_room(small_disk: Path, tmp_path: Path) -> None:
    root = small_disk / "index"
    number = 1
    publish(root, number)
    with contextlib.suppress(StorageError):
        while True:
            before = files_below(root)
            publish(root, number + 1)
            number += 1
    assert number > 3
    assert number_of_live_version(root) == number
    # The version that did not fit left nothing of it behind.
    assert files_below(root) == before
    filler = small_disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(b"x")
    command = Command(["scenario:command", str(number + 1), "--index", str(root)], tmp_path)
    assert command.run() == 1
    assert re.fullmatch(r"Error: .* \(?(?:no space left on device|database or disk is full)\)?.*\n", command.output())
    assert number_of_live_version(root) == number
    assert Command(["gc", "--keep", "1", "--index", str(root)], tmp_path).run() == 0
    assert Store(root).version_ids() == [f"{kept}-{digest_of(kept)}" for kept in (number - 1, number)]
    publish(root, number + 1)
    assert number_of_live_version(root) == number + 1


def test_a_read_only_disk_is_read_and_not_written(small_disk: Path, tmp_path: Path) -> None:
    root = small_disk / "index"
    for number in (1, 2, 3, 4):
        publish(root, number)
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    reading = {
        "list": "4-",
        "show": digest_of(4),
        "diff": digest_of(3),
        "verify --all": "  intact: 3 files",
        "gc --keep 1 --dry-run": digest_of(2),
        "search gato --mode lexical": "version4",
    }
    for words, expected in reading.items():
        command = Command([*words.split(), "--index", str(root)], tmp_path)
        assert (command.run(), expected in command.output()) == (0, True), command.output()
    for words in ("scenario:command 5", "rollback", "gc --keep 1"):
        command = Command([*words.split(), "--index", str(root)], tmp_path)
        assert command.run() == 1
        lock = root / ".lock"
        assert command.output() == (
            f"Error: cannot open {lock} (read-only file system): make the folder writable and try again; the index was "
            "not changed.\n"
        )
    assert number_of_live_version(root) == 4
    assert files_below(root) == {
        *("CURRENT", ".lock", "versions", "encoders", f"encoders/{ENCODER.fingerprint}"),
        *(f"encoders/{ENCODER.fingerprint}/{name}" for name in ENCODER_FILES),
    } | {
        f"versions/{version_id}{name}"
        for version_id in Store(root).version_ids()
        for name in ("", "/chunks.sqlite", "/ledger.jsonl", "/manifest.json", "/manifest.json.sha256", "/vectors.faiss")
    }
    subprocess.run(["mount", "-o", "remount,rw", small_disk], check=True)
    check_next_publish(root)
