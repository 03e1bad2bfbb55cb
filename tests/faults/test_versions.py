"""rollback, gc, verify and diff, on small real versions."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from scenario import CHUNKS, digest_of, number_of_live_version, publish

from knowligo_index import open_index
from knowligo_index.errors import DamagedIndexError, IndexLockedError, IndexNotFoundError, StorageError
from knowligo_index.evaluation.version_diff import ChunkChanges, DocumentChange, ValueChange, diff_versions
from knowligo_index.store import Store
from knowligo_index.store.current import Pointer
from knowligo_index.store.garbage import Garbage, collect_garbage
from knowligo_index.store.publishing import Rollback, Writer, writing
from knowligo_index.store.verification import verify_all, verify_version


def identity(counter: int, number: int | None = None) -> str:
    return f"{counter}-{digest_of(counter if number is None else number)}"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Versions 1, 2 and 3, the last one live."""
    for number in (1, 2, 3):
        publish(tmp_path / "indexes", number)
    return tmp_path / "indexes"


def roll_back(root: Path, version_id: str | None = None) -> Rollback:
    with writing(Store(root), "test") as writer:
        return writer.rollback(version_id)


def collect(root: Path, keep: int) -> Garbage:
    with writing(Store(root), "test") as writer:
        return collect_garbage(Store(root), keep, writer)


def versions(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "versions").iterdir())


def test_rollback_goes_to_the_version_that_was_live_before(root: Path) -> None:
    assert roll_back(root) == Rollback(identity(2), identity(3), "moved")
    assert number_of_live_version(root) == 2
    assert roll_back(root) == Rollback(identity(1), identity(2), "moved")
    with pytest.raises(IndexNotFoundError, match=f"^there is no version before the live one in {root}: "):
        roll_back(root)
    publish(root, 4)
    # Versions 2 and 3 were gone back from: 1 was live when 4 was published.
    assert roll_back(root) == Rollback(identity(1), identity(4), "moved")


def test_rollback_without_current_wants_to_be_told_where_to(root: Path) -> None:
    (root / "CURRENT").unlink()
    for go in (lambda: roll_back(root), lambda: Store(root).open()):
        with pytest.raises(IndexNotFoundError, match=r"CURRENT is missing, .* the 3 versions is live: name one with "):
            go()
    assert roll_back(root, identity(2)).status == "moved"
    assert number_of_live_version(root) == 2


def test_rollback_takes_the_next_lower_number_where_the_one_before_is_gone(root: Path) -> None:
    shutil.rmtree(root / "versions" / identity(2))
    assert roll_back(root).version == identity(1)


@pytest.mark.parametrize(
    "damage",
    [lambda folder: (folder / "manifest.json").write_bytes(b""), shutil.rmtree],
    ids=["no manifest", "no version"],
)
def test_rollback_needs_no_readable_live_version(root: Path, damage: Callable[[Path], object]) -> None:
    damage(root / "versions" / identity(3))
    assert roll_back(root) == Rollback(identity(2), identity(3), "moved")
    assert number_of_live_version(root) == 2


def test_rollback_to_the_live_version_changes_nothing(root: Path) -> None:
    before = (root / "CURRENT").stat().st_mtime_ns
    assert roll_back(root, identity(3)) == Rollback(identity(3), identity(3), "unchanged")
    assert (root / "CURRENT").stat().st_mtime_ns == before


@pytest.mark.parametrize("line", [b"", b"garbage", f"{identity(3)} {'0' * 64}\n".encode()], ids=["empty", "no", "hash"])
def test_rollback_to_a_named_version_mends_current(root: Path, line: bytes) -> None:
    (root / "CURRENT").write_bytes(line)
    with pytest.raises(DamagedIndexError):
        open_index(root)
    assert roll_back(root, identity(3)).status == "moved"
    assert number_of_live_version(root) == 3


def test_rollback_to_a_damaged_version_is_refused(root: Path) -> None:
    path = root / "versions" / identity(2) / "vectors.faiss"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(DamagedIndexError, match=rf"^{path} is damaged \(\d+ bytes instead of \d+\): "):
        roll_back(root)
    assert number_of_live_version(root) == 3


def test_rollback_is_durable_in_the_words_of_current(root: Path) -> None:
    roll_back(root)
    version = Store(root).open()
    assert Store(root).pointer() == Pointer(identity(2), version.manifest_sha256)


def test_gc_keeps_the_newest_the_live_one_and_the_one_before_it(root: Path) -> None:
    for number in (4, 5):
        publish(root, number)
    roll_back(root, identity(3))
    # By time the oldest is the newest: only the numbers count.
    for offset, version in enumerate(reversed(versions(root))):
        os.utime(root / "versions" / version, (offset, offset))
    garbage = collect(root, keep=1)
    assert garbage.kept == [identity(2), identity(3), identity(5)] == versions(root)
    assert garbage.removed == [f"versions/{identity(1)}", f"versions/{identity(4)}"]
    assert (garbage.in_use, garbage.bytes > 60_000) == ([], True)


def test_gc_spares_a_version_that_somebody_reads(root: Path) -> None:
    publish(root, 4)
    with open_index(root, identity(1)) as reader, open_index(root, identity(2)) as moving:
        assert collect(root, keep=1).in_use == [identity(1), identity(2)]
        assert moving.refresh() is True
        # With its last search the version it had is given back.
        assert collect(root, keep=1).removed == [f"versions/{identity(2)}"]
        assert len(reader.ledger()) == 3
    assert collect(root, keep=1).kept == [identity(3), identity(4)] == versions(root)


def test_gc_says_what_it_would_remove_while_somebody_else_builds(root: Path) -> None:
    publish(root, 4)
    (root / "versions" / ".staging").mkdir()
    with writing(Store(root), "build"):
        garbage = collect_garbage(Store(root), keep=1)
    removed = ["versions/.staging", f"versions/{identity(1)}", f"versions/{identity(2)}"]
    assert (garbage.removed, garbage.kept) == (removed, [identity(3), identity(4)])
    assert versions(root) == [".staging", *(identity(number) for number in (1, 2, 3, 4))]


def test_gc_removes_what_dead_processes_left_and_encoders_that_nobody_needs(root: Path) -> None:
    old_encoder = f"encoders/{'0' * 64}"
    for name in (
        "versions/.staging",
        "versions/.staging-2",
        "versions/.removing-9",
        "encoders/.staging-7-1",
        old_encoder,
    ):
        (root / name).mkdir(parents=True)
        (root / name / "file").write_bytes(b"123")
    assert collect(root, keep=3) == Garbage(
        removed=[
            *("encoders/.staging-7-1", "versions/.removing-9", "versions/.staging", "versions/.staging-2"),
            old_encoder,
        ],
        in_use=[],
        kept=[identity(1), identity(2), identity(3)],
        bytes=15,
    )
    assert [path.name for path in (root / "encoders").iterdir()] == ["f" * 64]


def test_gc_leaves_names_alone_that_the_index_does_not_give(root: Path) -> None:
    names = (
        "versions/old",
        "versions/.staging_mine",
        "versions/.hidden",
        "encoders/old",
        f"encoders/{'0' * 63}",
        "notes",
    )
    for name in names:
        (root / name).mkdir(parents=True)
        (root / name / "file").write_bytes(b"123")
    publish(root, 4)
    assert collect(root, keep=1).removed == [f"versions/{identity(number)}" for number in (1, 2)]
    assert [(root / name / "file").read_bytes() for name in names] == [b"123"] * len(names)


def test_gc_removes_no_encoder_where_the_versions_are_away(root: Path) -> None:
    """On a disk that is not mounted, for example."""
    (root / "versions").rename(root.with_name("away"))
    (root / "versions").symlink_to(root.with_name("mount"))
    with pytest.raises(DamagedIndexError, match=rf"^{root}/versions/{identity(3)} is damaged \(no such file"):
        collect(root, keep=1)
    assert [path.name for path in (root / "encoders").iterdir()] == ["f" * 64]


def test_a_version_that_is_a_link_is_found(root: Path) -> None:
    folder = root / "versions" / identity(3)
    folder.rename(root.with_name("elsewhere"))
    folder.symlink_to(root.with_name("elsewhere"))
    for version in (None, identity(3)):
        with pytest.raises(DamagedIndexError, match=rf"^{folder} is damaged \(it is a link and not a folder\): "):
            open_index(root, version)
    with pytest.raises(DamagedIndexError):
        collect(root, keep=1)
    assert roll_back(root).version == identity(2)
    # Its encoder is still there, and its number is not given again.
    assert (number_of_live_version(root), publish(root, 9).id) == (2, identity(4, 9))


def test_a_number_that_is_too_high_is_no_versions(root: Path) -> None:
    (root / "versions" / "1000000000000000-0123456789ab").mkdir()
    assert publish(root, 4).id == identity(4)
    (root / "versions" / "999999999999999-0123456789ab").mkdir()
    with pytest.raises(StorageError) as refused:
        publish(root, 5)
    assert str(refused.value) == (
        f"{root / 'versions'} has something with the number 999999999999999, and a version of a higher number "
        "cannot be added: move it away and try again."
    )
    assert number_of_live_version(root) == 4


def test_gc_keeps_every_encoder_where_a_version_cannot_be_read(root: Path) -> None:
    (root / "encoders" / ("0" * 64)).mkdir(parents=True)
    (root / "versions" / identity(1) / "manifest.json").write_bytes(b"")
    assert collect(root, keep=3).removed == []


def test_for_gc_a_version_that_cannot_be_read_does_not_count(root: Path) -> None:
    publish(root, 4)
    (root / "versions" / identity(3) / "manifest.json").write_bytes(b"")
    # 4 is live, and 2 is what one could go back to.
    assert collect(root, keep=2).removed == [f"versions/{identity(1)}"]
    assert versions(root) == [identity(number) for number in (2, 3, 4)]


def test_gc_does_nothing_where_the_live_version_is_not_whole(root: Path) -> None:
    (root / "versions" / identity(3) / "ledger.jsonl").unlink()
    with pytest.raises(DamagedIndexError):
        collect(root, keep=1)
    (root / "CURRENT").unlink()
    with pytest.raises(IndexNotFoundError, match="nothing says which of the 3 versions is live"):
        collect(root, keep=1)
    assert versions(root) == [identity(number) for number in (1, 2, 3)]


def test_verify_names_every_problem(root: Path) -> None:
    folder = root / "versions" / identity(2)
    (folder / "extra").write_bytes(b"")
    (folder / "ledger.jsonl").unlink()
    (folder / "vectors.faiss").write_bytes(b"")
    verdict = verify_version(Store(root), identity(2))
    assert (verdict.ok, verdict.current, verdict.files) == (False, False, 3)
    assert [problem.split(": ")[0].removeprefix(f"{folder}/") for problem in verdict.problems] == [
        "ledger.jsonl is damaged (no such file or directory)",
        f"vectors.faiss is damaged (0 bytes instead of {Store(root).open().manifest.files['vectors.faiss'].size})",
        "extra is damaged (the manifest does not list it)",
    ]
    assert [(each.version, each.ok, each.current) for each in verify_all(Store(root))] == [
        (identity(1), True, False),
        (identity(2), False, False),
        (identity(3), True, True),
    ]


def test_verify_reads_what_questions_are_encoded_with(root: Path) -> None:
    folder = root / "encoders" / ("f" * 64)
    (folder / "model.bin").write_bytes(b"other")
    (problem,) = verify_version(Store(root)).problems
    assert problem.startswith(
        f"{folder / 'model.bin'}, a file of the exported encoder, is damaged (its size or SHA-256"
    )
    shutil.rmtree(folder)
    assert verify_version(Store(root)).problems == [
        f"{folder}, the encoder of the version's questions, is missing: build the index again."
    ]


def test_verify_says_that_current_is_damaged(root: Path) -> None:
    (root / "CURRENT").write_bytes(b"garbage")
    verdicts = verify_all(Store(root))
    assert [(each.version, each.ok) for each in verdicts] == [
        *((identity(number), True) for number in (1, 2, 3)),
        ("CURRENT", False),
    ]
    assert verify_version(Store(root)) == verdicts[-1]
    shutil.rmtree(root / "versions" / identity(3))
    (root / "CURRENT").write_text(f"{identity(3)} {'0' * 64}\n")
    assert verify_all(Store(root))[-1].problems[0].startswith(f"{root / 'versions' / identity(3)} is damaged (no such")


def test_diff_counts_what_changed(root: Path) -> None:
    comparison = diff_versions(Store(root))
    assert (comparison.old, comparison.new) == (identity(2), identity(3))
    assert comparison.documents == [DocumentChange(f"{which}.md", "changed", 2, 2) for which in range(3)]
    assert comparison.chunks == ChunkChanges(added=CHUNKS, removed=CHUNKS, moved=0, unchanged=0)
    assert (comparison.settings, comparison.tokens) == ([], ValueChange("tokens", 42, 42))
    same = diff_versions(Store(root), identity(3), identity(3))
    assert (same.documents, same.documents_unchanged) == ([], 3)
    assert same.chunks == ChunkChanges(added=0, removed=0, moved=0, unchanged=CHUNKS)


def test_diff_needs_two_versions(tmp_path: Path) -> None:
    publish(tmp_path, 1)
    with pytest.raises(IndexNotFoundError, match=f"^there is no version before {identity(1)} in {tmp_path} to compare"):
        diff_versions(Store(tmp_path))


def test_a_second_writer_is_told_who_the_first_is(root: Path) -> None:
    with writing(Store(root), "build"), pytest.raises(IndexLockedError) as refused:
        publish(root, 4)
    assert str(refused.value).startswith(f"the index {root} is locked by `build`, process {os.getpid()} on ")
    assert str(refused.value).endswith(": wait until it is done, or stop it, and try again.")
    assert (refused.value.exit_code, (root / ".lock").read_bytes()) == (75, b"")
    assert publish(root, 4).id == identity(4)


def test_a_reader_waits_for_no_builder(root: Path) -> None:
    with writing(Store(root), "build") as writer, writer.staging():
        begun = time.monotonic()
        assert number_of_live_version(root) == 3
        # Leases that are refused are asked for again for two seconds: that none was is what this shows.
        assert time.monotonic() - begun < 2


def test_leftovers_are_gone_after_the_next_publish(root: Path) -> None:
    for name in (".staging", f".removing-{identity(9)}"):
        (root / "versions" / name).mkdir()
    publish(root, 4)
    assert versions(root) == [identity(number) for number in (1, 2, 3, 4)]
    assert Writer(Store(root)).next_counter() == 5
