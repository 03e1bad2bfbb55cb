"""The SQLite file of the cache: its table, its schema and its durability."""

import contextlib
import sqlite3
from pathlib import Path

# SQLite's `user_version` of the file. It is raised when the table changes.
_SCHEMA = 1

_LOCK_TIMEOUT_SECONDS = 5.0


def open_database(path: Path) -> sqlite3.Connection:
    """Open the file, or create it. A file that is no database, or of another schema, is replaced. Raises sqlite3.Error
    or OSError."""
    path.parent.mkdir(exist_ok=True)
    with contextlib.suppress(sqlite3.DatabaseError):
        return _connect(path)
    # It is not a database, or one of another release, whose records this one cannot use.
    remove_database(path)
    return _connect(path)


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
    """Remove the file and the two that SQLite keeps with it. Raises OSError."""
    for file in (path, *(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))):
        file.unlink(missing_ok=True)
