"""Results kept from one build to the next, by a key that hashes everything they depend on: `cache/` of an index.

It may be deleted at any time and costs nothing but speed: a record that is damaged is as good as none, a file that is
no longer a database is made anew, and where nothing can be written the build goes on without. Two processes may use it
at once.
"""

import contextlib
import hashlib
import logging
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

CACHE_FILE = Path("cache") / "results.sqlite"
"""below the index folder"""

_log = logging.getLogger(__name__)

# Raised when the table changes: the number SQLite keeps for the user of a file.
_SCHEMA = 1
_CHECKSUM_BYTES = 16

# SQLite takes so many variables in a statement on every build of it.
_KEYS_A_QUERY = 500

# Of a record that is used daily, the time of use is written about once a day.
_USE_SECONDS = 86_400

_PATIENCE_SECONDS = 5.0


class BlobCache:
    """A table of bytes by key, both of any content. Close it, or use it as a context manager."""

    def __init__(self, path: Path) -> None:
        """Open or make the file; where that cannot be, warn, and remember nothing."""
        self._path = path
        self._connection: sqlite3.Connection | None = None
        with self._tolerating("opened"):
            self._connection = _open(path)

    def keys(self, keys: Iterable[bytes]) -> set[bytes]:
        """Those of the keys that there are, as long as nobody looks whether their values are whole."""
        found: set[bytes] = set()
        with self._tolerating("read"):
            for some in _batches(keys):
                found.update(key for (key,) in self._run(f"SELECT key FROM results WHERE {_in(some)}", some))
        return found

    def get(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """The values of those keys that there are."""
        found: dict[bytes, bytes] = {}
        with self._tolerating("read"):
            for some in _batches(keys):
                rows = self._run(f"SELECT key, value, used FROM results WHERE {_in(some)}", some)
                now = int(time.time())
                stale: list[tuple[int, bytes]] = []
                for key, sealed, used in rows:
                    value = _unsealed(key, sealed)
                    if value is not None:
                        found[key] = value
                    if now - used > _USE_SECONDS:
                        stale.append((now, key))
                self._write("UPDATE results SET used = ? WHERE key = ?", stale)
        return found

    def put(self, items: Mapping[bytes, bytes]) -> None:
        """Remember these values, in one transaction; they are there after a kill -9."""
        now = int(time.time())
        with self._tolerating("written"):
            self._write(
                "INSERT OR REPLACE INTO results (key, value, used) VALUES (?, ?, ?)",
                [(key, _sealed(key, value), now) for key, value in items.items()],
            )

    def trim(self, most_bytes: int, *, dry_run: bool = False) -> int:
        """Forget what was used the longest ago until no more than `most_bytes` of values are left; the bytes freed."""
        freed = 0
        with self._tolerating("trimmed"):
            left = sum(size for (size,) in self._run("SELECT sum(length(value)) FROM results", []) if size)
            doomed: list[tuple[bytes]] = []
            for key, size in self._run("SELECT key, length(value) FROM results ORDER BY used, key", []):
                if left - freed <= most_bytes:
                    break
                doomed.append((key,))
                freed += size
            if doomed and not dry_run:
                self._write("DELETE FROM results WHERE key = ?", doomed)
                self._run("VACUUM", [])
        return freed

    def close(self) -> None:
        if self._connection is not None:
            with self._tolerating("closed"):
                self._connection.close()
        self._connection = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, statement: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        return self._connection.execute(statement, values).fetchall() if self._connection else []

    def _write(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        if self._connection and rows:
            with self._connection:
                self._connection.executemany(statement, rows)

    @contextlib.contextmanager
    def _tolerating(self, what: str) -> Iterator[None]:
        """Whatever goes wrong inside the block, warn once and do without the cache from then on."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            connection, self._connection = self._connection, None
            with contextlib.suppress(sqlite3.Error):
                if connection is not None:
                    connection.close()
            if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
                _remove(self._path)
            _log.warning("The cache %s cannot be %s (%s): this build is slower for it.", self._path, what, error)


def _batches(keys: Iterable[bytes]) -> Iterator[list[bytes]]:
    wanted = list(dict.fromkeys(keys))
    for start in range(0, len(wanted), _KEYS_A_QUERY):
        yield wanted[start : start + _KEYS_A_QUERY]


def _in(keys: Sequence[bytes]) -> str:
    return f"key IN ({','.join('?' * len(keys))})"


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(exist_ok=True)
    with contextlib.suppress(sqlite3.DatabaseError):
        return _connect(path)
    # Not a database, or of another release: nothing in it is of use.
    _remove(path)
    return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_PATIENCE_SECONDS, check_same_thread=False)
    try:
        # A transaction is there after a kill; after a power cut the last ones may not be, and no harm is done.
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


def _remove(path: Path) -> None:
    for each in (path, *(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm"))):
        each.unlink(missing_ok=True)


def _checksum(key: bytes, value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=_CHECKSUM_BYTES, key=hashlib.sha256(key).digest()).digest()


def _sealed(key: bytes, value: bytes) -> bytes:
    return _checksum(key, value) + value


def _unsealed(key: bytes, sealed: bytes) -> bytes | None:
    checksum, value = sealed[:_CHECKSUM_BYTES], sealed[_CHECKSUM_BYTES:]
    return value if checksum == _checksum(key, value) else None
