"""Everything that changes an index. Each step leaves the old live version or the new one, whole."""

import contextlib
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from knowligo_index.errors import IndexNotFoundError, StorageError
from knowligo_index.store import Pointer, Store, counter_of
from knowligo_index.store.files import (
    make_folder,
    make_temporary_folder,
    new_file,
    read_back,
    remove_folder,
    rename_folder,
    replace_file,
    sync_file,
    sync_folder,
)
from knowligo_index.store.locks import writer_lock
from knowligo_index.store.manifest import MANIFEST_FILE, Manifest, encode_manifest
from knowligo_index.store.version import MANIFEST_HASH_FILE, Version, VersionFiles, manifest_hash_line
from knowligo_index.system.hashing import FileEntry

STAGING = ".staging"
REMOVING = ".removing-"


@dataclass(frozen=True, slots=True)
class Rollback:
    """Where CURRENT was, and where it is."""

    version: str
    previous: str | None
    """None where CURRENT was missing or damaged"""
    status: Literal["moved", "unchanged"]


class Staging:
    """A folder in which a version is being written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._written: dict[str, FileEntry] = {}
        self._read_back: dict[str, FileEntry] = {}

    def write(self, name: str, data: bytes) -> None:
        """Write a file and flush it. Raises StorageError."""
        with self.file(name) as append:
            append(data)

    @contextlib.contextmanager
    def file(self, name: str) -> Iterator[Callable[[bytes], object]]:
        """Write a file by what this yields, piece after piece, and flush it at the end. Raises StorageError."""
        digest, size = hashlib.sha256(), 0

        with new_file(self.folder / name) as write:

            def append(data: bytes) -> None:
                nonlocal size
                write(data)
                digest.update(data)
                size += len(data)

            yield append
        self._written[name] = FileEntry(size, digest.hexdigest())

    def flush(self) -> dict[str, FileEntry]:
        """What the files are as they are read back from the disk, each once; those that something else than `write`
        wrote are flushed first. Raises StorageError where one is not what was written."""
        for path in sorted(self.folder.iterdir()):
            if path.name in self._read_back:
                continue
            if path.name not in self._written:
                sync_file(path)
            entry = read_back(path)
            if self._written.get(path.name, entry) != entry:
                raise StorageError(f"{path} does not read back as it was written: see to the disk and build again.")
            self._read_back[path.name] = entry
        return dict(self._read_back)

    def draft(self, manifest: Manifest) -> VersionFiles:
        """The staged files as a version that can be opened and judged, its manifest not written yet. Raises
        StorageError where a file does not read back as it was written."""
        return VersionFiles(self.folder, replace(manifest, files=self.flush()))


class Writer:
    """The one process that may change the index; made by `writing`."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def next_counter(self) -> int:
        """One more than the highest counter there is."""
        return max(map(counter_of, self.store.version_ids()), default=0) + 1

    @contextlib.contextmanager
    def staging(self) -> Iterator[Staging]:
        """A new folder to write a version into; it is gone afterwards, published or not."""
        make_folder(self.store.versions)
        self.remove_leftovers()
        folder = self.store.versions / STAGING
        try:
            make_temporary_folder(folder)
            yield Staging(folder)
        finally:
            # What cannot be removed now, the next build removes.
            with contextlib.suppress(StorageError, OSError):
                self.remove_leftovers()

    def keep_encoder(self, fingerprint: str, fill: Callable[[Path], object]) -> Path:
        """Put what `fill` writes into the folder it is given in the place of an encoder. Raises StorageError."""
        make_folder(self.store.encoders)
        # Not those of versions: this process may be writing one.
        self._remove(
            [name for name in leftovers(self.store) if self.store.encoders in (self.store.root / name).parents]
        )
        # A name of its own: what a process that was killed had set to work may still write.
        folder = self.store.encoders / f"{STAGING}-{os.getpid()}"
        try:
            make_temporary_folder(folder)
            fill(folder)
            for path in sorted(folder.iterdir()):
                sync_file(path)
            sync_folder(folder)
            target = self.store.encoders / fingerprint
            if target.exists():
                self.remove(target)
            rename_folder(folder, target)
        finally:
            # What cannot be removed now, the next build removes.
            shutil.rmtree(folder, ignore_errors=True)
        return target

    def seal(self, staged: Staging, manifest: Manifest) -> Version:
        """Complete `manifest` with the hashes of the staged files and the version that is live now, and write it.

        Raises StorageError, also where a file does not read back as it was written.
        """
        pointer = self.store.readable_pointer()
        manifest = replace(manifest, previous=pointer.version if pointer else None, files=staged.flush())
        data = encode_manifest(manifest)
        sha256 = hashlib.sha256(data).hexdigest()
        staged.write(MANIFEST_FILE, data)
        staged.write(MANIFEST_HASH_FILE, manifest_hash_line(sha256))
        staged.flush()
        sync_folder(staged.folder)
        return Version(staged.folder, manifest, sha256)

    def keep(self, sealed: Version) -> Version:
        """Give a sealed version its name, for a look at it. Raises StorageError."""
        folder = self.store.versions / sealed.id
        rename_folder(sealed.folder, folder)
        return replace(sealed, folder=folder)

    def publish(self, sealed: Version) -> Version:
        """Give a sealed version its name and make it the live one. Raises StorageError."""
        kept = self.keep(sealed)
        self._point_to(sealed)
        return kept

    def rollback(self, version_id: str | None = None) -> Rollback:
        """Make the version with this id the live one, or the one that was live before the live one, once every file
        of it was compared with its manifest.

        Raises IndexNotFoundError, DamagedIndexError (naming versions that are whole) or StorageError.
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
        version = self.store.open_unpointed(version_id)
        version.check()
        before = self.store.readable_pointer()
        if before == Pointer(version.id, version.manifest_sha256):
            return Rollback(version.id, version.id, "unchanged")
        self._point_to(version)
        return Rollback(version.id, before.version if before else None, "moved")

    def remove(self, folder: Path) -> None:
        """Remove a folder so that it is there whole, or not at all. Raises StorageError."""
        hidden = folder.with_name(REMOVING + folder.name)
        rename_folder(folder, hidden)
        remove_folder(hidden)

    def remove_leftovers(self) -> list[str]:
        """Remove what a process that died was writing or removing; its names, relative to the index."""
        return self._remove(leftovers(self.store))

    def _remove(self, names: list[str]) -> list[str]:
        for name in names:
            remove_folder(self.store.root / name)
        return names

    def _point_to(self, version: Version) -> None:
        temporary = self.store.root / ".CURRENT.new"
        with _put_back_on_failure(self.store.current, temporary):
            replace_file(self.store.current, Pointer(version.id, version.manifest_sha256).line(), temporary)


@contextlib.contextmanager
def writing(store: Store, purpose: str, *, make: bool = False) -> Iterator[Writer]:
    """Be the one process that changes the index; `make` its folder where it is missing.

    Raises IndexLockedError at once where another process is changing it, IndexNotFoundError or StorageError.
    """
    if make:
        make_folder(store.root)
    elif not store.root.is_dir():
        raise store.no_index()
    with writer_lock(store.root, purpose):
        # What a process that was killed had not flushed yet must not go after this one has built upon it.
        sync_folder(store.root)
        if store.versions.is_dir():
            sync_folder(store.versions)
        yield Writer(store)


@contextlib.contextmanager
def _put_back_on_failure(path: Path, temporary: Path) -> Iterator[None]:
    """Give a small file its old content back where the block raises StorageError, so that nobody goes on with what
    may be gone after a power cut."""
    before = path.read_bytes() if path.is_file() else None
    try:
        yield
    except StorageError:
        # Not flushed: the disk that just failed to would have nothing to say to that.
        with contextlib.suppress(OSError):
            if before is None:
                path.unlink(missing_ok=True)
            elif path.read_bytes() != before:
                temporary.write_bytes(before)
                temporary.replace(path)
        raise


def leftovers(store: Store) -> list[str]:
    """Folders that a process which died was writing or removing, relative to the index. To be asked by the writer:
    those of a process that lives are among them."""
    found = [*store.versions.glob(".*"), *store.encoders.glob(".*")]
    ours = [path for path in found if path.name.startswith((STAGING, REMOVING))]
    return sorted(path.relative_to(store.root).as_posix() for path in ours)
