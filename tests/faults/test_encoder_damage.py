"""An exported encoder that is not what its record or the manifest says: found before anything of it is used."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scenario import ENCODER, digest_of, publish

from knowligo_index.encoders.exported import open_exported, read_exported
from knowligo_index.encoders.exported_files import ExportedFiles
from knowligo_index.errors import DamagedIndexError
from knowligo_index.search.query_encoder import load_query_encoder
from knowligo_index.store import Store
from knowligo_index.store.publishing import writing
from knowligo_index.store.verification import verify_version
from knowligo_index.system.hashing import FileEntry, sha256sum_line

NAMES = ["model.xml", "model.bin", "tokenizer.json"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Versions 1 and 2, 2 live."""
    for number in (1, 2):
        publish(tmp_path / "index", number)
    return tmp_path / "index"


@pytest.fixture
def folder(root: Path) -> Path:
    return root / "encoders" / ENCODER.fingerprint


def record_changed(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """With its hash redone."""
    record = json.loads((folder / "encoder.json").read_bytes())
    change(record)
    data = json.dumps(record).encode()
    (folder / "encoder.json").write_bytes(data)
    (folder / "encoder.json.sha256").write_bytes(sha256sum_line(hashlib.sha256(data).hexdigest(), "encoder.json"))


def sentence(path: Path, why: str) -> str:
    return (
        f"{path}, a file of the exported encoder, is damaged ({why}): build the index again, which exports the encoder "
        "anew, or copy the folder again from where it came from (under another name, then rename it)."
    )


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(DamagedIndexError) as refused:
        call()
    return str(refused.value)


def test_a_record_without_its_hash_is_found(folder: Path) -> None:
    path = folder / "encoder.json"
    path.write_bytes(path.read_bytes().replace(b'"padding_id": 0', b'"padding_id": 1'))
    why = "its SHA-256 is not the one in encoder.json.sha256"
    assert refusal(lambda: read_exported(folder)) == sentence(path, why)


def test_a_record_that_the_manifest_does_not_name_is_found(root: Path, folder: Path) -> None:
    record_changed(folder, lambda record: record.update(padding_id=1))
    expected = sentence(folder / "encoder.json", "its SHA-256 is not the one in the manifest of the version")
    manifest = Store(root).open().manifest
    assert refusal(lambda: load_query_encoder(Store(root), manifest, 1)) == expected
    assert verify_version(Store(root)).problems == [expected]


def test_rollback_to_a_version_whose_encoder_is_another_is_refused(root: Path, folder: Path) -> None:
    record_changed(folder, lambda record: record.update(padding_id=1))
    with writing(Store(root), "test") as writer:
        expected = sentence(folder / "encoder.json", "its SHA-256 is not the one in the manifest of the version")
        assert refusal(writer.rollback) == expected
    assert Store(root).current_id() == f"2-{digest_of(2)}"


def test_a_record_of_another_schema_is_found(folder: Path) -> None:
    record_changed(folder, lambda record: record.update(schema=9))
    why = "it was written by another release, in schema 9"
    assert refusal(lambda: read_exported(folder)) == sentence(folder / "encoder.json", why)


def test_a_record_that_lists_other_files_is_found(folder: Path) -> None:
    record_changed(folder, lambda record: record.update(files={}))
    why = "it lists no files and not model.xml, model.bin, tokenizer.json"
    assert refusal(lambda: read_exported(folder)) == sentence(folder / "encoder.json", why)


@pytest.mark.parametrize("name", NAMES)
def test_each_file_is_compared_with_the_record(folder: Path, name: str) -> None:
    path = folder / name
    path.write_bytes(bytes(byte ^ 1 for byte in path.read_bytes()))
    expected = sentence(path, "its size or SHA-256 is not the one in encoder.json")
    assert refusal(lambda: open_exported(folder)) == expected


@pytest.mark.parametrize("how", ["read", "sealed", "blocks"])
def test_a_file_is_compared_as_it_is_read(tmp_path: Path, how: str) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(b"right")
    files = ExportedFiles(tmp_path, {"model.bin": FileEntry.of(b"right")})
    assert getattr(files, how)("model.bin") is not None
    path.write_bytes(b"wrong")
    expected = sentence(path, "its size or SHA-256 is not the one in encoder.json")
    assert refusal(lambda: getattr(files, how)("model.bin")) == expected


@pytest.mark.parametrize("content", [b"", b"longer"])
def test_a_file_of_another_size_is_not_read(tmp_path: Path, content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(content)
    files = ExportedFiles(tmp_path, {"model.bin": FileEntry.of(b"right")})

    def refuse(_: bytes) -> FileEntry:
        raise AssertionError("it was read")

    monkeypatch.setattr(FileEntry, "of", refuse)
    expected = sentence(path, "its size or SHA-256 is not the one in encoder.json")
    assert refusal(lambda: files.read("model.bin")) == expected
