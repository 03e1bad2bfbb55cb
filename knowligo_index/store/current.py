"""CURRENT, the file that names the live version: how it is read, and how it is replaced.

It is one line, "<version id> <SHA-256 of the version's manifest>", and is always replaced by a rename, so that every
reader finds the old line or the new one.
"""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from knowligo_index.errors import DamagedIndexError, StorageError
from knowligo_index.store.files import is_folder, remove_entry, replace_file, unused_path
from knowligo_index.store.version import VERSION_ID
from knowligo_index.system.hashing import content_or_none, read_regular
from knowligo_index.system.os_errors import reason_of

_LINE = re.compile(rf"({VERSION_ID.pattern}) ([0-9a-f]{{64}})\n".encode("ascii"))

# One line: a larger file is damaged.
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
        raise DamagedIndexError(_damage(path, reason_of(error))) from error
    match = _LINE.fullmatch(line)
    if match is None:
        raise DamagedIndexError(_damage(path, "it is not one line with a version id and a SHA-256"))
    return Pointer(match[1].decode("ascii"), match[3].decode("ascii"))


def _damage(path: Path, why: str) -> str:
    return (
        f"{path} is damaged ({why}): name the version to go back to, `knowligo-index rollback ID` (`knowligo-index "
        "list` shows them), or build the index again."
    )


def check_replaceable(path: Path) -> None:
    """Raises StorageError if CURRENT is a folder, which no file can replace: before hours of work rather than after."""
    if is_folder(path):
        raise StorageError(f"{path} is a folder, and the index needs a file there: move it away and try again.")


def replace_current(path: Path, pointer: Pointer) -> None:
    """Make another version the live one. Raises StorageError; CURRENT then has its old content again."""
    temporary = path.with_name(".CURRENT.new")
    # Where it cannot be removed, another name will do.
    with contextlib.suppress(StorageError):
        remove_entry(temporary)
    temporary = unused_path(temporary)
    with _restored_on_failure(path, temporary):
        replace_file(path, pointer.line(), temporary)


@contextlib.contextmanager
def _restored_on_failure(path: Path, temporary: Path) -> Iterator[None]:
    """Give a small file its old content back if the block raises StorageError: after a failed flush the new content
    could be lost in a power cut, so nobody may rely on it. One that could not be read is removed instead."""
    old_content = content_or_none(path, _MAX_BYTES)
    try:
        yield
    except StorageError:
        # Without a flush, since the disk has just failed to do one.
        with contextlib.suppress(OSError):
            if content_or_none(path, _MAX_BYTES) == old_content:
                pass
            elif old_content is None:
                path.unlink()
            else:
                temporary.unlink(missing_ok=True)
                with temporary.open("xb") as file:
                    file.write(old_content)
                temporary.replace(path)
        raise
