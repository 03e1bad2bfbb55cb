"""The files of an export, each read once: what is hashed is what is used."""

import contextlib
import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from knowligo_index.errors import DamagedIndexError
from knowligo_index.system.hashing import FileEntry, hash_file, open_regular
from knowligo_index.system.os_errors import reason_of
from knowligo_index.system.sealed_memory import SealedCopy

if TYPE_CHECKING:
    from knowligo_index.system.hashed_blocks import HashedBlocks


@dataclass(frozen=True, slots=True)
class ExportedFiles:
    """The files in the folder of an export. All methods raise DamagedIndexError where a file cannot be read, or differs
    from its entry."""

    folder: Path
    entries: Mapping[str, FileEntry] | None
    """None while the export is being written: then nothing is compared"""
    _used: set[str] = field(default_factory=set)

    def read(self, name: str) -> bytes:
        """The content of a file."""
        with self._opened(name) as file:
            data = file.read(os.fstat(file.fileno()).st_size)
        self._compare(name, FileEntry.of(data))
        return data

    def sealed(self, name: str) -> SealedCopy | None:
        """A copy of a file in memory that cannot be changed. None where the system has no such memory."""
        with self._opened(name) as file:
            try:
                copy = SealedCopy(file, name)
            except (OSError, AttributeError, ImportError):
                # Another system than Linux, or one that forbids it.
                return None
        try:
            self._compare(name, copy.entry)
        except DamagedIndexError:
            copy.close()
            raise
        return copy

    def blocks(self, name: str) -> "HashedBlocks":
        """A file of which only the blocks that are used are in memory."""
        # Here, since a build of an unchanged folder need not wait for numpy.
        from knowligo_index.system.hashed_blocks import HashedBlocks

        with self._opened(name) as file:
            blocks = HashedBlocks(file)
        self._compare(name, blocks.entry)
        return blocks

    def check(self) -> None:
        """Compare every file with its entry."""
        self._check(self.entries or {})

    def check_others(self) -> None:
        """Compare every file that was not used yet with its entry."""
        self._check({name: entry for name, entry in (self.entries or {}).items() if name not in self._used})

    def unlisted(self, own: frozenset[str]) -> list[str]:
        """Names in the folder that have no entry, but for those of `own`."""
        return sorted(path.name for path in self.folder.iterdir() if path.name not in {*(self.entries or {}), *own})

    def _check(self, entries: Mapping[str, FileEntry]) -> None:
        for name, expected in entries.items():
            with damage_reported(self.folder / name):
                entry = hash_file(self.folder / name, expected.size)
            self._compare(name, entry)

    @contextlib.contextmanager
    def _opened(self, name: str) -> Iterator[io.FileIO]:
        path = self.folder / name
        with damage_reported(path), open_regular(path) as file:
            if self.entries is not None:
                # Not read where its size is another: it may never end.
                size = os.fstat(file.fileno()).st_size
                if name not in self.entries or size != self.entries[name].size:
                    raise differs(path)
            yield file
        self._used.add(name)

    def _compare(self, name: str, actual: FileEntry) -> None:
        if self.entries is not None and self.entries.get(name) != actual:
            raise differs(self.folder / name)


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """Where a model is among the files of an export, by their names."""

    files: ExportedFiles
    model: str
    weights: str
    compiled: str | None
    """the same model compiled for this platform, if there is one"""


@contextlib.contextmanager
def damage_reported(path: Path, besides: type[OSError] | tuple[()] = ()) -> Iterator[None]:
    """Turn an OSError, unless it is of the type `besides`, into the DamagedIndexError of this file."""
    try:
        yield
    except besides:
        raise
    except OSError as error:
        raise damaged_export(path, reason_of(error)) from error


def differs(path: Path) -> DamagedIndexError:
    """The error for a file of an export with another content than encoder.json says."""
    return damaged_export(path, "its size or SHA-256 is not the one in encoder.json")


def damaged_export(path: Path, reason: str) -> DamagedIndexError:
    """The error for a file of an export."""
    return DamagedIndexError(
        f"{path}, a file of the exported encoder, is damaged ({reason}): build the index again, which exports the "
        "encoder anew, or copy the folder again from where it came from (under another name, then rename it)."
    )
