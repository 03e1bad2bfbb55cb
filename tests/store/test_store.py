import hashlib
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from knowligo_index.encoders.protocol import EncoderDescription
from knowligo_index.errors import DamagedIndexError, IndexNotFoundError, NewerSchemaError
from knowligo_index.store import Store
from knowligo_index.store.manifest import DocumentCounts, Fusion, Manifest
from knowligo_index.store.publishing import Writer, writing
from knowligo_index.store.version import Version, manifest_hash_line
from knowligo_index.store.version_summary import VersionSummary
from knowligo_index.system.hashing import FileEntry

ENCODER = EncoderDescription("x", "f" * 64, "a" * 64, "b" * 64, 2, 256, "mean", "", "", "torch", "float32")
DIGEST = "0123456789ab"


def manifest(number: int) -> Manifest:
    return Manifest(
        version=f"{number}-{DIGEST}",
        counter=number,
        digest=DIGEST,
        created_at="1970-01-01T00:00:00Z",
        created_by="tests",
        settings={},
        encoder=ENCODER,
        probes=[],
        documents=DocumentCounts(2, 0, 0),
        chunks=3,
        tokens=9,
        truncated=0,
        token_histogram={},
        libraries={},
        fusion=Fusion(0.4, 0.0, 0.3),
    )


def publish(store: Store, number: int | None = None) -> Version:
    with writing(store, "test", make=True) as writer, writer.staging() as staged:
        staged.write("vectors.faiss", b"vectors")
        staged.write("chunks.sqlite", b"chunks")
        (staged.folder / "ledger.jsonl").write_bytes(b"{}\n")
        return writer.publish(writer.seal(staged, manifest(number or writer.next_counter())))


def next_counter(store: Store) -> int:
    return Writer(store).next_counter()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "indexes")


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(DamagedIndexError) as refused:
        call()
    return str(refused.value)


def test_what_is_published_is_what_opens(store: Store) -> None:
    published = publish(store)
    opened = store.open()
    assert opened == published == store.open(f"1-{DIGEST}")
    assert opened.manifest.files == {
        "chunks.sqlite": FileEntry(6, hashlib.sha256(b"chunks").hexdigest()),
        "ledger.jsonl": FileEntry(3, hashlib.sha256(b"{}\n").hexdigest()),
        "vectors.faiss": FileEntry(7, hashlib.sha256(b"vectors").hexdigest()),
    }
    opened.check()
    assert opened.read_file("vectors.faiss") == b"vectors"


def test_current_is_one_line_with_the_version_and_the_hash_of_its_manifest(store: Store) -> None:
    folder = publish(store).folder
    digest = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    assert (store.root / "CURRENT").read_bytes() == f"1-{DIGEST} {digest}\n".encode()
    assert names(store.root) == [".lock", "CURRENT", "versions"]
    assert names(store.root / "versions") == [f"1-{DIGEST}"]


def test_a_published_version_is_for_everyone_whom_the_umask_allows(store: Store) -> None:
    mask = os.umask(0o027)
    try:
        folder = publish(store).folder
    finally:
        os.umask(mask)
    assert folder.stat().st_mode & 0o777 == 0o750


def test_the_counter_goes_up_and_versions_are_in_its_order(store: Store) -> None:
    assert next_counter(store) == 1
    for _ in range(10):
        publish(store)
    assert store.version_ids() == [f"{number}-{DIGEST}" for number in range(1, 11)]
    assert (store.current_id(), next_counter(store)) == (f"10-{DIGEST}", 11)


def test_other_things_among_the_versions_are_not_versions(store: Store) -> None:
    publish(store)
    for name in (".staging-x", f"0-{DIGEST}", f"2-{DIGEST}.bak", "2-0123456789AB", "notes"):
        (store.root / "versions" / name).mkdir()
    assert (store.version_ids(), next_counter(store)) == ([f"1-{DIGEST}"], 2)


def test_where_nothing_was_published_the_way_to_do_it_is_told(store: Store) -> None:
    assert (store.current_id(), store.version_ids(), store.summaries()) == (None, [], [])
    with pytest.raises(IndexNotFoundError) as refused:
        store.open()
    assert str(refused.value) == (
        f"there is no index in {store.root}: make one with `knowligo-index build DOCUMENTS --index {store.root}`, "
        "or name another folder with --index."
    )
    assert not store.root.exists()


@pytest.mark.parametrize("version", [f"9-{DIGEST}", "1", "", "../../etc", f"1-{DIGEST}\n"])
def test_a_version_that_does_not_exist_is_not_found(store: Store, version: str) -> None:
    publish(store)
    with pytest.raises(IndexNotFoundError) as refused:
        store.open(version)
    assert str(refused.value) == (
        f"there is no version {version} in {store.root}: `knowligo-index list --index {store.root}` shows those there "
        "are."
    )


def test_a_version_is_one_of_the_index_even_where_a_path_leads_to_another(store: Store) -> None:
    folder = publish(store).folder
    shutil.copytree(folder, store.root / "x")
    for version in ("../x", str(store.root / "x"), f"./1-{DIGEST}", f"1-{DIGEST}/"):
        with pytest.raises(IndexNotFoundError, match=f"^there is no version {re.escape(version)} in {store.root}: "):
            store.open(version)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda path: path.write_bytes(b"vectorr"), "its SHA-256 is not the manifest's"),
        (lambda path: path.write_bytes(b"vector"), "6 bytes instead of 7"),
        (lambda path: path.unlink(), "no such file or directory"),
    ],
    ids=["a flipped bit", "a cut", "a missing file"],
)
def test_damage_is_found_and_the_file_named(store: Store, damage: Callable[[Path], object], why: str) -> None:
    version = publish(store)
    path = version.folder / "vectors.faiss"
    damage(path)
    assert refusal(version.check) == (
        f"{path} is damaged ({why}): go back with `knowligo-index rollback`, build the index again, or "
        "copy it again from where it came from (under another name, then rename it)."
    )
    assert version.read_file("ledger.jsonl") == b"{}\n"


def test_a_file_that_the_manifest_does_not_list_is_not_read(store: Store) -> None:
    version = publish(store)
    (version.folder / "extra").write_bytes(b"")
    assert refusal(lambda: version.read_file("extra")) == (
        f"{version.folder / 'manifest.json'} is damaged (it does not list extra): go back with `knowligo-index "
        "rollback`, build the index again, or copy it again from where it came from "
        "(under another name, then rename it)."
    )


def test_a_manifest_that_is_not_the_one_of_current_is_damaged(store: Store) -> None:
    path = publish(store).folder / "manifest.json"
    path.write_bytes(path.read_bytes() + b" ")
    assert f"{path} is damaged (its SHA-256 is not the one in manifest.json.sha256)" in refusal(store.open)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    path.with_name("manifest.json.sha256").write_bytes(manifest_hash_line(sha256))
    assert f"{path} is damaged (its SHA-256 is not the one in CURRENT)" in refusal(store.open)


def test_a_version_under_another_name_is_damaged(store: Store) -> None:
    folder = publish(store).folder
    publish(store)
    folder.rename(folder.with_name(f"7-{DIGEST}"))
    assert f"(it is the manifest of 1-{DIGEST})" in refusal(lambda: store.open(f"7-{DIGEST}"))


@pytest.mark.parametrize(
    "line",
    [b"", b"\n", b"garbage", b"\xff\xfe", f"1-{DIGEST} {'0' * 64}".encode(), f"1-{DIGEST} {'0' * 64}\n\n".encode()],
)
def test_a_current_that_is_not_one_such_line_is_damaged(store: Store, line: bytes) -> None:
    publish(store)
    (store.root / "CURRENT").write_bytes(line)
    assert refusal(store.open).startswith(f"{store.root / 'CURRENT'} is damaged (")


def test_a_current_that_names_a_version_that_is_gone_is_damage_not_absence(store: Store) -> None:
    publish(store)
    (store.root / "CURRENT").write_text(f"2-{DIGEST} {'0' * 64}\n")
    path = store.root / "versions" / f"2-{DIGEST}"
    assert f"{path} is damaged (no such file or directory)" in refusal(store.open)


def test_a_body_that_fails_leaves_everything_as_it_was(store: Store) -> None:
    publish(store)
    before = (store.root / "CURRENT").read_bytes()
    with pytest.raises(FileNotFoundError), writing(store, "test", make=True) as writer, writer.staging() as staged:
        (staged.folder / "none" / "half").write_bytes(b"x")
    assert names(store.root / "versions") == [f"1-{DIGEST}"]
    assert (store.root / "CURRENT").read_bytes() == before


def test_a_crash_before_current_moves_leaves_the_old_version_live(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(store)
    with monkeypatch.context() as crash:
        crash.setattr(Writer, "_make_live", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            publish(store)
    assert store.current_id() == f"1-{DIGEST}"
    assert publish(store).id == f"3-{DIGEST}" == store.current_id()


def test_a_version_that_cannot_be_read_is_listed_with_its_problem(store: Store) -> None:
    broken = publish(store).folder / "manifest.json"
    publish(store)
    newest = publish(store)
    broken.write_bytes(b'{"schema": 9}')
    sha256 = hashlib.sha256(b'{"schema": 9}').hexdigest()
    broken.with_name("manifest.json.sha256").write_bytes(manifest_hash_line(sha256))
    with pytest.raises(NewerSchemaError) as newer:
        store.open(f"1-{DIGEST}")
    assert store.summaries() == [
        VersionSummary(f"1-{DIGEST}", False, problem=str(newer.value)),
        VersionSummary(f"2-{DIGEST}", False, "1970-01-01T00:00:00Z", documents=2, chunks=3, bytes=16),
        VersionSummary.of(newest.manifest, current=True),
    ]
