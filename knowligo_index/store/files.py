"""Files and folders that survive a power cut.

After a power cut, only what was flushed (fsync) is sure to be there: the content of a file by a flush of the file, and
a new name, a rename or a removal by a flush of the folder that has the name in it. A flush that fails is an error and
is never tried again: the operating system may have dropped the data, and would report that the next flush succeeded.
"""

import contextlib
import itertools
import os
import stat
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from knowligo_index.errors import StorageError
from knowligo_index.system.hashing import FileEntry, hash_file
from knowligo_index.system.os_errors import reason_of
from knowligo_index.system.own_files import discard


def write_file(path: Path, data: bytes, mode: int = 0o666) -> None:
    """Write a new file and flush it. `mode` are its permissions, less those that the umask takes away. Raises
    StorageError."""
    with new_file(path, mode) as write:
        write(data)


@contextlib.contextmanager
def new_file(path: Path, mode: int = 0o666) -> Iterator[Callable[[bytes], object]]:
    """Write a new file piece by piece, by calling what this yields; it is flushed at the end. `mode` as for
    `write_file`.

    Raises StorageError, also for an OSError that the block raises.
    """
    with _naming(path, "write"), open(path, "xb", opener=partial(os.open, mode=mode)) as file:
        yield file.write
        file.flush()
        os.fsync(file.fileno())


def replace_file(path: Path, data: bytes, temporary: Path) -> None:
    """Replace the content of a file: whoever reads it finds the old content or the new one. `temporary` is a path in
    the same folder that nothing has, where the new content is written. A link at `path` is replaced itself. Raises
    StorageError."""
    write_file(temporary, data)
    with _naming(path, "replace"):
        temporary.replace(path)
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Flush the content of a file. Raises StorageError."""
    _sync(path)


def sync_folder(path: Path) -> None:
    """Flush the names in a folder. Raises StorageError."""
    _sync(path)


def make_folder(path: Path) -> None:
    """Make a folder and its parents, and flush their names. An existing folder's name is flushed too: the process that
    made it may have been killed before it did so. A link to a folder is one. Raises StorageError."""
    if not path.is_dir():
        # Asked again: another process may have made it in the meantime.
        if os.path.lexists(path) and not path.is_dir():
            raise StorageError(f"{path} is not a folder, and the index needs one there: move it away and try again.")
        make_folder(path.parent)
        with _naming(path, "make"):
            path.mkdir(exist_ok=True)
    sync_folder(path.parent)


def make_temporary_folder(path: Path) -> None:
    """Make a folder without flushing its name: it may be lost in a power cut. Raises StorageError."""
    with _naming(path, "make"):
        path.mkdir()


def rename_folder(folder: Path, target: Path) -> None:
    """Rename a folder within its parent folder, and flush the new name. Raises StorageError."""
    with _naming(folder, "rename"):
        folder.rename(target)
    sync_folder(target.parent)


def remove_entry(path: Path) -> None:
    """Remove a folder and everything in it, or a file, a link or whatever else has this name; a link is not followed.
    Raises StorageError."""
    with _naming(path, "remove"):
        discard(path)


def unused_path(path: Path) -> Path:
    """This path, or one with a number at its end if something has the name."""
    numbered = (path.with_name(f"{path.name}-{number}") for number in itertools.count(1))
    return next(candidate for candidate in itertools.chain([path], numbered) if not os.path.lexists(candidate))


def is_folder(path: Path) -> bool:
    """Whether it is a folder, and not a link to one."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def read_back(path: Path) -> FileEntry:
    """Size and SHA-256 of a file as it is on the disk, if the operating system can be made to drop its copy in memory;
    otherwise of that copy. Raises StorageError."""
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
    """Turn an OSError into a StorageError whose sentence names the path: the OSError of a write or a flush does not."""
    try:
        yield
    except OSError as error:
        reason = reason_of(error)
        raise StorageError(f"cannot {verb} {path} ({reason}): check the disk and try again.") from error
