"""What files were hashed to the last time, as long as nothing says that they have changed since: `cache/` of an index.

A file is taken for unchanged where its device, inode, size, time of modification and time of change are the same; the
last of these nobody can set. What was changed within two seconds of being looked at is hashed again the next time: a
second change might have left the same times (the rule by which Git tells a racy entry of its index).
"""

import contextlib
import hashlib
import logging
import os
import stat
import time
from pathlib import Path

import msgspec

from knowligo_index.system.hashing import FileEntry, hash_file

MEMO_FILE = Path("cache") / "hashes"
"""below the index folder: the SHA-256 of all that follows, a newline, and JSON"""

_RACY_NANOSECONDS = 2 * 10**9

_log = logging.getLogger(__name__)


class _Seen(msgspec.Struct, frozen=True, array_like=True):
    device: int
    inode: int
    modified: int
    changed: int
    size: int
    sha256: str


class HashMemo:
    """Hashes by absolute path."""

    def __init__(self, file: Path | None = None) -> None:
        """Read what `save` wrote; a file that is not there, or not whole, is as good as an empty one."""
        self._file = file
        self._before = _read(file) if file else {}
        self._now: dict[str, _Seen] = {}

    def known(self, path: Path) -> FileEntry | None:
        """What the file is, if it is a regular file and nothing about it has changed."""
        with contextlib.suppress(OSError):
            found, before = path.lstat(), self._before.get(_name(path))
            if before and stat.S_ISREG(found.st_mode) and before == _seen(found, before.sha256):
                self._now[_name(path)] = before
                return FileEntry(before.size, before.sha256)
        return None

    def looked_at(self, path: Path) -> "Look":
        """Call before the file is read."""
        return Look(self, path)

    def remember(self, path: Path, seen: _Seen) -> None:
        self._now[_name(path)] = seen

    def hash_file(self, path: Path) -> FileEntry:
        """`hashing.hash_file`, or what it was the last time. Raises OSError."""
        path = path.resolve()
        known = self.known(path)
        if known:
            return known
        look = self.looked_at(path)
        entry = hash_file(path)
        look.was(entry)
        return entry

    def save(self) -> None:
        """Write what was hashed or found unchanged since this was made; where that cannot be, warn."""
        if self._file is None or self._now == self._before:
            return
        data = msgspec.json.encode(self._now)
        temporary = self._file.with_name(f"{self._file.name}.new")
        try:
            self._file.parent.mkdir(exist_ok=True)
            temporary.write_bytes(hashlib.sha256(data).hexdigest().encode() + b"\n" + data)
            temporary.replace(self._file)
        except OSError as error:
            _log.warning("%s cannot be written (%s): the next build is slower for it.", self._file, error)


class Look:
    """A file about to be read, as it is by its stat."""

    def __init__(self, memo: HashMemo, path: Path) -> None:
        self._memo = memo
        self._path = path
        self._at = time.time_ns()
        self._stat = _lstat(path)

    def was(self, entry: FileEntry) -> None:
        """Remember what was read, unless the file may have changed meanwhile, or just before."""
        before, after = self._stat, _lstat(self._path)
        if before is None or after is None:
            return
        seen = _seen(before, entry.sha256)
        quiet = max(seen.modified, seen.changed) < self._at - _RACY_NANOSECONDS
        if quiet and seen == _seen(after, entry.sha256) and seen.size == entry.size:
            self._memo.remember(self._path, seen)


def _seen(found: os.stat_result, sha256: str) -> _Seen:
    return _Seen(found.st_dev, found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size, sha256)


def _lstat(path: Path) -> os.stat_result | None:
    with contextlib.suppress(OSError):
        return path.lstat()
    return None


def _name(path: Path) -> str:
    # A name may hold bytes that are not UTF-8, which JSON cannot.
    return os.fsencode(path.absolute()).decode("utf-8", "backslashreplace")


def _read(file: Path) -> dict[str, _Seen]:
    try:
        checksum, _, data = file.read_bytes().partition(b"\n")
        if checksum == hashlib.sha256(data).hexdigest().encode():
            return msgspec.json.decode(data, type=dict[str, _Seen])
    except (OSError, msgspec.MsgspecError):
        pass
    return {}
