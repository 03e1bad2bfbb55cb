"""The SQLite file of the cache: its table, its schema and its durability."""

import contextlib
import logging
import os
import sqlite3
from pathlib import Path

from knowligo_index.system.hashing import irregular_kind, open_regular
from knowligo_index.system.own_files import discard

# SQLite's `user_version` of the file. It is raised when the table changes.
_SCHEMA = 1

_LOCK_TIMEOUT_SECONDS = 5.0

_MAGIC = b"SQLite format 3\0"

_log = logging.getLogger(__name__)


def open_database(path: Path) -> sqlite3.Connection:
    """Open the file, or create it. A file that is no database, or of another schema, is replaced; so are a link, a
    folder and what else is no file of the cache. Raises sqlite3.Error or OSError."""
    path.parent.mkdir(exist_ok=True)
    for file in _files(path):
        # SQLite would follow a link, and write to a file that has another name somewhere else.
        if kind := _foreign_kind(file):
            discard(file)
            _log.warning("%s was %s and not a file of the cache: it is replaced.", file, kind)
    with contextlib.suppress(sqlite3.DatabaseError):
        return _connect(path)
    # It is not a database, or one of another release, whose records this one cannot use.
    remove_database(path)
    return _connect(path)


def is_database(path: Path) -> bool:
    """Whether it is a regular file with the first bytes of a database, and neither it nor another file of SQLite is one
    that `open_database` replaces."""
    if any(map(_foreign_kind, _files(path))):
        return False
    with contextlib.suppress(OSError), open_regular(path) as file:
        return file.read(len(_MAGIC)) == _MAGIC
    return False


def _foreign_kind(file: Path) -> str | None:
    """What this is, as in "a link", if it is no file of the cache; None if it is one or does not exist."""
    if kind := irregular_kind(file):
        return kind
    with contextlib.suppress(OSError):
        if file.lstat().st_nlink > 1:
            return "a file with a second name (a hard link)"
        if not os.access(file, os.R_OK):
            return "a file that cannot be read"
    return None


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_LOCK_TIMEOUT_SECONDS, check_same_thread=False)
    try:
        # With these settings a transaction survives a kill. A power failure may lose the last ones, which is harmless.
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        _check_schema(connection)
        with connection:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS results "
                "(key BLOB PRIMARY KEY, value BLOB NOT NULL, used INTEGER NOT NULL) STRICT, WITHOUT ROWID"
            )
            connection.execute(f"PRAGMA user_version = {_SCHEMA}")
    except BaseException:
        connection.close()
        raise
    return connection


def _check_schema(connection: sqlite3.Connection) -> None:
    (schema,) = connection.execute("PRAGMA user_version").fetchone()
    if schema not in (0, _SCHEMA):
        raise sqlite3.DatabaseError(f"schema {schema} instead of {_SCHEMA}")


def remove_database(path: Path) -> None:
    """Remove the file and those that SQLite keeps with it. Raises OSError."""
    for file in _files(path):
        discard(file)


def _files(path: Path) -> list[Path]:
    return [path, *(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal"))]
