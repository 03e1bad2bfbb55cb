"""The SQLite database of a chunk store: its schema, and how one that somebody else may have made is opened.

The database is in memory, from the bytes that were compared with the manifest: whoever changes the file changes
nothing that is read. It takes as much memory as the file has bytes.
"""

import sqlite3
import threading
import time
from contextlib import closing
from typing import Final

# Chunk ids count from 0, in the order of the documents: chunk i is row i of the vectors. substr() counts code points
# from 1. The full-text index stores no text (content=''): what it indexes is the text without markup, which is not
# stored.
CHUNKS_SCHEMA = """
PRAGMA page_size = 4096;
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE documents (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL UNIQUE,
    format TEXT NOT NULL,
    title TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    encoding TEXT,
    language TEXT,
    metadata TEXT NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE TABLE chunks (
    id INTEGER PRIMARY KEY,
    document INTEGER NOT NULL REFERENCES documents (id),
    char_start INTEGER NOT NULL,
    char_end INTEGER NOT NULL,
    headings TEXT NOT NULL,
    breadcrumb TEXT NOT NULL,
    line_start INTEGER,
    line_end INTEGER,
    page_start INTEGER,
    page_end INTEGER,
    tokens INTEGER NOT NULL
) STRICT;
CREATE VIEW passages AS
    SELECT chunks.*, source, title, substr(text, char_start + 1, char_end - char_start) AS text
    FROM chunks JOIN documents ON documents.id = chunks.document;
CREATE VIRTUAL TABLE passages_fts USING fts5 (
    breadcrumb, text, content='', tokenize="unicode61 remove_diacritics 2", prefix='4'
);
"""

STATEMENT_SECONDS: Final = 30.0
"""A statement that takes longer is interrupted. On 100,000 passages a search takes a quarter of a second."""

# Steps of SQLite's virtual machine between two looks at the clock: about a millisecond.
_STEPS = 100_000

# What the statements of ChunkStore, and the full-text search within them, need with room to spare.
_LIMITS = {
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 10_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 100,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 10,
    sqlite3.SQLITE_LIMIT_VDBE_OP: 100_000,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 10,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,
    sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER: 100,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 0,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}

# No row is larger than the file; a list of the ids of all passages may be.
_MINIMUM_LENGTH = 2**20

_SCHEMA_QUERY = "SELECT type, name, sql FROM sqlite_schema ORDER BY name"


def open_database(data: bytes) -> sqlite3.Connection:
    """A read-only connection to a database with this content, which several threads may use at once: SQLite serialises
    them. Nothing of it is read yet. A statement that takes more than STATEMENT_SECONDS fails with an OperationalError,
    "interrupted".

    Raises sqlite3.Error."""
    if not data:
        # SQLite takes no memory of zero bytes.
        raise sqlite3.DatabaseError("file is not a database")
    connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    try:
        connection.deserialize(data)
        for limit, value in _LIMITS.items():
            connection.setlimit(limit, value)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, max(_MINIMUM_LENGTH, len(data)))
        # What the schema of the file calls may do nothing but compute, and its pages are checked when they are read.
        for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON"):
            connection.execute(f"PRAGMA {pragma}")
        if hasattr(connection, "setconfig"):
            # From Python 3.12 on. Nothing can be written in any case.
            connection.setconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE, True)  # type: ignore[attr-defined]
    except BaseException:
        connection.close()
        raise
    return connection


class Deadline:
    """Interrupts the statements of a connection that take too long."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        # Of each thread: SQLite may compute a row for one thread and then one for another.
        self._of_thread = threading.local()
        connection.set_progress_handler(self._is_over, _STEPS)

    def start(self, seconds: float = STATEMENT_SECONDS) -> None:
        """Give the statements that this thread runs from now on so much time."""
        self._of_thread.at = time.monotonic() + seconds

    def _is_over(self) -> bool:
        return time.monotonic() > getattr(self._of_thread, "at", float("inf"))


def foreign_objects(connection: sqlite3.Connection) -> list[str]:
    """The names of tables, views, indexes and triggers of the database that are not those of CHUNKS_SCHEMA, or not as
    it says. Raises sqlite3.Error."""
    with closing(sqlite3.connect(":memory:")) as empty:
        empty.executescript(CHUNKS_SCHEMA)
        expected = set(empty.execute(_SCHEMA_QUERY).fetchall())
    actual = {tuple(row) for row in connection.execute(_SCHEMA_QUERY).fetchall()}
    return sorted({str(name) for _, name, _ in expected ^ actual})
