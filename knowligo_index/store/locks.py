"""The lock that lets one process at a time change an index.

It is an advisory lock of the operating system on an open file: it ends with the process that holds it, however it ends.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import portalocker
from portalocker import LockFlags
from portalocker.exceptions import AlreadyLocked, LockException

from knowligo_index.errors import IndexLockedError, StorageError
from knowligo_index.system.hashing import irregular_kind, open_regular
from knowligo_index.system.os_errors import reason_of
from knowligo_index.system.timestamps import utc_timestamp

LOCK_FILE = ".lock"


@contextlib.contextmanager
def writer_lock(root: Path, purpose: str) -> Iterator[None]:
    """Hold the lock of the index in `root`. `purpose` is the command that holds it, such as "build"; the message of
    another process that wants the lock names it.

    The descriptor is closed on exec. A forked child would hold the lock for as long as it lives, so worker processes
    must be spawned. Raises IndexLockedError at once if another process holds the lock, or StorageError, also if the
    lock is not a regular file: a link could lead to a file of somebody else, which is not to be locked and written to.
    """
    path = root / LOCK_FILE
    try:
        file = open_regular(path, os.O_RDWR | os.O_CREAT)
    except OSError as error:
        if kind := irregular_kind(path):
            raise StorageError(
                f"{path} is {kind}, and the lock needs a regular file there: remove it and try again; the index was "
                "not changed."
            ) from error
        reason = reason_of(error)
        raise StorageError(
            f"cannot open {path} ({reason}): make the folder writable and try again; the index was not changed."
        ) from error
    with file:
        descriptor = file.fileno()
        try:
            portalocker.lock(descriptor, LockFlags.EXCLUSIVE | LockFlags.NON_BLOCKING)
        except AlreadyLocked as error:
            holder = _printed(os.pread(descriptor, 1000, 0)) or "another process"
            raise IndexLockedError(
                f"the index {root} is locked by {holder}: wait until it is done, or stop it, and try again."
            ) from error
        except LockException as error:
            raise StorageError(
                f"cannot lock {path} ({error}): put the index on a file system that supports locks."
            ) from error
        _write_holder(descriptor, _holder(purpose))
        try:
            yield
        finally:
            _write_holder(descriptor, "")


def _write_holder(descriptor: int, text: str) -> None:
    # A file with a second name, a hard link, may be somebody else's: it is locked and not written to.
    if os.fstat(descriptor).st_nlink > 1:
        return
    # It is only information for people: `gc` must work on a full disk, too.
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, text.encode(), 0)


def _printed(holder: bytes) -> str:
    """In one line and without control characters: anybody may have written to the file."""
    return "".join(character for character in holder.decode("utf-8", "replace") if character.isprintable()).strip()


def _holder(purpose: str) -> str:
    now = utc_timestamp()
    return f"`{purpose}`, process {os.getpid()} on {os.uname().nodename}, since {now}\n"
