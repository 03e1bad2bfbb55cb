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


def open_regular(path: Path) -> io.FileIO:
    """Open a regular file for reading; without waiting for the other end of a pipe, and without following a link.
    Raises OSError."""
    flags = os.O_RDONLY | os.O_CLOEXEC | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    descriptor = os.open(path, flags)
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    return io.FileIO(descriptor)


def canonical_sha256(value: Any) -> str:
    """The SHA-256, in 64 hexadecimal digits, of a value that JSON can represent; the order of its keys does not
    matter."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def sha256sum_line(sha256: str, name: str) -> bytes:
    """The line that `sha256sum` writes for a file of this name, and that `sha256sum --check` reads."""
    return f"{sha256}  {name}\n".encode("ascii")
