"""Results that builds keep for later builds, under a key that hashes everything they depend on: `cache/` of an index.

It may be deleted at any time, at the cost of speed alone: a damaged record counts as missing, a file that is no
database is replaced, and where nothing can be written the build runs without a cache. Two processes may use it at the
same time.
"""

import contextlib
import hashlib
import logging
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from knowligo_index.system.cache_database import open_database, remove_database

CACHE_FILE = Path("cache") / "results.sqlite"
"""below the index folder"""

_log = logging.getLogger(__name__)

_CHECKSUM_BYTES = 16

# Every build of SQLite accepts this many variables in a statement.
_KEYS_PER_QUERY = 500

# The time of the last use is written again only when the recorded one is older than this.
_USE_SECONDS = 86_400


class BlobCache:
    """A table from bytes to bytes. Close it, or use it as a context manager."""

    def __init__(self, path: Path) -> None:
        """Open or create the file. Where that fails, log a warning and cache nothing."""
        self._path = path
        self._connection: sqlite3.Connection | None = None
        with self._disabling_on_error("opened"):
            self._connection = open_database(path)

    def keys(self, keys: Iterable[bytes]) -> set[bytes]:
        """Those of the keys that have a record. The records are not checked for damage."""
        present: set[bytes] = set()
        with self._disabling_on_error("read"):
            for batch in _batches(keys):
                present.update(key for (key,) in self._run(f"SELECT key FROM results WHERE {_in(batch)}", batch))
        return present

    def get(self, keys: Iterable[bytes]) -> dict[bytes, bytes]:
        """The values of those keys that have an undamaged record."""
        values: dict[bytes, bytes] = {}
        with self._disabling_on_error("read"):
            for batch in _batches(keys):
                rows = self._run(f"SELECT key, value, used FROM results WHERE {_in(batch)}", batch)
                now = int(time.time())
                used_keys: list[tuple[int, bytes]] = []
                for key, sealed, used in rows:
                    value = _unsealed(key, sealed)
                    if value is not None:
                        values[key] = value
                    if now - used > _USE_SECONDS:
                        used_keys.append((now, key))
                self._write("UPDATE results SET used = ? WHERE key = ?", used_keys)
        return values

    def put(self, items: Mapping[bytes, bytes]) -> None:
        """Store these values in one transaction, which survives a kill -9."""
        now = int(time.time())
        with self._disabling_on_error("written"):
            self._write(
                "INSERT OR REPLACE INTO results (key, value, used) VALUES (?, ?, ?)",
                [(key, _sealed(key, value), now) for key, value in items.items()],
            )

    def trim(self, max_bytes: int, *, dry_run: bool = False) -> int:
        """Delete the least recently used records until the values take at most `max_bytes`. Returns the number of bytes
        that this frees."""
        freed = 0
        with self._disabling_on_error("trimmed"):
            size_before = sum(size for (size,) in self._run("SELECT sum(length(value)) FROM results", []) if size)
            deleted_keys: list[tuple[bytes]] = []
            for key, size in self._run("SELECT key, length(value) FROM results ORDER BY used, key", []):
                if size_before - freed <= max_bytes:
                    break
                deleted_keys.append((key,))
                freed += size
            if deleted_keys and not dry_run:
                self._write("DELETE FROM results WHERE key = ?", deleted_keys)
                self._run("VACUUM", [])
        return freed

    def close(self) -> None:
        if self._connection is not None:
            with self._disabling_on_error("closed"):
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
    def _disabling_on_error(self, action: str) -> Iterator[None]:
        """On any error inside the block, log a warning and stop using the cache. A damaged file is removed."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            connection, self._connection = self._connection, None
            with contextlib.suppress(sqlite3.Error):
                if connection is not None:
                    connection.close()
            if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
                with contextlib.suppress(OSError):
                    remove_database(self._path)
            _log.warning(
                "The cache %s cannot be %s (%s): this build continues without it, more slowly.",
                self._path,
                action,
                error,
            )


def _batches(keys: Iterable[bytes]) -> Iterator[list[bytes]]:
    distinct = list(dict.fromkeys(keys))
    for start in range(0, len(distinct), _KEYS_PER_QUERY):
        yield distinct[start : start + _KEYS_PER_QUERY]


def _in(keys: Sequence[bytes]) -> str:
    return f"key IN ({','.join('?' * len(keys))})"


def _checksum(key: bytes, value: bytes) -> bytes:
    return hashlib.blake2b(value, digest_size=_CHECKSUM_BYTES, key=hashlib.sha256(key).digest()).digest()


def _sealed(key: bytes, value: bytes) -> bytes:
    return _checksum(key, value) + value


def _unsealed(key: bytes, sealed: bytes) -> bytes | None:
    checksum, value = sealed[:_CHECKSUM_BYTES], sealed[_CHECKSUM_BYTES:]
    return value if checksum == _checksum(key, value) else None
