"""A chunk store that somebody made to harm whoever opens it, with a manifest that has its hash."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from knowligo_index.chunking.chunked_document import ChunkedDocument
from knowligo_index.errors import DamagedIndexError
from knowligo_index.store import chunks, chunks_database
from knowligo_index.store.chunks import ChunkStore
from knowligo_index.store.chunks_database import open_database
from knowligo_index.store.chunks_writer import write_chunk_store
from knowligo_index.types import Chunk, Document

ENDLESS = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    chunk = Chunk("gato", 0, 4, (), "", 1, 1, None, None, tokens=3)
    document = ChunkedDocument(Document("a.md", "text", "a", "gato", ()), "ab" * 32, (chunk,))
    write_chunk_store(tmp_path / "chunks.sqlite", [document])
    return tmp_path / "chunks.sqlite"


def changed(path: Path, *statements: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.parametrize(
    ("statements", "foreign"),
    [
        (["CREATE TABLE more (n)"], "more"),
        (["CREATE TRIGGER t AFTER INSERT ON chunks BEGIN DELETE FROM documents; END"], "t"),
        (["CREATE VIEW v AS SELECT load_extension('/tmp/x.so')"], "v"),
        (["DROP VIEW passages", f"CREATE VIEW passages AS {ENDLESS}"], "passages"),
        (["DROP TABLE chunks", "CREATE TABLE chunks (id INTEGER PRIMARY KEY, x AS (zeroblob(1e9)))"], "chunks"),
        (["CREATE VIRTUAL TABLE f USING fts5 (x)"], "f, f_config, f_content, f_data, f_docsize, f_idx"),
        (["CREATE INDEX i ON chunks (abs(tokens))"], "i"),
    ],
)
def test_a_schema_of_somebody_else_is_refused(path: Path, statements: list[str], foreign: str) -> None:
    changed(path, *statements)
    with closing(ChunkStore(path)) as store, pytest.raises(DamagedIndexError) as refused:
        store.check(1)
    assert str(refused.value) == (
        f"{path} is not a valid store of passages ({foreign}: not as this package makes it): build the index again."
    )


def test_no_database_is_refused(path: Path) -> None:
    for content in (b"", b"x" * 5000, path.read_bytes()[:100] + b"\xff" * 8000, path.read_bytes()[:4096]):
        path.write_bytes(content)
        with pytest.raises(DamagedIndexError), closing(ChunkStore(path)) as store:
            store.check(1)


@pytest.fixture
def connection(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(open_database(path.read_bytes())) as opened:
        yield opened


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("DELETE FROM chunks", "attempt to write a readonly database"),
        ("CREATE TABLE t (n)", "attempt to write a readonly database"),
        ("SELECT length(zeroblob(1000000000))", "string or blob too big"),
        ("SELECT length(hex(randomblob(1000000)))", "string or blob too big"),
        ("ATTACH '/etc/passwd' AS other", "too many attached databases - max 0"),
        (f"SELECT {'1, ' * 200} 1", "too many columns in result set"),
        (f"SELECT {'(' * 200}1{')' * 200}", None),
        ("SELECT load_extension('/tmp/x.so')", "not authorized"),
    ],
)
def test_statements_are_kept_within_limits(connection: sqlite3.Connection, statement: str, why: str | None) -> None:
    with pytest.raises(sqlite3.Error) as refused:
        connection.execute(statement).fetchall()
    assert why is None or str(refused.value) == why
    assert connection.execute("PRAGMA trusted_schema").fetchone() == (0,)
    assert connection.execute("PRAGMA cell_size_check").fetchone() == (1,)


def test_a_statement_that_takes_too_long_is_interrupted(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "STATEMENT_SECONDS", 0.2)
    monkeypatch.setattr(chunks_database.Deadline.start, "__defaults__", (0.2,))
    with closing(ChunkStore(path)) as store:
        begun = time.monotonic()
        with pytest.raises(DamagedIndexError) as refused:
            store._rows(ENDLESS)
        assert time.monotonic() - begun < 10
        assert str(refused.value) == (
            f"cannot read {path} (it did not answer within 0 seconds): check the disk, or build the index again."
        )
        # The store is as good as before.
        assert [passage.text for passage in store.passages([0])] == ["gato"]


def test_damaged_pages_give_an_error_or_the_right_answer_and_never_end_the_process(path: Path) -> None:
    content = path.read_bytes()
    for offset in range(100, len(content), 97):
        path.write_bytes(content[:offset] + bytes([content[offset] ^ 0xFF]) + content[offset + 1 :])
        try:
            with closing(ChunkStore(path)) as store:
                store.check(1)
                store.lexical_search('"gato"', 5)
                store.passages([0])
        except (DamagedIndexError, KeyError, TypeError, ValueError):
            # What a manifest has a hash of and is not as it was written.
            continue
