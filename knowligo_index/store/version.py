"""One version of an index. Its files are compared with its manifest before anything is made of them."""

import hashlib
import os
import re
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from knowligo_index.errors import DamagedIndexError, StorageError
from knowligo_index.store.manifest import MANIFEST_FILE, VERSION_FILES, Manifest, decode_manifest
from knowligo_index.system.hashing import FileEntry, hash_file, open_regular, read_regular, sha256sum_line
from knowligo_index.system.os_errors import reason_of

MANIFEST_HASH_FILE = MANIFEST_FILE + ".sha256"
"""The SHA-256 of the manifest, in the format of `sha256sum`. CURRENT has only that of the live version."""

_MAX_MANIFEST_BYTES = 64 * 2**20
_MAX_HASH_BYTES = 1_024

VERSION_ID = re.compile(r"([1-9][0-9]{0,14})-[0-9a-f]{12}")
"""`<counter>-<digest>`"""

_HIGHEST_COUNTER = 10**15 - 1


@dataclass(frozen=True, slots=True)
class VersionFiles:
    """The files of a version, and the manifest that they are compared with. The manifest of a draft is not written yet:
    that happens when it is sealed."""

    folder: Path
    manifest: Manifest

    def check(self) -> None:
        """Compare every file with the manifest. Raises DamagedIndexError for the first that differs, or that is not in
        the manifest though every version has it."""
        for problem in self._differences():
            raise problem

    def read_file(self, name: str) -> bytes:
        """The bytes of a file of the version. Raises DamagedIndexError if they are not those of the manifest."""
        path = self._listed(name)
        try:
            with open_regular(path) as file:
                size = os.fstat(file.fileno()).st_size
                # A file of another size is not read.
                data = file.read(size) if size == self.manifest.files[name].size else None
        except OSError as error:
            raise unreadable(path, error) from error
        self._compare(name, FileEntry(size, "") if data is None else FileEntry.of(data))
        return data or b""

    def check_file(self, name: str) -> Path:
        """The path of a file of the version. Raises DamagedIndexError if its content is not that of the manifest."""
        path = self._listed(name)
        try:
            actual = hash_file(path, self.manifest.files[name].size)
        except OSError as error:
            raise unreadable(path, error) from error
        self._compare(name, actual)
        return path

    def _listed(self, name: str) -> Path:
        if name not in self.manifest.files:
            raise damaged(self.folder / MANIFEST_FILE, f"it does not list {name}")
        return self.folder / name

    def _compare(self, name: str, actual: FileEntry) -> None:
        expected = self.manifest.files[name]
        if actual.size != expected.size:
            raise damaged(self.folder / name, f"{actual.size} bytes instead of {expected.size}")
        if actual.sha256 != expected.sha256:
            raise damaged(self.folder / name, "its SHA-256 is not the manifest's")

    def _differences(self) -> list[DamagedIndexError]:
        names = list(dict.fromkeys((*VERSION_FILES, *self.manifest.files)))
        # Hashing releases the interpreter lock, so that several files are read at the same time.
        with ThreadPoolExecutor() as pool:
            return [problem for problem in pool.map(self._problem_of, names) if problem]

    def _problem_of(self, name: str) -> DamagedIndexError | None:
        try:
            self.check_file(name)
        except DamagedIndexError as error:
            return error
        return None


@dataclass(frozen=True, slots=True)
class Version(VersionFiles):
    """A version whose manifest was written, or read and checked."""

    manifest_sha256: str

    @property
    def id(self) -> str:
        return self.manifest.version

    def problems(self) -> list[DamagedIndexError]:
        """An error for each file that differs from the manifest, and then for each that the manifest does not list."""
        listed = {*self.manifest.files, MANIFEST_FILE, MANIFEST_HASH_FILE}
        try:
            unlisted = sorted(path.name for path in self.folder.iterdir() if path.name not in listed)
        except OSError as error:
            return [*self._differences(), unreadable(self.folder, error)]
        return self._differences() + [damaged(self.folder / name, "the manifest does not list it") for name in unlisted]


def open_version(folder: Path) -> Version:
    """Read the manifest in the folder of a version, and compare it with its hash file and with the folder's name.

    Raises FileNotFoundError if the folder does not exist, DamagedIndexError, OlderSchemaError or NewerSchemaError.
    """
    path = folder / MANIFEST_FILE
    try:
        data = read_regular(path, _MAX_MANIFEST_BYTES)
        expected = read_regular(folder / MANIFEST_HASH_FILE, _MAX_HASH_BYTES)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not folder.is_dir():
            raise
        raise unreadable(Path(error.filename), error) from error
    sha256 = hashlib.sha256(data).hexdigest()
    if manifest_hash_line(sha256) != expected:
        raise damaged(path, f"its SHA-256 is not the one in {MANIFEST_HASH_FILE}")
    manifest = decode_manifest(data, path)
    if manifest.version != folder.name:
        raise damaged(path, f"it is the manifest of {manifest.version}")
    return Version(folder, manifest, sha256)


def counter_of(version_id: str) -> int:
    """The counter in a version id."""
    return int(version_id.split("-", 1)[0])


def counter_after(version_ids: Iterable[str], folder: Path) -> int:
    """One more than the highest counter in these ids, which are names in `folder`. Raises StorageError if a version id
    cannot have a higher one."""
    highest = max(map(counter_of, version_ids), default=0)
    if highest >= _HIGHEST_COUNTER:
        raise StorageError(
            f"{folder} has something with the number {highest}, and a version of a higher number cannot be added: move "
            "it away and try again."
        )
    return highest + 1


def manifest_hash_line(sha256: str) -> bytes:
    """The content of the manifest's hash file."""
    return sha256sum_line(sha256, MANIFEST_FILE)


def unreadable(path: Path, error: OSError) -> DamagedIndexError:
    """The error for a file that could not be read."""
    return damaged(path, reason_of(error))


def damaged(path: Path, why: str) -> DamagedIndexError:
    """The error for a file that is not what the manifest or CURRENT says."""
    return DamagedIndexError(
        f"{path} is damaged ({why}): go back with `knowligo-index rollback`, build the index again, or copy it again "
        "from where it came from (under another name, then rename it)."
    )
