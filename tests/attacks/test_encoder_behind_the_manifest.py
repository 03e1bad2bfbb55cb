"""The chain of hashes from CURRENT by the manifest to the encoder: what somebody changes with its hashes is found."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from knowligo_index import open_index
from knowligo_index.build import build
from knowligo_index.encoders import EncoderModel
from knowligo_index.encoders.exported import open_exported, seal_exported
from knowligo_index.errors import DamagedIndexError
from knowligo_index.settings import Settings
from knowligo_index.store import Store
from knowligo_index.store.publishing import writing
from knowligo_index.store.verification import verify_all
from knowligo_index.system.hashing import FileEntry, sha256sum_line

QUESTION = "how to reset the password of the mailbox"


def export_folder(settings: Settings) -> Path:
    (folder,) = (settings.index / "encoders").iterdir()
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def swap_two_words(folder: Path) -> None:
    """In the vocabulary, with every hash of the encoder's folder redone."""
    path = folder / "tokenizer.json"
    tokenizer = json.loads(path.read_bytes())
    vocabulary = tokenizer["model"]["vocab"]
    first, second = list(vocabulary)[-2:]
    vocabulary[first], vocabulary[second] = vocabulary[second], vocabulary[first]
    path.write_text(json.dumps(tokenizer))
    record = json.loads((folder / "encoder.json").read_bytes())
    data = path.read_bytes()
    record["files"]["tokenizer.json"] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
    written = json.dumps(record).encode()
    (folder / "encoder.json").write_bytes(written)
    (folder / "encoder.json.sha256").write_bytes(sha256sum_line(hashlib.sha256(written).hexdigest(), "encoder.json"))


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(DamagedIndexError) as refused:
        call()
    return str(refused.value)


def of_another(folder: Path) -> str:
    return (
        f"{folder / 'encoder.json'}, a file of the exported encoder, is damaged (its SHA-256 is not the one in the "
        "manifest of the version): build the index again, which exports the encoder anew, or copy the folder again "
        "from where it came from (under another name, then rename it)."
    )


def test_an_encoder_that_was_changed_with_its_hashes_is_refused_and_mended_by_the_next_build(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    manifest = build(settings).manifest
    folder = export_folder(settings)
    whole = contents(folder)
    with open_index(settings.index) as index:
        expected = index.search(QUESTION)
    swap_two_words(folder)
    # The folder fits together; it is not what the manifest names.
    open_exported(folder)
    with open_index(settings.index) as index:
        assert refusal(lambda: index.search(QUESTION)) == of_another(folder)
    (verdict,) = verify_all(Store(settings.index))
    assert (verdict.ok, verdict.problems) == (False, [of_another(folder)])
    # The export gives the same bytes again, so that the version is whole again.
    assert build(settings).status == "unchanged"
    assert f"The encoder is exported again: {of_another(folder)}" in caplog.text
    assert contents(folder) == whole
    assert manifest.encoder_record == FileEntry.of(whole["encoder.json"])
    with open_index(settings.index) as index:
        assert index.search(QUESTION) == expected
    assert [verdict.ok for verdict in verify_all(Store(settings.index))] == [True]


def test_an_export_with_other_bytes_is_a_new_version(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    first = build(settings).manifest
    folder = export_folder(settings)
    export = EncoderModel.export

    def elsewhere(model: EncoderModel, target: Path) -> None:
        """As on another kind of machine: an export of other bytes that works as well."""
        export(model, target)
        seal_exported(replace(open_exported(target), unrelated_cosine=0.125))

    monkeypatch.setattr(EncoderModel, "export", elsewhere)
    (folder / "model.bin").write_bytes(b"damage")
    result = build(settings)
    second = result.manifest
    assert (result.status, second.digest, second.counter) == ("published", first.digest, 2)
    assert second.encoder_record == FileEntry.of((folder / "encoder.json").read_bytes()) != first.encoder_record
    with open_index(settings.index) as index:
        assert index.search(QUESTION, k=1)[0].source == "en/mailbox.txt"
    # The version before it needs the encoder that is gone; nothing goes to it.
    with open_index(settings.index, first.version) as index:
        assert refusal(lambda: index.search(QUESTION)) == of_another(folder)
        assert index.search(QUESTION, k=1, mode="lexical")[0].source == "en/mailbox.txt"
    with writing(Store(settings.index), "test") as writer:
        assert refusal(writer.rollback) == of_another(folder)
    assert Store(settings.index).current_id() == second.version
    assert build(settings).status == "unchanged"


def test_golden_questions_are_not_compared_with_a_version_whose_encoder_is_gone(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (settings.knowledge / "questions.jsonl").write_text(
        json.dumps({"question": QUESTION, "source": "en/mailbox.txt"}) + "\n"
    )
    build(settings)
    folder = export_folder(settings)
    export = EncoderModel.export

    def elsewhere(model: EncoderModel, target: Path) -> None:
        export(model, target)
        seal_exported(replace(open_exported(target), unrelated_cosine=0.125))

    monkeypatch.setattr(EncoderModel, "export", elsewhere)
    swap_two_words(folder)
    assert build(settings).status == "published"
    assert f"Answers to golden questions are not compared: {of_another(folder)}" in caplog.text


def test_a_reader_loads_the_encoder_that_the_next_version_names(settings: Settings) -> None:
    build(settings)
    folder = export_folder(settings)
    with open_index(settings.index) as index:
        index.search(QUESTION)
        seal_exported(replace(open_exported(folder), unrelated_cosine=0.125))
        (settings.knowledge / "plan.md").write_text("# Otro plan\n\nEl gato duerme al sol.\n")
        # The record is not that of the manifest: it is made again, and the new version names what came of it.
        assert build(settings).status == "published"
        assert index.refresh()
        assert index.search("gato que duerme", k=1)[0].source == "plan.md"


@pytest.mark.parametrize("name", [None, "model.bin", "embeddings.bin"])
def test_a_record_names_exactly_the_files_that_there_are(settings: Settings, name: str | None) -> None:
    folder = Path(shutil.copytree(export_folder(settings), settings.index.parent / "copied"))
    record = json.loads((folder / "encoder.json").read_bytes())
    expected = "model.xml, model.bin, tokenizer.json, embeddings.bin"
    if name is None:
        record["files"] = {}
    else:
        del record["files"][name]
    written = json.dumps(record).encode()
    (folder / "encoder.json").write_bytes(written)
    (folder / "encoder.json.sha256").write_bytes(sha256sum_line(hashlib.sha256(written).hexdigest(), "encoder.json"))
    listed = ", ".join(record["files"]) or "no files"
    assert refusal(lambda: open_exported(folder)) == (
        f"{folder / 'encoder.json'}, a file of the exported encoder, is damaged "
        f"(it lists {listed} and not {expected}): "
        "build the index again, which exports the encoder anew, or copy the folder again from where it came from "
        "(under another name, then rename it)."
    )
