"""Files that survive a power cut: written, flushed to the disk, read back.

What a write, a rename or a new name is worth after a power cut depends on the flushes (fsync) around it: of a file
for its content, of a folder for the names in it. A flush that fails is an error and is never tried again: the
system may have dropped the data by then and would call the next flush a success.
"""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from knowligo_index.errors import StorageError
from knowligo_index.system.hashing import FileEntry, hash_file
from knowligo_index.system.os_errors import reason_of


def write_file(path: Path, data: bytes) -> None:
    """Write a new file and flush it. Raises StorageError."""
    with new_file(path) as write:
        write(data)


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[Callable[[bytes], object]]:
    """Write a new file by what this yields, piece after piece, and flush it at the end. Raises StorageError, also for
    an OSError of the block."""
    with _naming(path, "write"), path.open("xb") as file:
        yield file.write
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, data: bytes, temporary: Path) -> None:
    """Put `data` in the place of a file: whoever reads it sees the old content or the new one. `temporary` is a name
    in the same folder. Raises StorageError."""
    with _naming(temporary, "remove"):
        temporary.unlink(missing_ok=True)
    write_file(temporary, data)
    with _naming(path, "replace"):
        temporary.replace(path)
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Flush a file's content to the disk. Raises StorageError."""
    _sync(path)


def sync_folder(path: Path) -> None:
    """Flush the names in a folder to the disk. Raises StorageError."""
    _sync(path)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, so that their names survive; also where whoever made it was killed before
    its name was flushed. Raises StorageError."""
    if not path.is_dir():
        make_folder(path.parent)
        with _naming(path, "make"):
            path.mkdir(exist_ok=True)
    sync_folder(path.parent)


def make_temporary_folder(path: Path) -> None:
    """Make a folder that a power cut may take away. Raises StorageError."""
    with _naming(path, "make"):
        path.mkdir()


def rename_folder(folder: Path, target: Path) -> None:
    """Give a folder another name beside its old one, so that the name survives. Raises StorageError."""
    with _naming(folder, "rename"):
        folder.rename(target)
    sync_folder(target.parent)


def remove_folder(folder: Path) -> None:
    """Remove a folder and all that is in it. Raises StorageError."""
    with _naming(folder, "remove"):
        shutil.rmtree(folder)


def read_back(path: Path) -> FileEntry:
    """`hash_file` of what is on the disk, where the system can be made to drop its copy in memory.

    Raises StorageError.
    """
    with _naming(path, "read back"):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)
        return hash_file(path)


def _sync(path: Path) -> None:
    with _naming(path, "flush"):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def _naming(path: Path, verb: str) -> Iterator[None]:
    """Turn the system's refusal into a sentence that names the file: an OSError of a write or a flush has no name."""
    try:
        yield
    except OSError as error:
        reason = reason_of(error)
        raise StorageError(f"the system would not {verb} {path} ({reason}): see to the disk and try again.") from error
