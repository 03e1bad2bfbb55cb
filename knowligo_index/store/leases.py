"""Leases, which keep `gc` from removing a version while somebody reads it.

A reader holds a shared lock on the version's manifest, and `gc` an exclusive one on the manifest of the version that
it removes. Both are advisory locks of the operating system on an open file: they end with the process that holds them,
however it ends.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import portalocker
from portalocker import LockFlags
from portalocker.exceptions import AlreadyLocked, LockException

from knowligo_index.store.manifest import MANIFEST_FILE
from knowligo_index.system.hashing import irregular_kind, open_regular


@contextlib.contextmanager
def lease(folder: Path) -> Iterator[bool]:
    """Keep the version in this folder from being removed until the end of the block. Yields False if it is being
    removed, or was removed or replaced in the meantime.

    On a file system without locks there are no leases, and this yields True: whoever runs `gc` there must know that no
    version is in use.
    """
    path = folder / MANIFEST_FILE
    try:
        file = open_regular(path)
    except FileNotFoundError:
        yield False
        return
    with file:
        yield _lock_shared(file.fileno()) and _is_file_at(file.fileno(), path)


@contextlib.contextmanager
def exclusive_lease(folder: Path) -> Iterator[bool]:
    """Keep readers from opening the version in this folder until the end of the block. Yields False if somebody is
    reading it, or if that cannot be found out: the manifest may not be opened, or the file system has no locks."""
    path = folder / MANIFEST_FILE
    # A network file system gives the exclusive lock only on a file that was opened for writing. On a read-only disk,
    # where `gc --dry-run` can run too, it cannot be opened so.
    access = os.O_RDWR if os.access(path, os.W_OK) else os.O_RDONLY
    try:
        file = open_regular(path, access)
    except FileNotFoundError:
        yield True
        return
    except OSError:
        # No reader opens what is not a regular file.
        yield irregular_kind(path) is not None
        return
    with file:
        yield _lock_exclusively(file.fileno())


def _lock_shared(descriptor: int) -> bool:
    try:
        portalocker.lock(descriptor, LockFlags.SHARED | LockFlags.NON_BLOCKING)
    except AlreadyLocked:
        return False
    except LockException:
        # The file system has no locks.
        return True
    return True


def _lock_exclusively(descriptor: int) -> bool:
    try:
        portalocker.lock(descriptor, LockFlags.EXCLUSIVE | LockFlags.NON_BLOCKING)
    except LockException:
        return False
    return True


def _is_file_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
