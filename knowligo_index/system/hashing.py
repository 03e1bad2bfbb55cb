"""SHA-256 of files and of values."""

import errno
import hashlib
import io
import json
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

# Bytes per read. During a read Python lets other threads run and, while they are busy, takes 5 ms to return to this
# one: with the 256 KiB of hashlib.file_digest, a service that imports its modules meanwhile starts a sixth of a second
# later.
_BLOCK = 4 << 20


@dataclass(frozen=True, slots=True)
class FileEntry:
    """The size and hash of a file's content."""

    size: int
    """bytes"""
    sha256: str
    """64 hexadecimal digits"""

    @classmethod
    def of(cls, data: bytes) -> Self:
        """The entry of a file with this content."""
        return cls(len(data), hashlib.sha256(data).hexdigest())


_FOLDER = "a folder"

PLAIN_NAME = r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,100}$"
"""names of files that a manifest may list: of its own folder"""


def hash_file(path: Path, expected_size: int | None = None) -> FileEntry:
    """The size and hash of a regular file, whose content is read. With another size than `expected_size` it is not
    read, and its hash is "". Raises OSError, also where it is a link, a pipe or a device."""
    digest, block = hashlib.sha256(), memoryview(bytearray(_BLOCK))
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if expected_size is not None and size != expected_size:
            return FileEntry(size, "")
        # Not more than it had when it was opened: it may grow for ever.
        while file.tell() < size and (count := file.readinto(block[: size - file.tell()])):
            digest.update(block[:count])
        return FileEntry(file.tell(), digest.hexdigest())


def read_regular(path: Path, maximum: int) -> bytes:
    """The content of a regular file of at most so many bytes. Raises OSError, also where it is larger."""
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > maximum:
            raise OSError(errno.EFBIG, f"{size:,} bytes instead of at most {maximum:,}", str(path))
        return file.read(size)


def content_or_none(path: Path, maximum: int) -> bytes | None:
    """The content of a regular file of at most so many bytes; None if it is none, or cannot be read."""
    try:
        return read_regular(path, maximum)
    except OSError:
        return None


def open_regular(path: Path, flags: int = os.O_RDONLY) -> io.FileIO:
    """Open a regular file, by default for reading; without waiting for the other end of a pipe, and without following a
    link. `flags` are those of `os.open`. Raises OSError, which says what the path is if it is not a regular file."""
    flags |= os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags, 0o666)
    except OSError as error:
        # Of a link the system says "too many levels of symbolic links", and of a socket "no such device or address".
        if kind := irregular_kind(path):
            raise _not_regular(path, kind) from error
        raise
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise _not_regular(path, _kind(mode))
    return io.FileIO(descriptor)


def irregular_kind(path: Path) -> str | None:
    """What has this name, as in "a link", without following it; None if it is a regular file or cannot be looked at,
    because there is none or a folder above it is closed."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return None
    return None if stat.S_ISREG(mode) else _kind(mode)


def _kind(mode: int) -> str:
    names = {stat.S_IFLNK: "a link", stat.S_IFDIR: _FOLDER, stat.S_IFIFO: "a named pipe", stat.S_IFSOCK: "a socket"}
    return names.get(stat.S_IFMT(mode), "a device")


def _not_regular(path: Path, kind: str) -> OSError:
    if kind == _FOLDER:
        return OSError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    return OSError(errno.EINVAL, f"{kind} instead of a regular file", str(path))


def canonical_sha256(value: Any) -> str:
    """The SHA-256, in 64 hexadecimal digits, of a value that JSON can represent; the order of its keys does not
    matter."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def sha256sum_line(sha256: str, name: str) -> bytes:
    """The line that `sha256sum` writes for a file of this name, and that `sha256sum --check` reads."""
    return f"{sha256}  {name}\n".encode("ascii")
