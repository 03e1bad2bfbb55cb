"""Files of an index that somebody changes while it is open: what was opened is what answers, or there is an error."""

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from support.serving import RunningService, running

from knowligo_index import open_index
from knowligo_index.encoders.embedding_table_layout import TableLayout
from knowligo_index.encoders.token_embeddings import TokenEmbeddings
from knowligo_index.errors import DamagedIndexError

INDEX = Path(__file__).parents[1] / "store/data/index-schema-2"
QUESTIONS = ("precio del plan", "how to reset the password of the mailbox", "E-4013", "cable de red y oficina")


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return Path(shutil.copytree(INDEX, tmp_path / "index"))


def files_of(index: Path) -> list[Path]:
    return sorted(path for path in index.rglob("*") if path.is_file())


def file_named(index: Path, name: str) -> Path:
    (path,) = index.rglob(name)
    return path


def written_over(path: Path, content: bytes) -> None:
    """In place: the file stays the same, as it does when it is opened for writing without truncation."""
    with path.open("r+b") as file:
        file.write(content)


def asked(service: RunningService) -> list[tuple[int, object]]:
    """Status, and hits or error, of each question in each mode."""
    replies = [
        service.post("/search", {"q": question, "k": 3, "mode": mode})
        for question in QUESTIONS
        for mode in ("hybrid", "dense", "lexical")
    ]
    return [(reply.status, reply.json["hits"] if reply.status == 200 else reply.error) for reply in replies]


def test_the_index_copied_over_itself_leaves_the_service_as_it_was(index: Path) -> None:
    with running(index, "--searches-per-minute", "0") as service:
        before = asked(service)
        assert {status for status, _ in before} == {200}
        with subprocess.Popen(["sh", "-c", f"for i in $(seq 50); do cp -r {INDEX}/. {index}; done"]) as copying:
            during = asked(service)
            assert copying.wait() == 0
        # A file that is read at that moment may be empty: that is an error, and no other answer.
        assert {status for status, _ in during} <= {200, 503}
        assert [reply for reply in during if reply[0] == 200 and reply not in before] == []
        assert asked(service) == before
        assert service.process.poll() is None


def test_truncated_files_do_not_end_the_service(index: Path) -> None:
    with running(index, "--searches-per-minute", "0") as service:
        expected = asked(service)
        for path in files_of(index):
            if path.name != "CURRENT":
                os.truncate(path, 0)
        assert asked(service) == expected
        # Of a length for which the model has to be prepared anew.
        assert service.post("/search", {"q": " ".join(QUESTIONS * 4), "mode": "dense"}).status == 200
        assert service.process.poll() is None


def test_a_changed_word_does_not_come_out(index: Path) -> None:
    path = file_named(index, "chunks.sqlite")
    content = path.read_bytes()
    changed = content.replace("20 €".encode(), "99 €".encode())
    assert changed != content
    with open_index(index) as reader:
        written_over(path, changed)
        texts = [hit.text for hit in reader.search("precio del plan", k=5, mode="lexical")]
    assert any("20 €" in text for text in texts)
    assert not any("99 €" in text for text in texts)


def damage_of(path: Path) -> str:
    return (
        f"{path}, a file of the exported encoder, is damaged (it was changed after it was opened): build the index "
        "again, which exports the encoder anew, or copy the folder again from where it came from "
        "(under another name, then rename it)."
    )


@pytest.mark.parametrize("change", ["another", "truncated"])
def test_a_table_of_embeddings_that_was_changed_is_an_error_where_it_is_used(tmp_path: Path, change: str) -> None:
    path = tmp_path / "embeddings.bin"
    table = np.arange(4_000_000, dtype="<f4").reshape(-1, 4)
    table.tofile(path)
    embeddings = TokenEmbeddings(path, TableLayout("float32", 4))
    first, last = np.array([[0, 1]]), np.array([[len(table) - 1]])
    np.testing.assert_array_equal(embeddings.of(first), table[first])
    content = path.read_bytes()
    if change == "another":
        written_over(path, bytes(len(content)))
    else:
        os.truncate(path, 0)
    # What was read stays.
    np.testing.assert_array_equal(embeddings.of(first), table[first])
    with pytest.raises(DamagedIndexError) as refused:
        embeddings.of(last)
    assert str(refused.value) == damage_of(path)
    path.write_bytes(content)
    np.testing.assert_array_equal(embeddings.of(last), table[last])


@pytest.mark.parametrize(
    "name", ["model.bin", "embeddings.bin", "model.xml", "tokenizer.json", "vectors.faiss", "chunks.sqlite"]
)
def test_what_was_read_is_not_read_again(index: Path, name: str) -> None:
    path = file_named(index, name)
    question = "how to reset the password of the mailbox"
    with open_index(index) as reader:
        expected = reader.search(question)
        written_over(path, bytes(byte ^ 1 for byte in path.read_bytes()))
        # Of another length, for which the model is prepared anew.
        reader.search(question * 4)
        assert reader.search(question) == expected


def test_a_ledger_that_was_changed_is_an_error(index: Path) -> None:
    path = file_named(index, "ledger.jsonl")
    with open_index(index) as reader:
        content = path.read_bytes()
        written_over(path, content.replace(b"plan.md", b"plam.md"))
        with pytest.raises(DamagedIndexError, match=r"ledger\.jsonl is damaged \(its SHA-256 is not the manifest's\)"):
            reader.ledger()


def test_without_sealed_memory_the_weights_are_read_into_ordinary_memory(
    index: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    question = "how to reset the password of the mailbox"
    with open_index(index) as reader:
        expected = reader.search(question)
    monkeypatch.delattr(os, "memfd_create")
    with open_index(index) as reader:
        assert reader.search(question) == expected
        os.truncate(file_named(index, "model.bin"), 0)
        reader.search(question * 4)
        assert reader.search(question) == expected
