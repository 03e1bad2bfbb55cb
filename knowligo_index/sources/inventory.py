"""Find the files of the knowledge folder and account for every one of them."""

import errno
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from knowligo_index.errors import KnowledgeError, ParseError, Reason
from knowligo_index.sources import SourceOptions
from knowligo_index.sources.ledger import LedgerEntry
from knowligo_index.sources.open_folders import OpenFolders
from knowligo_index.sources.source_files import read_source_bytes
from knowligo_index.sources.source_names import source_name
from knowligo_index.system.hash_memo import HashMemo
from knowligo_index.system.hashing import FileEntry
from knowligo_index.system.os_errors import reason_of
from knowligo_index.types import Format, Source


@dataclass(frozen=True, slots=True)
class Inventory:
    """What the knowledge folder holds, sorted by name."""

    sources: tuple[Source, ...]
    """the files to parse"""
    ledger_entries: tuple[LedgerEntry, ...]
    """one for each file, link or hidden folder that is not parsed"""


def take_inventory(
    knowledge: Path,
    suffixes: Mapping[str, Format],
    golden_questions: Path | None = None,
    options: SourceOptions | None = None,
    memo: HashMemo | None = None,
) -> Inventory:
    """Walk `knowledge` and hash every file whose suffix (lower case, with its dot) is in `suffixes`, unless `memo`
    has the hash of the unchanged file.

    Hidden files, hidden folders and symbolic links are not followed, not even a link that takes the place of a folder
    during the walk; each has one ledger entry, as has a file that cannot be read. Raises KnowledgeError where a folder
    cannot be read: the number of missing documents is then unknown, and they must not be taken for deleted.
    """
    options, memo = options or SourceOptions(), memo or HashMemo()
    sources: list[Source] = []
    ledger_entries: list[LedgerEntry] = []
    with _open_knowledge(knowledge) as folders:
        for entry in _walk(knowledge, folders):
            name, reason = source_name(entry.relative), entry.reason
            if golden_questions is not None and reason is None and entry.is_same_file(golden_questions):
                reason = "golden-questions"
            file_format = suffixes.get(Path(entry.name).suffix.lower())
            if reason is None and file_format is None:
                reason = "unsupported-format"
            if reason is not None or file_format is None:
                ledger_entries.append(LedgerEntry(source=name, status="skipped", reason=reason))
                continue
            path = knowledge / entry.relative
            try:
                file = memo.recall(path, entry.status)
                if file is None or file.size > options.max_file_mib * 2**20:
                    observation = memo.observe(path, entry.status)
                    file = FileEntry.of(read_source_bytes(entry.name, options, entry.folder))
                    observation.remember(file)
            except ParseError as error:
                ledger_entries.append(LedgerEntry(name, error.status, error.reason, error.detail, format=file_format))
                continue
            sources.append(Source(name, path, file_format, file.size, file.sha256))
    if not sources:
        supported = ", ".join(sorted(suffixes))
        raise KnowledgeError(
            f"knowledge folder {knowledge} holds no document in a supported format ({supported}): "
            "add one or name another folder."
        )
    return Inventory(
        tuple(sorted(sources, key=lambda source: source.name)),
        tuple(sorted(ledger_entries, key=lambda entry: entry.source)),
    )


def _open_knowledge(knowledge: Path) -> OpenFolders:
    try:
        return OpenFolders(knowledge)
    except FileNotFoundError:
        problem = "does not exist"
    except NotADirectoryError:
        # The path itself, or a folder on the way to it.
        problem = "is not a folder" if knowledge.exists() else "does not exist"
    except OSError as error:
        raise _unreadable(knowledge, error) from error
    raise KnowledgeError(
        f"knowledge folder {knowledge} {problem}: name the folder that holds the documents, "
        "as in `knowligo-index build path/to/documents`."
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    """An entry of a folder."""

    relative: str
    """its path from the knowledge folder"""
    name: str
    folder: int
    """descriptor of the folder that holds it, until the next entry is taken"""
    reason: Reason | None
    """why it is no document; None where it may be one"""

    def status(self) -> os.stat_result:
        """Its own stat, also where it is a link. Raises OSError."""
        return os.stat(self.name, dir_fd=self.folder, follow_symlinks=False)

    def is_same_file(self, other: Path) -> bool:
        return self.name == other.name and other.exists() and os.path.samestat(self.status(), other.stat())


def _walk(knowledge: Path, folders: OpenFolders) -> Iterator[_Entry]:
    """Every entry below the knowledge folder that is not a folder to enter."""
    max_path_bytes = os.pathconf("/", "PC_PATH_MAX")
    waiting: list[str] = [""]
    while waiting:
        relative = waiting.pop()
        parts = relative.split("/") if relative else []
        if len(os.fsencode(knowledge / relative)) >= max_path_bytes:
            # No program could name what is in it.
            yield _Entry(relative, parts[-1], -1, "not-a-regular-file")
            continue
        try:
            with folders.folder(parts) as folder, os.scandir(folder) as entries:
                for entry in list(entries):
                    path, reason = f"{relative}/{entry.name}" if relative else entry.name, _why_no_document(entry)
                    if reason is None and entry.is_dir(follow_symlinks=False):
                        waiting.append(path)
                    else:
                        yield _Entry(path, entry.name, folder, reason)
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise _unreadable(knowledge / relative, error) from error
            # It was replaced by a link after the folder above it was listed.
            yield _Entry(relative, parts[-1], -1, "symlink")


def _why_no_document(entry: os.DirEntry[str]) -> Reason | None:
    # Word and LibreOffice create files named ~$... next to a document that is open.
    if entry.name.startswith((".", "~$")):
        return "hidden"
    if entry.is_symlink():
        return "symlink"
    # On most systems the directory entry holds the file type; where it does not, opening the file checks it.
    if not entry.is_dir(follow_symlinks=False) and not entry.is_file(follow_symlinks=False):
        return "not-a-regular-file"
    return None


def _unreadable(path: Path, error: OSError) -> KnowledgeError:
    why = reason_of(error)
    return KnowledgeError(
        f"cannot read {path} ({why}): make it readable for this user, or remove it if it does not belong there."
    )
