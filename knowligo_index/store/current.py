"""CURRENT, the file that names the live version: how it is read, and how it is replaced.

It is one line, "<version id> <SHA-256 of the version's manifest>", and is always replaced by a rename, so that every
reader finds the old line or the new one.
"""

import contextlib
import errno
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from knowligo_index.errors import DamagedIndexError, StorageError
from knowligo_index.store.files import replace_file
from knowligo_index.store.version import VERSION_ID, unreadable
from knowligo_index.system.hashing import read_regular

_LINE = re.compile(rf"({VERSION_ID.pattern}) ([0-9a-f]{{64}})\n".encode("ascii"))


# One line; more is no pointer.
_MAX_BYTES = 1_024


@dataclass(frozen=True, slots=True)
class Pointer:
    """The content of CURRENT."""

    version: str
    manifest_sha256: str

    def line(self) -> bytes:
        return f"{self.version} {self.manifest_sha256}\n".encode("ascii")


def read_current(path: Path) -> Pointer | None:
    """The content of CURRENT; None if the file does not exist. Raises DamagedIndexError if it is not one valid line."""
    try:
        line = read_regular(path, _MAX_BYTES)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno != errno.EFBIG:
            raise unreadable(path, error) from error
        # No valid line is so long.
        line = b""
    match = _LINE.fullmatch(line)
    if match is None:
        raise DamagedIndexError(
            f"{path} is damaged (it is not one line with a version id and a SHA-256): name the version to "
            "go back to, `knowligo-index rollback ID` (`knowligo-index list` shows them), or build the index again."
        )
    return Pointer(match[1].decode("ascii"), match[3].decode("ascii"))


def replace_current(path: Path, pointer: Pointer) -> None:
    """Make another version the live one. Raises StorageError; CURRENT then has its old content again."""
    temporary = path.with_name(".CURRENT.new")
    with _restored_on_failure(path, temporary):
        replace_file(path, pointer.line(), temporary)


@contextlib.contextmanager
def _restored_on_failure(path: Path, temporary: Path) -> Iterator[None]:
    """Give a small file its old content back if the block raises StorageError: after a failed flush the new content
    could be lost in a power cut, so nobody may rely on it."""
    old_content = read_regular(path, _MAX_BYTES) if path.is_file() and not path.is_symlink() else None
    try:
        yield
    except StorageError:
        # Without a flush, since the disk has just failed to do one.
        with contextlib.suppress(OSError):
            if old_content is None:
                path.unlink(missing_ok=True)
            elif path.read_bytes() != old_content:
                temporary.write_bytes(old_content)
                temporary.replace(path)
        raise
