r"""The index folder: immutable versions, and CURRENT, which names the live one.

    CURRENT                 "<version id> <SHA-256 of its manifest>\\n"
    versions/<id>/          immutable once it has its name
    versions/.staging-*/    being written; never read

A version is written aside, flushed to disk, renamed into place, and only then named by CURRENT, which is itself
replaced by a rename. Whoever opens the index finds the old version or the new one, whole.
"""

import contextlib
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from knowligo_index.errors import DamagedIndexError, IndexNotFoundError, KnowligoError
from knowligo_index.manifest import (
    MANIFEST_FILE,
    FileEntry,
    Manifest,
    VersionSummary,
    decode_manifest,
    encode_manifest,
)

_VERSION_ID = re.compile(r"([1-9][0-9]*)-[0-9a-f]{12}")
_CURRENT_LINE = re.compile(rf"({_VERSION_ID.pattern}) ([0-9a-f]{{64}})\n")
_STAGING = ".staging-"


@dataclass(frozen=True, slots=True)
class Version:
    """A published version: its folder, and its manifest as it was read and checked."""

    folder: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        return self.manifest.version

    def check(self) -> None:
        """Read every file and compare it with the manifest. Raises DamagedIndexError at the first that differs."""
        for name in self.manifest.files:
            self.read_file(name)

    def read_file(self, name: str) -> bytes:
        """The bytes of a file of the version. Raises DamagedIndexError where they aren't those of the manifest."""
        path = self.folder / name
        expected = self.manifest.files.get(name)
        if expected is None:
            raise DamagedIndexError(f"{self.folder / MANIFEST_FILE} does not list {name}: build the index again.")
        try:
            data = path.read_bytes()
        except OSError as error:
            raise _damaged(path, (error.strerror or str(error)).lower()) from error
        if len(data) != expected.size:
            raise _damaged(path, f"{len(data)} bytes instead of {expected.size}")
        if hashlib.sha256(data).hexdigest() != expected.sha256:
            raise _damaged(path, "its SHA-256 is not the manifest's")
        return data


class Store:
    """The versions in one index folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._versions = root / "versions"
        self._current = root / "CURRENT"

    def current_id(self) -> str | None:
        """The id of the live version; None where nothing was ever published."""
        pointer = self._pointer()
        return pointer[0] if pointer else None

    def version_ids(self) -> list[str]:
        """Ids of the published versions, oldest first, by their counters."""
        if not self._versions.is_dir():
            return []
        names = [path.name for path in self._versions.iterdir() if _VERSION_ID.fullmatch(path.name)]
        return sorted(names, key=counter_of)

    def open(self, version_id: str | None = None) -> Version:
        """The version with this id, or the live one. Its manifest is read and checked; its other files are when
        they are read.

        Raises IndexNotFoundError, DamagedIndexError or NewerSchemaError.
        """
        pointer = self._pointer()
        if version_id is None:
            if pointer is None:
                raise IndexNotFoundError(
                    f"there is no index in {self.root}: make one with `knowligo-index build DOCUMENTS --index "
                    f"{self.root}`, or name another folder with --index."
                )
            version_id = pointer[0]
        elif not _VERSION_ID.fullmatch(version_id):
            raise self._no_such_version(version_id)
        folder = self._versions / version_id
        path = folder / MANIFEST_FILE
        try:
            data = path.read_bytes()
        except OSError as error:
            if pointer is None or version_id != pointer[0]:
                raise self._no_such_version(version_id) from error
            raise _damaged(path, (error.strerror or str(error)).lower()) from error
        if pointer is not None and version_id == pointer[0] and hashlib.sha256(data).hexdigest() != pointer[1]:
            raise _damaged(path, "its SHA-256 is not the one in CURRENT")
        manifest = decode_manifest(data, path)
        if manifest.version != version_id:
            raise _damaged(path, f"it is the manifest of {manifest.version}")
        return Version(folder, manifest)

    def summaries(self) -> list[VersionSummary]:
        """Every published version, oldest first; one that cannot be read is listed with its problem."""
        current = self.current_id()
        summaries: list[VersionSummary] = []
        for version_id in self.version_ids():
            is_current = version_id == current
            try:
                summaries.append(VersionSummary.of(self.open(version_id).manifest, current=is_current))
            except KnowligoError as error:
                summaries.append(VersionSummary(version_id, is_current, problem=str(error)))
        return summaries

    def next_counter(self) -> int:
        """One more than the highest counter there is."""
        return max(map(counter_of, self.version_ids()), default=0) + 1

    @contextlib.contextmanager
    def staging(self) -> Iterator[Path]:
        """A new folder to write a version into; it is gone afterwards, published or not."""
        self._versions.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=_STAGING, dir=self._versions))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def publish(self, staged: Path, manifest: Manifest) -> Version:
        """Complete `manifest` with the hashes of the staged files, give the folder its name and make it live."""
        entries: dict[str, FileEntry] = {}
        for path in sorted(staged.iterdir()):
            _sync(path)
            data = path.read_bytes()
            entries[path.name] = FileEntry(len(data), hashlib.sha256(data).hexdigest())
        manifest = replace(manifest, files=entries)
        data = encode_manifest(manifest)
        _write_synced(staged / MANIFEST_FILE, data)
        # mkdtemp makes a folder for its owner alone; a published version is for everyone who may read the index.
        staged.chmod(0o777 & ~_umask())
        _sync(staged)
        folder = self._versions / manifest.version
        staged.rename(folder)
        _sync(self._versions)
        self._point_to(manifest.version, hashlib.sha256(data).hexdigest())
        return Version(folder, manifest)

    def _no_such_version(self, version_id: str) -> IndexNotFoundError:
        return IndexNotFoundError(
            f"there is no version {version_id} in {self.root}: `knowligo-index list --index {self.root}` shows those "
            "there are."
        )

    def _pointer(self) -> tuple[str, str] | None:
        """Version id and manifest hash in CURRENT. Raises DamagedIndexError where CURRENT is not one such line."""
        try:
            line = self._current.read_text(encoding="ascii")
        except FileNotFoundError:
            return None
        except NotADirectoryError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            raise _damaged(self._current, str(error)) from error
        match = _CURRENT_LINE.fullmatch(line)
        if match is None:
            raise _damaged(self._current, "it is not one line with a version id and a SHA-256")
        return match[1], match[3]

    def _point_to(self, version_id: str, manifest_sha256: str) -> None:
        temporary = self.root / ".CURRENT.new"
        _write_synced(temporary, f"{version_id} {manifest_sha256}\n".encode("ascii"))
        temporary.replace(self._current)
        _sync(self.root)


def counter_of(version_id: str) -> int:
    """The counter in a version id."""
    return int(version_id.split("-", 1)[0])


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(path: Path) -> None:
    """Flush a file's content, or a folder's names, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _damaged(path: Path, why: str) -> DamagedIndexError:
    return DamagedIndexError(
        f"{path} is damaged ({why}): build the index again, or copy it again from where it came from."
    )
