r"""The index folder: immutable versions, and CURRENT, which names the live one.

    CURRENT                 "<version id> <SHA-256 of its manifest>\\n"
    .lock                   held by whoever changes the index; says who
    versions/<id>/          immutable once it has its name
    versions/.staging/      being written; never read
    versions/.removing-*/   being removed; never read
    encoders/<fingerprint>/ what questions are encoded with, for all versions built with that encoder

A version is written aside, flushed to disk, renamed into place, and only then named by CURRENT, which is itself
replaced by a rename. Whoever opens the index finds the old version or the new one, whole. docs/store.md says what is
promised and which test holds it to that.
"""

import contextlib
import os
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from knowligo_index.errors import DamagedIndexError, IndexNotFoundError, KnowligoError
from knowligo_index.store.locks import share
from knowligo_index.store.manifest import MANIFEST_FILE, VersionSummary
from knowligo_index.store.version import Version, damaged, open_version, unreadable

_VERSION_ID = re.compile(r"([1-9][0-9]*)-[0-9a-f]{12}")
_CURRENT_LINE = re.compile(rf"({_VERSION_ID.pattern}) ([0-9a-f]{{64}})\n".encode("ascii"))

# How long a reader waits for `gc` to say whether the version it asks for goes or stays.
_LEASE_TRIES = 100
_LEASE_PAUSE_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Pointer:
    """The content of CURRENT."""

    version: str
    manifest_sha256: str

    def line(self) -> bytes:
        return f"{self.version} {self.manifest_sha256}\n".encode("ascii")


class Store:
    """The versions in one index folder, to be read. `store.writer.Writer` changes them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.versions = root / "versions"
        self.current = root / "CURRENT"
        self.encoders = root / "encoders"

    def current_id(self) -> str | None:
        """The id of the live version; None where nothing was ever published. Raises DamagedIndexError."""
        pointer = self.pointer()
        return pointer.version if pointer else None

    def version_ids(self) -> list[str]:
        """Ids of the published versions, oldest first, by their counters."""
        if not self.versions.is_dir():
            return []
        names = [path.name for path in self.versions.iterdir() if _VERSION_ID.fullmatch(path.name)]
        return sorted(names, key=counter_of)

    def open(self, version_id: str | None = None) -> Version:
        """The version with this id, or the live one. Its manifest is read and checked; its other files are when
        they are read.

        Raises IndexNotFoundError, DamagedIndexError, OlderSchemaError or NewerSchemaError.
        """
        if version_id is not None:
            return self._as_pointed_to(self.open_unpointed(version_id), self.readable_pointer())
        pointer = self.pointer()
        if pointer is None:
            raise self.no_index()
        folder = self.versions / pointer.version
        try:
            return self._as_pointed_to(open_version(folder), pointer)
        except FileNotFoundError as error:
            raise unreadable(folder, error) from error

    def open_unpointed(self, version_id: str) -> Version:
        """The version with this id, whatever CURRENT says. Raises as `open`."""
        if not _VERSION_ID.fullmatch(version_id):
            raise self._no_such_version(version_id)
        try:
            return open_version(self.versions / version_id)
        except FileNotFoundError as error:
            raise self._no_such_version(version_id) from error

    @contextlib.contextmanager
    def leased(self, version_id: str | None = None) -> Iterator[Version]:
        """`open`, and keep `gc` from removing the version until the end of the block. Waits for no builder."""
        for _ in range(_LEASE_TRIES):
            before = self.readable_pointer()
            try:
                version = self.open(version_id)
            except DamagedIndexError:
                # Between two looks CURRENT may have moved on, and the version it named before been removed.
                if self.readable_pointer() == before:
                    raise
                continue
            try:
                descriptor = os.open(version.folder / MANIFEST_FILE, os.O_RDONLY)
            except FileNotFoundError:
                continue
            try:
                if share(descriptor) and _is_file_at(descriptor, version.folder / MANIFEST_FILE):
                    yield version
                    return
            finally:
                os.close(descriptor)
            time.sleep(_LEASE_PAUSE_SECONDS)
        raise self._no_such_version(version_id or "that CURRENT names")

    def summaries(self) -> list[VersionSummary]:
        """Every published version, oldest first; one that cannot be read is listed with its problem. None of them is
        the current one where CURRENT is damaged."""
        pointer = self.readable_pointer()
        current = pointer.version if pointer else None
        summaries: list[VersionSummary] = []
        for version_id in self.version_ids():
            is_current = version_id == current
            try:
                summaries.append(VersionSummary.of(self.open(version_id).manifest, current=is_current))
            except KnowligoError as error:
                summaries.append(VersionSummary(version_id, is_current, problem=str(error)))
        return summaries

    def predecessor(self, version_id: str) -> str | None:
        """The version that was live when this one was published; where that is gone or cannot be told, the one
        with the next lower counter that the gate did not refuse. None where there is none."""
        there = self.version_ids()
        with contextlib.suppress(KnowligoError):
            previous = self.open_unpointed(version_id).manifest.previous
            if previous in there:
                return previous
        lower = [other for other in there if counter_of(other) < counter_of(version_id)]
        return next((other for other in reversed(lower) if not self.was_refused(other)), None)

    def was_refused(self, version_id: str) -> bool:
        """Whether the gate kept it from being published; of one that cannot be read it is not known."""
        with contextlib.suppress(KnowligoError):
            return bool(self.open_unpointed(version_id).manifest.refusals)
        return False

    def pointer(self) -> Pointer | None:
        """What CURRENT says; None where there is no CURRENT. Raises DamagedIndexError where it is not one such line."""
        try:
            line = self.current.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise unreadable(self.current, error) from error
        match = _CURRENT_LINE.fullmatch(line)
        if match is None:
            raise DamagedIndexError(
                f"{self.current} is damaged (it is not one line with a version id and a SHA-256): name the version to "
                "go back to, `knowligo-index rollback ID` (`knowligo-index list` shows them), or build the index again."
            )
        return Pointer(match[1].decode("ascii"), match[3].decode("ascii"))

    def readable_pointer(self) -> Pointer | None:
        """What CURRENT says; None also where it is damaged, which says nothing against the versions."""
        with contextlib.suppress(DamagedIndexError):
            return self.pointer()
        return None

    def no_index(self) -> IndexNotFoundError:
        """The error for a folder that holds no index, or versions and no CURRENT."""
        if ids := self.version_ids():
            return IndexNotFoundError(
                f"{self.current} is missing, so nothing says which of the {len(ids)} versions is live: name one with "
                f"`knowligo-index rollback ID --index {self.root}`, or build the index again."
            )
        return IndexNotFoundError(
            f"there is no index in {self.root}: make one with `knowligo-index build DOCUMENTS --index {self.root}`, or "
            "name another folder with --index."
        )

    def _as_pointed_to(self, version: Version, pointer: Pointer | None) -> Version:
        if pointer and pointer.version == version.id and pointer.manifest_sha256 != version.manifest_sha256:
            raise damaged(version.folder / MANIFEST_FILE, "its SHA-256 is not the one in CURRENT")
        return version

    def _no_such_version(self, version_id: str) -> IndexNotFoundError:
        return IndexNotFoundError(
            f"there is no version {version_id} in {self.root}: `knowligo-index list --index {self.root}` shows those "
            "there are."
        )


def counter_of(version_id: str) -> int:
    """The counter in a version id."""
    return int(version_id.split("-", 1)[0])


def _is_file_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
