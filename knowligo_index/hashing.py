"""What a file is: its size and its SHA-256."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Self


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
    with path.open("rb", buffering=0) as file:
        digest = hashlib.file_digest(file, "sha256")
        return FileEntry(file.tell(), digest.hexdigest())
