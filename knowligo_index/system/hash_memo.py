"""Hashes of files as they were the last time, valid while a file's stat has not changed: `cache/` of an index.

A file counts as unchanged where its device, inode, size, modification time and change time are the same; no program can
set the change time. A file that was changed less than two seconds before it was observed is hashed again the next time,
since a second change might have left the same times. Git applies this rule to the entries of its index that it calls
racy.
"""

import contextlib
import hashlib
import logging
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from knowligo_index.system.hashing import FileEntry, hash_file, irregular_kind, read_regular
from knowligo_index.system.os_errors import reason_of
from knowligo_index.system.own_files import discard, replace_content

MEMO_FILE = Path("cache") / "hashes"
"""below the index folder: the SHA-256 of the rest of the file, a newline, and JSON"""

_RACY_NANOSECONDS = 2 * 10**9

# Enough for a million files.
_MAX_BYTES = 512 * 2**20

_log = logging.getLogger(__name__)

Status = Callable[[], os.stat_result]
"""gives the stat of a file, without following a link; raises OSError"""


class _HashedFile(msgspec.Struct, frozen=True, array_like=True):
    device: int
    inode: int
    modified: int
    """nanoseconds since 1970"""
    changed: int
    """nanoseconds since 1970"""
    size: int
    sha256: str


class HashMemo:
    """Hashes by the SHA-256 of the absolute path."""

    def __init__(self, file: Path | None = None) -> None:
        """Read what `save` wrote; a file that is missing or damaged counts as an empty one."""
        self._file = file
        self._previous = _read(file) if file else {}
        self._current: dict[str, _HashedFile] = {}

    def recall(self, path: Path, status: Status | None = None) -> FileEntry | None:
        """Size and hash of the file as they were, where it is a regular file and its stat has not changed. `status`
        gives that stat, for a caller that does not open the file by its path."""
        with contextlib.suppress(OSError):
            key = _key(path)
            now, hashed = (status or path.lstat)(), self._previous.get(key)
            if hashed and stat.S_ISREG(now.st_mode) and hashed == _hashed_file(now, hashed.sha256):
                self._current[key] = hashed
                return FileEntry(hashed.size, hashed.sha256)
        return None

    def observe(self, path: Path, status: Status | None = None) -> "Observation":
        """Note the stat of a file. Call this before the file is read; `status` as for `recall`."""
        return Observation(self._current, _key(path), status or path.lstat)

    def hash_file(self, path: Path) -> FileEntry:
        """`hashing.hash_file`, or its result of the last time where the file is unchanged. Raises OSError."""
        path = path.resolve()
        entry = self.recall(path)
        if entry is None:
            observation = self.observe(path)
            entry = hash_file(path)
            observation.remember(entry)
        return entry

    def save(self) -> None:
        """Write the hashes that were computed or recalled since this was created. Where that fails, log a warning."""
        if self._file is None or self._current == self._previous:
            return
        data = msgspec.json.encode(self._current)
        content = hashlib.sha256(data).hexdigest().encode() + b"\n" + data
        try:
            self._file.parent.mkdir(exist_ok=True)
            if kind := irregular_kind(self._file):
                discard(self._file)
                _log.warning("%s was %s and not a file of the cache: it is replaced.", self._file, kind)
            replace_content(self._file, content, self._file.with_name(f"{self._file.name}.new"))
        except OSError as error:
            _log.warning(
                "%s cannot be written (%s): the next build hashes every file again.", self._file, reason_of(error)
            )


class Observation:
    """The stat of a file that is about to be read."""

    def __init__(self, hashed_files: dict[str, _HashedFile], key: str, status: Status) -> None:
        self._hashed_files = hashed_files
        self._key = key
        self._status = status
        self._time = time.time_ns()
        self._before = _or_none(status)

    def remember(self, entry: FileEntry) -> None:
        """Keep the size and hash of the content that was read, unless the file may have changed during the read or just
        before it."""
        before, after = self._before, _or_none(self._status)
        if before is None or after is None:
            return
        hashed = _hashed_file(before, entry.sha256)
        is_racy = max(hashed.modified, hashed.changed) >= self._time - _RACY_NANOSECONDS
        if not is_racy and hashed == _hashed_file(after, entry.sha256) and hashed.size == entry.size:
            self._hashed_files[self._key] = hashed


def _hashed_file(status: os.stat_result, sha256: str) -> _HashedFile:
    return _HashedFile(status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns, status.st_size, sha256)


def _or_none(status: Status) -> os.stat_result | None:
    with contextlib.suppress(OSError):
        return status()
    return None


def _key(path: Path) -> str:
    # Not the path itself: a name may hold a secret, and bytes that JSON cannot hold.
    return hashlib.sha256(os.fsencode(path.absolute())).hexdigest()


def _read(file: Path) -> dict[str, _HashedFile]:
    try:
        checksum, _, data = read_regular(file, _MAX_BYTES).partition(b"\n")
        if checksum == hashlib.sha256(data).hexdigest().encode():
            return msgspec.json.decode(data, type=dict[str, _HashedFile])
    except (OSError, msgspec.MsgspecError):
        pass
    return {}
