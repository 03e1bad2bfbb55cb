"""SHA-256 of files and of values."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

# Bytes that are read together. Python lets other threads run meanwhile, and among busy ones it takes 5 ms to come back:
# by the 256 KiB of hashlib.file_digest, a service that imports its modules meanwhile starts a sixth of a second later.
_BLOCK = 4 << 20


@dataclass(frozen=True, slots=True)
class FileEntry:
    """What a file must be."""

    size: int
    """bytes"""
    sha256: str

    @classmethod
    def of(cls, data: bytes) -> Self:
        return cls(len(data), hashlib.sha256(data).hexdigest())


def hash_file(path: Path) -> FileEntry:
    """What a file is as it is read. Raises OSError."""
    digest, block = hashlib.sha256(), memoryview(bytearray(_BLOCK))
    with path.open("rb", buffering=0) as file:
        while count := file.readinto(block):
            digest.update(block[:count])
        return FileEntry(file.tell(), digest.hexdigest())


def canonical_sha256(value: Any) -> str:
    """64 hexadecimal digits for a value that JSON can hold, whatever the order of the keys in it."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def sha256sum_line(sha256: str, name: str) -> bytes:
    """What `sha256sum` writes of a file, and `sha256sum --check` reads."""
    return f"{sha256}  {name}\n".encode("ascii")
