"""One writer at a time, and leases that keep a version from being removed while somebody reads it.

Both are advisory locks of the operating system on an open file. They end with the process that holds them, however
it ends.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import portalocker
from portalocker import LockFlags
from portalocker.exceptions import AlreadyLocked, LockException

from knowligo_index.errors import IndexLockedError, StorageError
from knowligo_index.system.os_errors import reason_of
from knowligo_index.system.timestamps import utc_timestamp

LOCK_FILE = ".lock"


@contextlib.contextmanager
def writer_lock(root: Path, purpose: str) -> Iterator[None]:
    """Be the only one who changes the index in `root`. `purpose` says for whom it is held: "build".

    The descriptor is closed on exec; a forked child would hold the lock for as long as it lives, so workers are to be
    spawned. Raises IndexLockedError at once, naming the holder, where another process has it.
    """
    path = root / LOCK_FILE
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        reason = reason_of(error)
        raise StorageError(f"the system would not open {path} ({reason}): the index is as it was.") from error
    try:
        try:
            portalocker.lock(descriptor, LockFlags.EXCLUSIVE | LockFlags.NON_BLOCKING)
        except AlreadyLocked as error:
            holder = os.pread(descriptor, 1000, 0).decode("utf-8", "replace").strip() or "another process"
            raise IndexLockedError(
                f"the index {root} is locked by {holder}: wait until it is done, or stop it, and try again."
            ) from error
        except LockException as error:
            raise StorageError(f"{path} could not be locked ({error}): use a file system that has locks.") from error
        _sign(descriptor, _holder(purpose))
        try:
            yield
        finally:
            _sign(descriptor, "")
    finally:
        os.close(descriptor)


def share(descriptor: int) -> bool:
    """Take a lease on an open file. False where somebody is removing it.

    Where the file system has no locks there is no lease: there, whoever removes versions must know that they are
    not in use.
    """
    try:
        portalocker.lock(descriptor, LockFlags.SHARED | LockFlags.NON_BLOCKING)
    except AlreadyLocked:
        return False
    except LockException:
        return True
    return True


def claim(descriptor: int) -> bool:
    """Take an open file for oneself alone. False where somebody has a lease on it, or it cannot be told."""
    try:
        portalocker.lock(descriptor, LockFlags.EXCLUSIVE | LockFlags.NON_BLOCKING)
    except LockException:
        return False
    return True


def _sign(descriptor: int, text: str) -> None:
    # Only for people to read: `gc` must work on a full disk, too.
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, text.encode(), 0)


def _holder(purpose: str) -> str:
    now = utc_timestamp()
    return f"`{purpose}`, process {os.getpid()} on {os.uname().nodename}, since {now}\n"
