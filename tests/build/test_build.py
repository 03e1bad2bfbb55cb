import hashlib
import itertools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import faiss
import numpy as np
import pytest
from support.small_knowledge import MAILBOX, NETWORK, PLAN
from support.tiny_model import make_tiny_model

from knowligo_index.build import build
from knowligo_index.build.result import BuildResult
from knowligo_index.chunking.chunker import chunk_document
from knowligo_index.chunking.options import ChunkingOptions
from knowligo_index.encoders import EncoderOptions, find_encoder
from knowligo_index.encoders.exported import open_exported
from knowligo_index.errors import (
    DamagedIndexError,
    EncoderError,
    KnowledgeError,
    KnowligoError,
    NewerSchemaError,
    SettingError,
)
from knowligo_index.gate.options import GateOptions
from knowligo_index.parsers import parse, suffixes
from knowligo_index.settings import Settings
from knowligo_index.sources import SourceOptions
from knowligo_index.sources.inventory import take_inventory
from knowligo_index.sources.ledger import decode_ledger
from knowligo_index.sources.source_files import reread
from knowligo_index.store import Store
from knowligo_index.store.chunks import ChunkStore
from knowligo_index.store.manifest import CHUNKS_FILE, DocumentCounts, Manifest
from knowligo_index.store.publishing import Writer
from knowligo_index.store.staging import Staging
from knowligo_index.store.vectors import VectorIndexBuilder
from knowligo_index.store.version import Version, manifest_hash_line
from knowligo_index.types import Source

FILES = {"plan.md": PLAN, "red.md": NETWORK, "en/mailbox.txt": MAILBOX}
SMALL = ChunkingOptions(chunk_tokens=48, min_tokens=8)


def live(settings: Settings) -> Path:
    """Folder of the live version."""
    return settings.index / "versions" / (settings.index / "CURRENT").read_text().split()[0]


def snapshot(folder: Path) -> dict[str, tuple[int, bytes | None]]:
    """Time and bytes of everything below the folder but the lock, which every build signs, and the cache."""
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes() if path.is_file() else None)
        for path in folder.rglob("*")
        if path.name != ".lock" and path.relative_to(folder).parts[0] != "cache"
    }


def test_the_result_has_the_fields_of_the_contract(settings: Settings) -> None:
    result = build(settings).as_json()
    seconds, peak = result.pop("seconds"), result.pop("peak_rss_bytes")
    assert result == {
        "version": live(settings).name,
        "status": "published",
        "documents": DocumentCounts(indexed=3, skipped=3, quarantined=1),
        "chunks": 3,
        "embedded": 3,
        "reused": 0,
        "tokens": 120,
        "truncated": 0,
    }
    assert isinstance(seconds, dict)
    assert list(seconds) == ["scan", "parse", "chunk", "write", "encode", "inspect", "publish"]
    assert isinstance(peak, int)
    assert peak > 50_000_000


def test_every_file_is_accounted_for(settings: Settings) -> None:
    (settings.knowledge / "questions.jsonl").write_text("")
    (settings.knowledge / "link.md").symlink_to(settings.knowledge / "plan.md")
    build(settings)
    ledger = decode_ledger((live(settings) / "ledger.jsonl").read_bytes())
    assert [(entry.source, entry.status, entry.reason) for entry in ledger] == [
        (".git", "skipped", "hidden"),
        ("empty.txt", "skipped", "empty"),
        ("en/mailbox.txt", "indexed", None),
        ("link.md", "skipped", "symlink"),
        ("logo.png", "skipped", "unsupported-format"),
        ("plan.md", "indexed", None),
        ("questions.jsonl", "skipped", "golden-questions"),
        ("red.md", "indexed", None),
        ("scan.pdf", "quarantined", "damaged"),
    ]


def test_what_gave_no_text_is_no_document(settings: Settings) -> None:
    build(settings)
    with closing(ChunkStore(live(settings) / "chunks.sqlite")) as store:
        assert [document.source for document in store.documents()] == ["en/mailbox.txt", "plan.md", "red.md"]


def test_an_unchanged_folder_gives_no_new_version_and_touches_no_file(settings: Settings) -> None:
    first = build(settings)
    before = snapshot(settings.index)
    second = build(settings)
    assert second == BuildResult("unchanged", first.manifest, [], 0, second.seconds, second.peak_rss_bytes)
    assert (second.as_json()["embedded"], second.as_json()["reused"]) == (0, 3)
    assert snapshot(settings.index) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "plan.md").write_text(PLAN.replace("20 €", "21 €")),
        lambda folder: (folder / "plan.md").rename(folder / "plan2.md"),
        lambda folder: (folder / "new.png").write_text("x"),
        lambda folder: (folder / "empty.txt").unlink(),
    ],
    ids=["a byte", "a name", "a skipped file", "a file that is gone"],
)
def test_a_change_of_the_folder_gives_another_version(settings: Settings, change: Callable[[Path], object]) -> None:
    first = build(settings).manifest
    change(settings.knowledge)
    check_second_version(first, settings)


def test_a_change_of_settings_gives_another_version(settings: Settings) -> None:
    first = build(settings).manifest
    check_second_version(first, replace(settings, chunking=ChunkingOptions(chunk_tokens=199)))


def test_another_encoder_gives_another_version(settings: Settings, tmp_path: Path) -> None:
    first = build(settings).manifest
    other = make_tiny_model(tmp_path / "other", seed=1, max_tokens=256)
    check_second_version(first, replace(settings, encoder=EncoderOptions(str(other))))


def check_second_version(first: Manifest, settings: Settings) -> None:
    second = build(settings).manifest
    assert (first.counter, second.counter) == (1, 2)
    assert first.digest != second.digest
    assert live(settings).name == f"2-{second.digest}"


def test_the_number_of_threads_is_no_change(settings: Settings) -> None:
    build(settings)
    assert build(replace(settings, threads=2)).status == "unchanged"


def test_a_version_that_does_not_open_is_not_published(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    version = build(settings).manifest.version
    (settings.knowledge / "red.md").unlink()
    monkeypatch.setattr(VectorIndexBuilder, "write", lambda _, write: write(b"no index"))
    with pytest.raises(DamagedIndexError, match=r"/vectors\.faiss is not a FAISS index: build the index again\.$"):
        build(settings)
    assert (live(settings).name, [path.name for path in live(settings).parent.iterdir()]) == (version, [version])


def test_a_version_that_is_damaged_after_the_gate_has_read_it_is_not_published(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = build(settings).manifest.version
    (settings.knowledge / "red.md").unlink()
    seal = Writer.seal

    def damage_and_seal(writer: Writer, staged: Staging, manifest: Manifest) -> Version:
        path = staged.folder / CHUNKS_FILE
        path.write_bytes(path.read_bytes().replace(b"soporte", b"SOPORTE"))
        return seal(writer, staged, manifest)

    monkeypatch.setattr(Writer, "seal", damage_and_seal)
    with pytest.raises(DamagedIndexError, match=r"/chunks\.sqlite is damaged \("):
        build(settings)
    assert (live(settings).name, [path.name for path in live(settings).parent.iterdir()]) == (version, [version])


def test_the_same_input_gives_the_same_bytes(settings: Settings, tmp_path: Path) -> None:
    """In another process, with other threads, time zone, locale and hash seed, the files made in another order."""
    os.environ["SOURCE_DATE_EPOCH"] = "86400"
    build(settings)
    other = tmp_path / "other"
    for name in ["logo.png", "scan.pdf", "empty.txt", "red.md", "plan.md", "en/mailbox.txt", ".git/HEAD"]:
        (other / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(settings.knowledge / name, other / name)
    arguments = [
        "build",
        str(other),
        "--index",
        str(tmp_path / "again"),
        "--encoder",
        settings.encoder.id,
        "--threads",
        "2",
        "--max-failed",
        "0.5",
    ]
    environment = {**os.environ, "TZ": "Asia/Tokyo", "LC_ALL": "C", "PYTHONHASHSEED": "7", "PYTHONUTF8": "0"}
    subprocess.run([sys.executable, "-m", "knowligo_index", *arguments], env=environment, check=True)
    assert without_plan(tmp_path / "again") == without_plan(settings.index)
    assert json.loads((live(settings) / "manifest.json").read_text())["created_at"] == "1970-01-02T00:00:00Z"


def without_plan(index: Path) -> dict[str, object]:
    """Every file of an index, but of what the build ran on nothing, and nothing that hashes it."""
    files: dict[str, object] = {name: data for name, (_, data) in snapshot(index).items()}
    for name, data in files.items():
        if Path(name).name == "manifest.json":
            assert isinstance(data, bytes)
            manifest = json.loads(data)
            assert manifest.pop("plan")["encoder_threads"] in (1, 2)
            files[name] = manifest
    hashes = {name for name in files if Path(name).name in ("CURRENT", "manifest.json.sha256")}
    return {name: data for name, data in files.items() if name not in hashes}


def test_every_passage_is_the_span_of_its_file(settings: Settings) -> None:
    build(replace(settings, chunking=SMALL))
    with closing(ChunkStore(live(settings) / "chunks.sqlite")) as store:
        passages = store.passages(range(sum(document.chunks for document in store.documents())))
    assert len(passages) > len(FILES)
    covered: dict[str, set[int]] = {name: set() for name in FILES}
    for passage in passages:
        assert passage.text == FILES[passage.source][passage.char_start : passage.char_end]
        covered[passage.source] |= set(range(passage.char_start, passage.char_end))
    front_matter = len("---\ntitle: Plan profesional\n---\n")
    for name, text in FILES.items():
        start = front_matter if name == "plan.md" else 0
        missed = [text[position] for position in range(start, len(text)) if position not in covered[name]]
        assert "".join(missed).strip() == ""


def test_row_i_of_the_vectors_is_chunk_i(settings: Settings) -> None:
    manifest = build(replace(settings, chunking=SMALL)).manifest
    vectors = faiss.read_index(str(live(settings) / "vectors.faiss")).reconstruct_n(0, manifest.chunks)
    model = find_encoder(settings.encoder)
    encoder = model.load(open_exported(settings.index / "encoders" / manifest.encoder.fingerprint), threads=1)
    with closing(ChunkStore(live(settings) / "chunks.sqlite")) as store:
        passages = store.passages(range(manifest.chunks))
    chunks = [
        chunk
        for source in take_inventory(settings.knowledge, suffixes()).sources
        if source.name in FILES
        for chunk in chunk_document(parse(source, source.path.read_bytes()), SMALL, model.tokenizer())
    ]
    assert [passage.text for passage in passages] == [chunk.text for chunk in chunks]
    inputs = [chunk.encoder_input for chunk in chunks]
    np.testing.assert_array_equal(vectors, np.concatenate([encoder.encode_passages([text]) for text in inputs]))
    counts = model.tokenizer().count_inputs(inputs)
    assert [passage.tokens for passage in passages] == counts
    assert (manifest.tokens, max(counts) <= 48) == (sum(counts), True)


def refusal(kind: type[KnowligoError], settings: Settings) -> str:
    """Why the build is refused; nothing is added but what a build takes once it has something to do: the lock, the
    cache, and a place for versions."""
    with pytest.raises(kind) as refused:
        build(settings)
    assert {path.name for path in settings.index.iterdir()} <= {".lock", "cache", "encoders", "versions"}
    assert list((settings.index / "versions").glob("*")) == []
    return str(refused.value)


def test_a_folder_without_a_document_is_refused(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert refusal(KnowledgeError, replace(settings, knowledge=tmp_path / "empty")) == (
        f"knowledge folder {tmp_path / 'empty'} holds no document in a supported format "
        f"({', '.join(sorted(suffixes()))}): add one or name another folder."
    )
    message = refusal(KnowledgeError, replace(settings, knowledge=tmp_path / "none"))
    assert message.startswith(f"knowledge folder {tmp_path / 'none'} does not exist: name the folder")


def test_documents_without_any_text_are_refused(settings: Settings) -> None:
    for name in FILES:
        (settings.knowledge / name).write_text(" \n")
    assert refusal(KnowledgeError, settings) == (
        f"none of the 5 documents in {settings.knowledge} gave any text (first: empty.txt, empty: the file contains "
        "only white space): mend them or name another folder."
    )


def refuse_to_open(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Permissions would not stop root, who runs the tests in a container."""
    really_open = os.open

    def open_or_refuse(path: str | Path, flags: int, mode: int = 0o777, *, dir_fd: int | None = None) -> int:
        if str(path).endswith(name):
            raise PermissionError(13, "Permission denied")
        return really_open(path, flags, mode, dir_fd=dir_fd)

    monkeypatch.setattr("knowligo_index.sources.source_files.os.open", open_or_refuse)


def test_a_file_that_cannot_be_read_is_not_taken_for_deleted(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = build(settings).manifest
    # What is known by its times is not opened.
    shutil.rmtree(settings.index / "cache")
    refuse_to_open(monkeypatch, "red.md")
    strict = build(replace(settings, gate=GateOptions(max_failed=0.3, allow_shrink=True)))
    assert (strict.status, live(settings).name) == ("refused", before.version)
    assert [refusal.code for refusal in strict.refusals] == ["documents-failed"]
    assert strict.refusals[0].sentence == (
        "2 of 5 documents could not be read, and --max-failed 0.3 allows 1: mend or remove them, or allow more "
        "(red.md (unreadable); scan.pdf (damaged))."
    )
    lenient = build(replace(settings, gate=replace(settings.gate, allow_shrink=True)))
    assert (lenient.status, lenient.documents) == ("published", DocumentCounts(2, 3, 2))
    monkeypatch.undo()
    assert build(settings).manifest.digest == before.digest


def test_a_file_that_changed_during_the_build_is_in_the_next_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = build(settings).manifest
    (settings.knowledge / "red.md").write_text("# Red\n\nOtra cosa.\n")
    shutil.rmtree(settings.index / "cache")
    text = itertools.count()

    def write_and_read(source: Source, options: SourceOptions) -> bytes:
        if source.name == "plan.md":
            source.path.write_text(f"{next(text)}")
        return reread(source, options)

    with monkeypatch.context() as patch:
        patch.setattr("knowligo_index.sources.document_reading.reread", write_and_read)
        result = build(replace(settings, gate=replace(settings.gate, allow_shrink=True)))
    reasons = {entry.source: entry.reason for entry in result.ledger}
    assert (result.status, reasons["plan.md"]) == ("published", "changed-while-read")
    (settings.knowledge / "plan.md").write_text(PLAN)
    again = build(settings)
    assert (again.status, again.documents) == ("published", before.documents)
    assert build(settings).status == "unchanged"


def test_an_encoder_that_is_not_there_is_refused(settings: Settings) -> None:
    message = refusal(EncoderError, replace(settings, encoder=EncoderOptions("acme/none")))
    assert message.startswith("encoder 'acme/none' is neither a folder nor in the local hub cache:")


def test_a_budget_that_the_encoder_cannot_read_is_refused(settings: Settings) -> None:
    assert refusal(SettingError, replace(settings, chunking=ChunkingOptions(chunk_tokens=257))) == (
        f"--chunk-tokens 257 is more than encoder {settings.encoder.id} reads: set it to 256 or less."
    )
    assert refusal(SettingError, replace(settings, chunking=ChunkingOptions(64, overlap_tokens=33))) == (
        "--overlap-tokens 33 is more than half of --chunk-tokens 64: set it to 32 or less."
    )


@pytest.mark.parametrize("epoch", ["yesterday", "", "1e9", "9" * 30])
def test_a_wrong_source_date_epoch_is_refused_before_anything_is_read(
    settings: Settings, tmp_path: Path, epoch: str
) -> None:
    os.environ["SOURCE_DATE_EPOCH"] = epoch
    assert refusal(SettingError, replace(settings, knowledge=tmp_path / "none")) == (
        f"SOURCE_DATE_EPOCH is '{epoch}': set it to seconds since 1970, or unset it."
    )


def test_an_index_that_is_a_file_is_refused_before_anything_is_read(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("a file")
    with pytest.raises(SettingError) as refused:
        build(replace(settings, index=file, knowledge=tmp_path / "none", encoder=EncoderOptions("acme/none")))
    assert str(refused.value) == f"--index {file} is a file: name a folder."
    assert file.read_text() == "a file"


@pytest.mark.parametrize("where", [".", "indexes", "en/deep/indexes", "../link/indexes"])
def test_an_index_inside_the_knowledge_folder_is_refused(settings: Settings, where: str) -> None:
    (settings.knowledge.parent / "link").symlink_to(settings.knowledge)
    before = snapshot(settings.knowledge)
    with pytest.raises(SettingError) as refused:
        build(replace(settings, index=settings.knowledge / where))
    assert str(refused.value) == (
        f"--index {settings.knowledge / where} lies inside the knowledge folder {settings.knowledge}, which would "
        "index it: name a folder elsewhere."
    )
    assert snapshot(settings.knowledge) == before


def test_the_manifest_has_the_settings_as_they_took_effect(settings: Settings, tmp_path: Path) -> None:
    manifest = build(settings).manifest
    assert manifest.settings == {
        "chunk_tokens": 256,
        "overlap_tokens": 0,
        "min_tokens": 64,
        "language": "es",
        "near_duplicates": 0.95,
    }
    assert build(replace(settings, chunking=ChunkingOptions(chunk_tokens=256))).status == "unchanged"
    short = make_tiny_model(tmp_path / "short", max_tokens=64)
    assert build(replace(settings, encoder=EncoderOptions(str(short)))).manifest.settings["chunk_tokens"] == 64


def test_the_result_has_the_ledger_that_was_written(settings: Settings) -> None:
    result = build(settings)
    assert [entry.source for entry in result.ledger] == [
        *(".git", "empty.txt", "en/mailbox.txt", "logo.png", "plan.md", "red.md", "scan.pdf")
    ]
    assert decode_ledger((live(settings) / "ledger.jsonl").read_bytes()) == result.ledger


def test_an_encoder_folder_is_recorded_by_its_whole_path(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    model = Path(settings.encoder.id)
    monkeypatch.chdir(model.parent)
    relative = replace(settings, encoder=replace(settings.encoder, id=model.name))
    assert build(relative).manifest.encoder.id == str(model.resolve())
    assert build(settings).status == "unchanged"


def test_a_failed_build_leaves_the_live_version(settings: Settings) -> None:
    build(settings)
    before = snapshot(settings.index)
    shutil.rmtree(settings.knowledge)
    with pytest.raises(KnowledgeError):
        build(settings)
    assert snapshot(settings.index) == before


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


DAMAGES: dict[str, Callable[[Settings], object]] = {
    "a flipped bit of the vectors": lambda settings: flip(live(settings) / "vectors.faiss"),
    "a cut chunk store": lambda settings: (live(settings) / "chunks.sqlite").write_bytes(b""),
    "no ledger": lambda settings: (live(settings) / "ledger.jsonl").unlink(),
    "a flipped bit of the manifest": lambda settings: flip(live(settings) / "manifest.json"),
    "no version": lambda settings: shutil.rmtree(live(settings)),
    "a garbled CURRENT": lambda settings: (settings.index / "CURRENT").write_bytes(b"\xff garbage"),
    "no CURRENT": lambda settings: (settings.index / "CURRENT").unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=list(DAMAGES))
def test_the_next_build_mends_a_damaged_index(settings: Settings, damage: Callable[[Settings], object]) -> None:
    first = build(settings)
    damage(settings)
    second = build(settings)
    assert (first.status, second.status) == ("published", "published")
    assert first.manifest.files == second.manifest.files
    assert live(settings).name == second.manifest.version
    Store(settings.index).open().check()
    assert build(settings).status == "unchanged"


def test_it_is_told_why_the_live_version_is_not_used(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    build(settings)
    path = live(settings) / "vectors.faiss"
    path.write_bytes(b"")
    build(settings)
    assert len(caplog.messages) == 2
    assert caplog.messages[0].startswith(f"The live version is not used: {path} is damaged (0 bytes instead of ")
    assert caplog.messages[1] == f"The new version is compared with {path.parent.name}."


@pytest.mark.parametrize("what", ["vectors", "manifest", "CURRENT is empty", "CURRENT is gone"])
def test_damage_does_not_let_a_version_through_that_is_much_smaller(settings: Settings, what: str) -> None:
    build(settings)
    first = live(settings).name
    (settings.knowledge / "plan.md").write_text("# Plan\n\nEl plan nuevo incluye todo lo que había y más.\n")
    build(settings)
    current = settings.index / "CURRENT"
    second = live(settings).name
    if what in ("vectors", "manifest"):
        (live(settings) / {"vectors": "vectors.faiss", "manifest": "manifest.json"}[what]).write_bytes(b"")
    elif what == "CURRENT is empty":
        current.write_bytes(b"")
    else:
        current.unlink()
    (settings.knowledge / "plan.md").unlink()
    (settings.knowledge / "red.md").unlink()
    refused = build(settings)
    beside = first if what == "manifest" else second
    assert (refused.status, refused.refusals[0].sentence.split(" remain")[0]) == (
        "refused",
        f"only 1 of the 3 documents of version {beside}",
    )
    accepted = build(replace(settings, gate=replace(settings.gate, allow_shrink=True)))
    assert (accepted.status, live(settings).name) == ("published", accepted.manifest.version)


def test_a_version_of_a_newer_release_is_not_replaced(settings: Settings) -> None:
    build(settings)
    path = live(settings) / "manifest.json"
    data = path.read_bytes().replace(b'"schema": 2', b'"schema": 3')
    path.write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    path.with_name("manifest.json.sha256").write_bytes(manifest_hash_line(sha256))
    line = f"{live(settings).name} {sha256}\n"
    (settings.index / "CURRENT").write_text(line)
    with pytest.raises(NewerSchemaError):
        build(settings)
    assert (settings.index / "CURRENT").read_text() == line


def test_the_knowledge_folder_is_left_as_it_was(settings: Settings) -> None:
    before = snapshot(settings.knowledge)
    build(settings)
    assert snapshot(settings.knowledge) == before
