"""Everything that changes an index. After each step the live version is the old one or the new one, and intact."""

import contextlib
import hashlib
import logging
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from knowligo_index.errors import IndexNotFoundError, StorageError
from knowligo_index.store import Store
from knowligo_index.store.current import Pointer, check_replaceable, replace_current
from knowligo_index.store.encoder_record import check_encoder
from knowligo_index.store.files import (
    make_folder,
    make_temporary_folder,
    remove_entry,
    rename_folder,
    sync_file,
    sync_folder,
    unused_path,
)
from knowligo_index.store.locks import writer_lock
from knowligo_index.store.manifest import MANIFEST_FILE, Manifest, encode_manifest
from knowligo_index.store.staging import REMOVING, STAGING, Staging, leftovers
from knowligo_index.store.version import MANIFEST_HASH_FILE, Version, counter_after, manifest_hash_line

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rollback:
    """What `rollback --json` prints."""

    version: str
    """the live version now"""
    previous: str | None
    """the live version before; None if CURRENT was missing or damaged"""
    status: Literal["moved", "unchanged"]


class Writer:
    """Changes an index. `writing` makes one, for the process that holds the lock of the index."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def next_counter(self) -> int:
        """One more than the highest counter of all versions, and of whatever else has the name of one. Raises
        StorageError if there is no higher one."""
        return counter_after(self.store.taken_ids(), self.store.versions)

    @contextlib.contextmanager
    def staging(self) -> Iterator[Staging]:
        """A new folder in which a version is written. It is removed at the end unless the version was moved out of it
        by `add` or `publish`."""
        make_folder(self.store.versions)
        self.remove_entries(leftovers(self.store))
        # What could not be removed must not keep this version from being written.
        folder = unused_path(self.store.versions / STAGING)
        try:
            make_temporary_folder(folder)
            yield Staging(folder)
        finally:
            # What cannot be removed now is removed by the next build.
            with contextlib.suppress(OSError):
                self.remove_entries(leftovers(self.store))

    def add_encoder(self, fingerprint: str, fill: Callable[[Path], object]) -> Path:
        """Add the encoder with this fingerprint to the index, in place of the one that is there. `fill` writes its
        files into the folder that it is given. Returns the folder of the encoder. Raises StorageError."""
        make_folder(self.store.encoders)
        # Those of encoders only: this process may be writing a version.
        self.remove_entries(
            [name for name in leftovers(self.store) if self.store.encoders in (self.store.root / name).parents]
        )
        # A name that no other process uses: children of a process that was killed may still be writing.
        folder = unused_path(self.store.encoders / f"{STAGING}-{os.getpid()}")
        try:
            make_temporary_folder(folder)
            fill(folder)
            for path in sorted(folder.iterdir()):
                sync_file(path)
            sync_folder(folder)
            target = self.store.encoders / fingerprint
            if os.path.lexists(target):
                # If it is damaged, perhaps so that it cannot be removed.
                self.remove_entries([self._hide(target).relative_to(self.store.root).as_posix()])
            rename_folder(folder, target)
        finally:
            # What cannot be removed now is removed by the next build.
            shutil.rmtree(folder, ignore_errors=True)
        return target

    def seal(self, staging: Staging, manifest: Manifest) -> Version:
        """Complete `manifest` with the files of the draft and with the version that is live now, and write it.

        Raises StorageError, also if a file does not read back as it was written.
        """
        pointer = self.store.readable_pointer()
        manifest = replace(manifest, previous=pointer.version if pointer else None, files=staging.flush())
        data = encode_manifest(manifest)
        sha256 = hashlib.sha256(data).hexdigest()
        staging.write(MANIFEST_FILE, data)
        staging.write(MANIFEST_HASH_FILE, manifest_hash_line(sha256))
        staging.flush()
        sync_folder(staging.folder)
        return Version(staging.folder, manifest, sha256)

    def add(self, sealed: Version) -> Version:
        """Give a sealed version its name in the index, without making it the live one. Raises StorageError."""
        folder = self.store.versions / sealed.id
        rename_folder(sealed.folder, folder)
        return replace(sealed, folder=folder)

    def publish(self, sealed: Version) -> Version:
        """Give a sealed version its name in the index, and make it the live one. Raises StorageError."""
        added = self.add(sealed)
        self._make_live(added)
        return added

    def rollback(self, version_id: str | None = None) -> Rollback:
        """Compare every file of the version with this id, or of the one that was live before the live one, with its
        manifest, likewise the record of its encoder, and make it the live one.

        Raises IndexNotFoundError, DamagedIndexError or StorageError.
        """
        if version_id is None:
            current = self.store.current_id()
            if current is None:
                raise self.store.no_index()
            version_id = self.store.predecessor(current)
            if version_id is None:
                raise IndexNotFoundError(
                    f"there is no version before the live one in {self.store.root}: `knowligo-index list --index "
                    f"{self.store.root}` shows those there are."
                )
        version = self.store.open_ignoring_current(version_id)
        version.check()
        check_encoder(self.store, version.manifest)
        before = self.store.readable_pointer()
        if before == Pointer(version.id, version.manifest_sha256):
            return Rollback(version.id, version.id, "unchanged")
        self._make_live(version)
        return Rollback(version.id, before.version if before else None, "moved")

    def remove(self, folder: Path) -> None:
        """Remove a folder. It is renamed first, so that under its own name it has all of its files or is not there.
        Raises StorageError."""
        remove_entry(self._hide(folder))

    def _hide(self, folder: Path) -> Path:
        hidden = unused_path(folder.with_name(REMOVING + folder.name))
        rename_folder(folder, hidden)
        return hidden

    def remove_entries(self, names: list[str]) -> list[str]:
        """Remove what has these paths relative to the index. What cannot be removed stays, with a warning. Returns the
        paths of what was removed."""
        removed: list[str] = []
        for name in names:
            try:
                remove_entry(self.store.root / name)
            except StorageError as error:
                _log.warning("What is no longer needed stays there: %s", error)
            else:
                removed.append(name)
        return removed

    def _make_live(self, version: Version) -> None:
        replace_current(self.store.current, Pointer(version.id, version.manifest_sha256))


@contextlib.contextmanager
def writing(store: Store, purpose: str, *, make: bool = False) -> Iterator[Writer]:
    """Hold the lock of the index and change it. `purpose` is the command that does so; with `make`, the folder of the
    index is made if it is missing.

    Raises IndexLockedError at once if another process holds the lock, IndexNotFoundError or StorageError.
    """
    if make:
        make_folder(store.root)
    elif not store.root.is_dir():
        raise store.no_index()
    with writer_lock(store.root, purpose):
        # A process that was killed may have left names that were not flushed yet. They must not be lost in a power cut
        # after this process has built upon them.
        sync_folder(store.root)
        check_replaceable(store.current)
        if store.versions.is_dir():
            sync_folder(store.versions)
        yield Writer(store)
