"""SHA-256 of files and of values."""

import hashlib
import json
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


def hash_file(path: Path) -> FileEntry:
    """The size and hash of a file, whose content is read. Raises OSError."""
    digest, block = hashlib.sha256(), memoryview(bytearray(_BLOCK))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(block):
            digest.update(block[:count])
        return FileEntry(file.tell(), digest.hexdigest())


def canonical_sha256(value: Any) -> str:
    """The SHA-256, in 64 hexadecimal digits, of a value that JSON can represent; the order of its keys does not
    matter."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def sha256sum_line(sha256: str, name: str) -> bytes:
    """The line that `sha256sum` writes for a file of this name, and that `sha256sum --check` reads."""
    return f"{sha256}  {name}\n".encode("ascii")
