import contextlib
import hashlib
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowligo_index.errors import KnowledgeError, ParseError, Reason
from knowligo_index.parsers import suffixes
from knowligo_index.sources import SourceOptions
from knowligo_index.sources.inventory import Inventory, take_inventory
from knowligo_index.sources.ledger import LedgerEntry
from knowligo_index.sources.source_files import read_source_bytes, reread
from knowligo_index.sources.source_names import source_name, source_path
from knowligo_index.types import Source


def inventory(folder: Path, golden_questions: Path | None = None) -> Inventory:
    return take_inventory(folder, suffixes(), golden_questions)


def reasons(folder: Path, golden_questions: Path | None = None) -> dict[str, Reason | None]:
    """Why each entry was skipped, beside a document that is none of the test's business."""
    (folder / "plan.md").write_text("# Plan\n")
    found = inventory(folder, golden_questions)
    assert [source.name for source in found.sources] == ["plan.md"]
    return {entry.source: entry.reason for entry in found.ledger_entries}


def refusal(folder: Path) -> str:
    with pytest.raises(KnowledgeError) as refused:
        inventory(folder)
    return str(refused.value)


@contextmanager
def ordinary_user(folder: Path) -> Iterator[None]:
    """Permissions mean nothing to root: become nobody, to whom `folder` and what leads to it are open."""
    if os.geteuid() != 0:
        yield
        return
    opened = [path for path in (folder, *folder.parents) if path.stat().st_mode & 0o055 != 0o055]
    modes = [path.stat().st_mode for path in opened]
    for path, mode in zip(opened, modes, strict=True):
        path.chmod(mode | 0o055)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        for path, mode in zip(opened, modes, strict=True):
            path.chmod(mode)


def test_every_document_is_found_with_its_size_and_hash(tmp_path: Path) -> None:
    (tmp_path / "redes").mkdir()
    files = {
        "plan.md": b"# Plan\r\n",
        "redes/vpn.txt": "Ñandú".encode(),
        "redes/manual.pdf": b"%PDF",
        "a.markdown": b"",
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    formats = {"plan.md": "markdown", "redes/vpn.txt": "text", "redes/manual.pdf": "pdf", "a.markdown": "markdown"}
    assert inventory(tmp_path) == Inventory(
        sources=tuple(
            Source(name, tmp_path / name, formats[name], len(data), hashlib.sha256(data).hexdigest())
            for name, data in sorted(files.items())
        ),
        ledger_entries=(),
    )
    assert inventory(tmp_path).sources[0].sha256 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_inventory_is_sorted_by_whole_name(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "a").mkdir()
    for name in ("b/1.md", "b.md", "b-1.md", "a/2.md", "Z.md", "á.md", "b/x.png", "a.png"):
        (tmp_path / name).touch()
    found = inventory(tmp_path)
    assert [source.name for source in found.sources] == ["Z.md", "a/2.md", "b-1.md", "b.md", "b/1.md", "á.md"]
    assert [entry.source for entry in found.ledger_entries] == ["a.png", "b/x.png"]


def test_the_case_of_a_suffix_means_nothing(tmp_path: Path) -> None:
    for name in ("PLAN.MD", "Guía.Pdf", "notes.TxT"):
        (tmp_path / name).touch()
    assert [(source.name, source.format) for source in inventory(tmp_path).sources] == [
        ("Guía.Pdf", "pdf"),
        ("PLAN.MD", "markdown"),
        ("notes.TxT", "text"),
    ]


def test_files_of_other_formats_are_skipped(tmp_path: Path) -> None:
    for name in ("logo.png", "LICENSE", "plan.md.bak", "md", "carta.doc"):
        (tmp_path / name).touch()
    assert reasons(tmp_path) == dict.fromkeys(
        ("logo.png", "LICENSE", "plan.md.bak", "md", "carta.doc"), "unsupported-format"
    )


def test_a_skipped_entry_says_nothing_of_a_file_that_was_not_read(tmp_path: Path) -> None:
    (tmp_path / "plan.md").touch()
    (tmp_path / "logo.png").write_bytes(b"\x89PNG")
    assert inventory(tmp_path).ledger_entries == (LedgerEntry("logo.png", "skipped", "unsupported-format"),)


def test_the_lock_of_a_word_file_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "~$plan.docx").write_bytes(b"locked")
    (tmp_path / "plan.md").write_text("Plan")
    assert reasons(tmp_path) == {"~$plan.docx": "hidden"}


def test_hidden_files_are_skipped_and_a_hidden_folder_is_one_entry(tmp_path: Path) -> None:
    (tmp_path / ".git" / "objects").mkdir(parents=True)
    (tmp_path / ".git" / "README.md").touch()
    (tmp_path / "redes" / ".cache").mkdir(parents=True)
    (tmp_path / "redes" / ".borrador.md").touch()
    assert reasons(tmp_path) == {".git": "hidden", "redes/.cache": "hidden", "redes/.borrador.md": "hidden"}


def test_links_are_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "folder").mkdir(parents=True)
    (elsewhere / "secret.md").touch()
    knowledge = tmp_path / "knowledge"
    knowledge.mkdir()
    (knowledge / "file.md").symlink_to(elsewhere / "secret.md")
    (knowledge / "folder").symlink_to(elsewhere)
    (knowledge / "dangling.md").symlink_to(tmp_path / "nowhere.md")
    (knowledge / "circle").symlink_to(knowledge)
    assert reasons(knowledge) == dict.fromkeys(("file.md", "folder", "dangling.md", "circle"), "symlink")


@pytest.mark.timeout(10)
def test_what_is_no_regular_file_is_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    monkeypatch.chdir(tmp_path)  # A socket's path may have 107 bytes at most.
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket.md")
    assert reasons(tmp_path) == {"pipe.md": "not-a-regular-file", "socket.md": "not-a-regular-file"}


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        (b"a\xf1o.md", r"a\xf1o.md"),
        (b"a\nb.md", "a\nb.md"),
        (b"C:\\x41.md", r"C:\\x41.md"),
        (b"\\\xff\\.md", r"\\\xff\\.md"),
        (b"redes\xff/a.md", r"redes\xff/a.md"),
        ("año \N{PARTY POPPER}.md".encode(), "año \N{PARTY POPPER}.md"),
    ],
)
def test_any_name_can_be_written_and_read_back(tmp_path: Path, raw: bytes, name: str) -> None:
    path = tmp_path / os.fsdecode(raw)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"# Plan\n")
    source = inventory(tmp_path).sources[0]
    assert (source.name, os.fsencode(source_path(source.name))) == (name, raw)
    assert reread(source, SourceOptions()) == b"# Plan\n"


@given(st.binary(min_size=1).filter(lambda raw: b"\0" not in raw))
def test_no_two_names_are_written_alike(raw: bytes) -> None:
    name = source_name(os.fsdecode(raw))
    name.encode()
    assert os.fsencode(source_path(name)) == raw


def test_the_golden_questions_are_no_document(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    for name in ("questions.md", "en/questions.md"):
        (tmp_path / name).touch()
    (tmp_path / "plan.md").touch()
    found = inventory(tmp_path, tmp_path / "en" / ".." / "questions.md")
    assert found.ledger_entries == (LedgerEntry("questions.md", "skipped", "golden-questions"),)
    assert [source.name for source in found.sources] == ["en/questions.md", "plan.md"]


def test_golden_questions_that_do_not_exist_change_nothing(tmp_path: Path) -> None:
    assert reasons(tmp_path, tmp_path / "questions.jsonl") == {}


def test_a_folder_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    assert refusal(missing) == (
        f"knowledge folder {missing} does not exist: name the folder that holds the documents, "
        "as in `knowligo-index build path/to/documents`."
    )


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "plan.md"
    file.touch()
    assert refusal(file) == (
        f"knowledge folder {file} is not a folder: name the folder that holds the documents, "
        "as in `knowligo-index build path/to/documents`."
    )


@pytest.mark.parametrize("name", [None, "logo.png", ".plan.md"])
def test_a_folder_without_a_document_is_refused(tmp_path: Path, name: str | None) -> None:
    if name:
        (tmp_path / name).touch()
    assert refusal(tmp_path) == (
        f"knowledge folder {tmp_path} holds no document in a supported format ({', '.join(sorted(suffixes()))}): "
        "add one or name another folder."
    )


def test_a_file_that_cannot_be_read_is_quarantined(tmp_path: Path) -> None:
    (tmp_path / "plan.md").touch()
    (tmp_path / "secret.md").touch(mode=0o000)
    with ordinary_user(tmp_path):
        found = inventory(tmp_path)
    assert found.ledger_entries == (
        LedgerEntry(
            source="secret.md",
            status="quarantined",
            reason="unreadable",
            detail="permission denied: make it readable for this user, or remove it",
            format="markdown",
        ),
    )


@pytest.mark.parametrize("below", ["secret", "."])
def test_a_folder_that_cannot_be_read_stops_the_build(tmp_path: Path, below: str) -> None:
    knowledge = tmp_path / "knowledge"
    knowledge.mkdir()
    (knowledge / "plan.md").touch()
    secret = knowledge / below
    secret.mkdir(exist_ok=True)
    secret.chmod(0o000)
    with ordinary_user(tmp_path):
        message = refusal(knowledge)
    secret.chmod(0o700)
    assert message == (
        f"cannot read {secret} (permission denied): make it readable for this user, "
        "or remove it if it does not belong there."
    )


def test_a_knowledge_folder_that_cannot_be_reached_is_not_taken_for_a_missing_one(tmp_path: Path) -> None:
    knowledge = tmp_path / "closed" / "knowledge"
    knowledge.mkdir(parents=True)
    (knowledge / "plan.md").touch()
    knowledge.parent.chmod(0o000)
    with ordinary_user(tmp_path):
        message = refusal(knowledge)
    knowledge.parent.chmod(0o700)
    assert message.startswith(f"cannot read {knowledge} (permission denied): ")


def test_the_files_of_a_folder_that_can_be_listed_and_not_entered_are_quarantined(tmp_path: Path) -> None:
    (tmp_path / "plan.md").touch()
    closed = tmp_path / "closed"
    closed.mkdir()
    (closed / "vpn.md").touch()
    closed.chmod(0o444)
    with ordinary_user(tmp_path):
        found = inventory(tmp_path)
    closed.chmod(0o700)
    assert [(entry.source, entry.reason) for entry in found.ledger_entries] == [("closed/vpn.md", "unreadable")]


def test_folders_deeper_than_a_path_may_be_long_do_not_stop_the_build(tmp_path: Path) -> None:
    (tmp_path / "plan.md").touch()
    with contextlib.chdir(tmp_path):
        for _ in range(30):
            Path("d" * 200).mkdir()
            os.chdir("d" * 200)
    found = inventory(tmp_path)
    shutil.rmtree(tmp_path / ("d" * 200))
    assert [entry.reason for entry in found.ledger_entries] == ["not-a-regular-file"]
    assert [source.name for source in found.sources] == ["plan.md"]


def test_a_file_as_large_as_it_may_be_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    for name, size in (("a.txt", 2**20), ("b.txt", 2**20 + 1)):
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)
    found = take_inventory(tmp_path, suffixes(), None, SourceOptions(max_file_mib=1))
    assert [source.name for source in found.sources] == ["a.txt"]
    assert [(entry.source, entry.reason, entry.detail) for entry in found.ledger_entries] == [
        ("b.txt", "too-large", "1 MiB: split it, or raise --max-file-mib 1")
    ]


def test_a_file_that_is_as_it_was_is_read_again(tmp_path: Path) -> None:
    (tmp_path / "plan.md").write_bytes(b"# Plan\n")
    assert reread(inventory(tmp_path).sources[0], SourceOptions()) == b"# Plan\n"


def read_refusal(path: Path) -> tuple[Reason, str]:
    with pytest.raises(ParseError) as refused:
        read_source_bytes(path, SourceOptions())
    return refused.value.reason, refused.value.detail


@pytest.mark.parametrize("change", ["another text", "gone", "link", "pipe", "folder"])
def test_what_a_file_became_meanwhile_is_noticed(tmp_path: Path, change: str) -> None:
    plan = tmp_path / "plan.md"
    plan.write_bytes(b"# Plan\n")
    source = inventory(tmp_path).sources[0]
    plan.unlink()
    expected: Reason = "changed-while-read"
    if change == "another text":
        plan.write_bytes(b"# Plas\n")
    elif change == "link":
        plan.symlink_to("/etc/hostname")
        expected = "symlink"
    elif change == "pipe":
        os.mkfifo(plan)
        expected = "not-a-regular-file"
    elif change == "folder":
        plan.mkdir()
        expected = "not-a-regular-file"
    with pytest.raises(ParseError) as refused:
        reread(source, SourceOptions())
    assert refused.value.reason == expected


def test_a_file_that_is_written_all_the_time_is_left_for_the_next_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = tmp_path / "plan.md"
    plan.write_bytes(b"# Plan\n")
    real = os.fstat
    calls = 0

    def stat_and_append(descriptor: int) -> os.stat_result:
        nonlocal calls
        calls += 1
        status = real(descriptor)
        if calls % 2:
            with plan.open("ab") as file:
                file.write(b"more\n")
        return status

    monkeypatch.setattr("knowligo_index.sources.source_files.os.fstat", stat_and_append)
    assert read_refusal(plan) == (
        "changed-while-read",
        "another program was writing to it: build again when it has finished",
    )
    assert calls == 6
