r"""The index folder: immutable versions, and the file CURRENT, which names the live one.

    CURRENT                 "<version id> <SHA-256 of its manifest>\\n"
    .lock                   locked by the process that changes the index; its content says which process that is
    versions/<id>/          a version, which never changes
    versions/.staging/      a version that is being written; never read
    versions/.removing-*/   a version that is being removed; never read
    encoders/<fingerprint>/ the encoder of the questions, for all versions that were built with it
    signatures/<id>.minisig the signature of a version

A version goes through these states:

    draft        its files are in `.staging`, and its manifest is only in memory: the gate examines it
    sealed       its manifest is in `.staging` too, and every file was flushed and read back
    unpublished  it has its own name in versions/, but was never live; the build reports it as "refused" (by the gate)
                 or "staged" (`--no-publish`)
    published    it is or was the live version, the one that CURRENT names

Both steps, the new name and the new content of CURRENT, are renames. Whoever opens the index therefore finds the old
version or the new one, and all of it. docs/store.md says what the store guarantees, and by which test.
"""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from knowligo_index.errors import DamagedIndexError, IndexNotFoundError, KnowligoError
from knowligo_index.store.current import Pointer, read_current
from knowligo_index.store.files import is_folder
from knowligo_index.store.leases import lease
from knowligo_index.store.manifest import MANIFEST_FILE
from knowligo_index.store.signatures import PublicKeys
from knowligo_index.store.version import VERSION_ID, Version, counter_of, damaged, open_version, unreadable
from knowligo_index.store.version_summary import VersionSummary

# How long a reader waits while `gc` finds out whether it can remove the version that the reader wants to open.
_LEASE_TRIES = 100
_LEASE_PAUSE_SECONDS = 0.02


class Store:
    """An index folder, to be read. `store.publishing.Writer` changes it."""

    def __init__(self, root: Path, public_keys: PublicKeys | None = None) -> None:
        """With `public_keys`, `open` and `leased` accept only versions that one of these keys has signed."""
        self.root = root
        self.public_keys = public_keys
        self.versions = root / "versions"
        self.current = root / "CURRENT"
        self.encoders = root / "encoders"

    def current_id(self) -> str | None:
        """The id of the live version; None if no version was ever published. Raises DamagedIndexError."""
        pointer = self.pointer()
        return pointer.version if pointer else None

    def version_ids(self) -> list[str]:
        """The ids of all versions, whether published or not, in the order of their counters. A file or a link with such
        a name is no version."""
        return [name for name in self.taken_ids() if is_folder(self.versions / name)]

    def taken_ids(self) -> list[str]:
        """The ids of all versions, and names that look like ids, of files and links, in the order of their counters."""
        if not self.versions.is_dir():
            return []
        names = [path.name for path in self.versions.iterdir() if VERSION_ID.fullmatch(path.name)]
        return sorted(names, key=counter_of)

    def open(self, version_id: str | None = None) -> Version:
        """The version with this id, or the live one. Only its manifest is read and checked; its other files are when
        they are read. The manifest of the live version must also have the SHA-256 that is in CURRENT.

        Raises IndexNotFoundError, DamagedIndexError, OlderSchemaError, NewerSchemaError or SignatureError.
        """
        if version_id is not None:
            version = self.open_ignoring_current(version_id)
            return self._checked_by_signature(self._checked_by_current(version, self.readable_pointer()))
        pointer = self.pointer()
        if pointer is None:
            raise self.no_index()
        folder = self.versions / pointer.version
        try:
            return self._checked_by_signature(self._checked_by_current(_open_folder(folder), pointer))
        except FileNotFoundError as error:
            raise unreadable(folder, error) from error

    def open_ignoring_current(self, version_id: str) -> Version:
        """The version with this id, even if CURRENT has another SHA-256 for it, and whoever has signed it. Raises the
        same errors as `open`, except SignatureError."""
        if not VERSION_ID.fullmatch(version_id):
            raise self._no_such_version(version_id)
        try:
            return _open_folder(self.versions / version_id)
        except FileNotFoundError as error:
            raise self._no_such_version(version_id) from error

    @contextlib.contextmanager
    def leased(self, version_id: str | None = None) -> Iterator[Version]:
        """`open`, and keep `gc` from removing the version until the end of the block. Does not wait for a build."""
        for _ in range(_LEASE_TRIES):
            pointer = self.readable_pointer()
            try:
                version = self.open(version_id)
            except DamagedIndexError:
                # Since CURRENT was read, another version may have become the live one and this one been removed.
                if self.readable_pointer() == pointer:
                    raise
                continue
            with lease(version.folder) as is_leased:
                if is_leased:
                    yield version
                    return
            time.sleep(_LEASE_PAUSE_SECONDS)
        raise self._no_such_version(version_id or "that CURRENT names")

    def summaries(self) -> list[VersionSummary]:
        """Every version, in the order of their counters; one that cannot be read is listed with its problem. None is
        the current one if CURRENT is damaged."""
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
        """The version that was live when this one was built. If that was removed, or the manifest cannot be read: the
        one with the next lower counter that the gate did not refuse. None if there is no such version."""
        version_ids = self.version_ids()
        with contextlib.suppress(KnowligoError):
            previous = self.open_ignoring_current(version_id).manifest.previous
            if previous in version_ids:
                return previous
        older = [other_id for other_id in version_ids if counter_of(other_id) < counter_of(version_id)]
        return next((older_id for older_id in reversed(older) if not self.was_refused(older_id)), None)

    def was_refused(self, version_id: str) -> bool:
        """Whether the gate refused to publish this version; False if its manifest cannot be read."""
        with contextlib.suppress(KnowligoError):
            return bool(self.open_ignoring_current(version_id).manifest.refusals)
        return False

    def pointer(self) -> Pointer | None:
        """The content of CURRENT; None if the file does not exist. Raises DamagedIndexError if it is not valid."""
        return read_current(self.current)

    def readable_pointer(self) -> Pointer | None:
        """The content of CURRENT; None also if it is damaged, since the versions may be intact all the same."""
        with contextlib.suppress(DamagedIndexError):
            return self.pointer()
        return None

    def no_index(self) -> IndexNotFoundError:
        """The error for a folder that holds no index, or has versions but no CURRENT."""
        if version_ids := self.version_ids():
            return IndexNotFoundError(
                f"{self.current} is missing, so nothing says which of the {len(version_ids)} versions is live: name "
                f"one with `knowligo-index rollback ID --index {self.root}`, or build the index again."
            )
        return IndexNotFoundError(
            f"there is no index in {self.root}: make one with `knowligo-index build DOCUMENTS --index {self.root}`, or "
            "name another folder with --index."
        )

    def _checked_by_current(self, version: Version, pointer: Pointer | None) -> Version:
        if pointer and pointer.version == version.id and pointer.manifest_sha256 != version.manifest_sha256:
            raise damaged(version.folder / MANIFEST_FILE, "its SHA-256 is not the one in CURRENT")
        return version

    def _checked_by_signature(self, version: Version) -> Version:
        if self.public_keys is not None:
            self.public_keys.check(self.root, Pointer(version.id, version.manifest_sha256))
        return version

    def _no_such_version(self, version_id: str) -> IndexNotFoundError:
        return IndexNotFoundError(
            f"there is no version {version_id} in {self.root}: `knowligo-index list --index {self.root}` shows those "
            "there are."
        )


def _open_folder(folder: Path) -> Version:
    # `gc` would not know of a version that is a link.
    if folder.is_symlink():
        raise damaged(folder, "it is a link and not a folder")
    return open_version(folder)
