"""Read a file of the knowledge folder, which may be changed or replaced at any time."""

import errno
import hashlib
import os
import stat
from pathlib import Path

from knowligo_index.errors import ParseError, Reason
from knowligo_index.sources import SourceOptions
from knowligo_index.sources.open_folders import OpenFolders
from knowligo_index.sources.source_names import source_path
from knowligo_index.system.os_errors import reason_of
from knowligo_index.types import Source

# A file that changes each time it is read is left for the next build.
_MAX_TRIES = 3

# The file may have become a pipe or a link by now: do not wait for a writer, and do not follow the link.
_OPEN_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def read_source_bytes(path: str | Path, options: SourceOptions, folder: int | None = None) -> bytes:
    """The bytes of a regular file. `folder` is the descriptor of the folder that a relative path begins in; without it,
    that is the working directory. Raises ParseError where the path is no regular file, cannot be read, is too large, or
    changes each time it is read."""
    try:
        for _ in range(_MAX_TRIES):
            data = _read_unchanged(path, folder, options.max_file_mib * 2**20)
            if data is not None:
                return data
    except OSError as error:
        raise ParseError(*_why_not_opened(error)) from error
    raise ParseError("changed-while-read", "another program was writing to it: build again when it has finished")


def reread(source: Source, options: SourceOptions) -> bytes:
    """The bytes that were hashed when the inventory was taken. Raises ParseError where the file has changed since."""
    *folders, name = source_path(source.name).split("/")
    try:
        # Not by the path, a folder of which may have been replaced by a link.
        with OpenFolders(source.path.parents[len(folders)]) as knowledge, knowledge.folder(folders) as folder:
            data = read_source_bytes(name, options, folder)
    except OSError as error:
        raise ParseError(*_why_not_opened(error)) from error
    if hashlib.sha256(data).hexdigest() != source.sha256:
        raise ParseError("changed-while-read", "it changed while the build was reading the folder: build again")
    return data


def _read_unchanged(path: str | Path, folder: int | None, max_bytes: int) -> bytes | None:
    """The bytes of the file; None where it changed while it was read. Raises ParseError where it is no regular file or
    too large, OSError where it cannot be opened or read."""
    descriptor = os.open(path, _OPEN_FLAGS, dir_fd=folder)
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise ParseError("not-a-regular-file", "not a file by the time it was opened")
        if before.st_size > max_bytes:
            size = before.st_size / 2**20
            raise ParseError("too-large", f"{size:,.0f} MiB: split it, or raise --max-file-mib {max_bytes // 2**20}")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            # One byte more than expected, to detect that the file has grown.
            data = file.read(before.st_size + 1)
        after = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    unchanged = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    return data if unchanged and len(data) == before.st_size else None


def _why_not_opened(error: OSError) -> tuple[Reason, str]:
    if error.errno in (errno.ELOOP, errno.EMLINK):
        return "symlink", "a symbolic link by the time it was opened"
    if error.errno == errno.ENXIO:
        return "not-a-regular-file", "not a file by the time it was opened"
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return "changed-while-read", "it was gone by the time it was opened: build again"
    why = reason_of(error)
    return "unreadable", f"{why}: make it readable for this user, or remove it"
