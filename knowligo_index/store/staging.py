"""Folders of an index that have a temporary name: a version or an encoder that is being written or removed."""

import contextlib
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from knowligo_index.errors import StorageError
from knowligo_index.store import Store
from knowligo_index.store.files import new_file, read_back, sync_file
from knowligo_index.store.manifest import Manifest
from knowligo_index.store.version import VersionFiles
from knowligo_index.system.hashing import PLAIN_NAME, FileEntry, irregular_kind

STAGING = ".staging"
"""folder in which a version is written; the prefix of one in which an encoder is"""

REMOVING = ".removing-"
"""prefix of the name of a folder that is being removed"""

# With a number where the name was taken, and in `encoders/` with that of the process.
_TEMPORARY = re.compile(rf"{re.escape(STAGING)}(-\d+)*|{re.escape(REMOVING)}.+")


class Staging:
    """The folder in which a version is being written, and what its files must contain."""

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
        """Write a file piece by piece, by calling what this yields; it is flushed at the end. Raises StorageError."""
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
        """Size and SHA-256 of every file, as it is read back from the disk; a file is read back only once. A file that
        was not written by `write` or `file` is flushed first. What a system puts beside them is left out: hidden files,
        such as those of NFS, and whatever is no regular file.

        Raises StorageError if a file does not read back as it was written.
        """
        for path in sorted(self.folder.iterdir()):
            if path.name in self._read_back or not re.match(PLAIN_NAME, path.name) or irregular_kind(path):
                continue
            if path.name not in self._written:
                sync_file(path)
            entry = read_back(path)
            if self._written.get(path.name, entry) != entry:
                raise StorageError(f"{path} does not read back as it was written: check the disk and build again.")
            self._read_back[path.name] = entry
        return dict(self._read_back)

    def draft(self, manifest: Manifest) -> VersionFiles:
        """The staged files as a version that can be opened and judged; its manifest is not written yet.

        Raises StorageError if a file does not read back as it was written.
        """
        return VersionFiles(self.folder, replace(manifest, files=self.flush()))


def leftovers(store: Store) -> list[str]:
    """Whatever has one of the temporary names, as sorted paths relative to the index. Processes that were killed left
    it, if the caller holds the writer's lock; otherwise a process that is running may be using it."""
    hidden = [*store.versions.glob(".*"), *store.encoders.glob(".*")]
    temporary = [path for path in hidden if _TEMPORARY.fullmatch(path.name)]
    return sorted(path.relative_to(store.root).as_posix() for path in temporary)
