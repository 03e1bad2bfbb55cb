"""Find the files of the knowledge folder and account for every one of them."""

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from knowligo_index.errors import KnowledgeError, ParseError, Reason
from knowligo_index.sources import SourceOptions
from knowligo_index.sources.ledger import LedgerEntry
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

    Hidden files, hidden folders and symbolic links are not followed; each has one ledger entry, as has a file that
    cannot be read. Raises KnowledgeError where a folder cannot be read: the number of missing documents is then
    unknown, and they must not be taken for deleted.
    """
    options, memo = options or SourceOptions(), memo or HashMemo()
    _check_is_folder(knowledge)
    sources: list[Source] = []
    ledger_entries: list[LedgerEntry] = []
    for path, name, reason in _walk(knowledge):
        if golden_questions is not None and reason is None and _same_file(path, golden_questions):
            reason = "golden-questions"
        file_format = suffixes.get(path.suffix.lower())
        if reason is None and file_format is None:
            reason = "unsupported-format"
        if reason is not None or file_format is None:
            ledger_entries.append(LedgerEntry(source=name, status="skipped", reason=reason))
            continue
        try:
            entry = memo.recall(path)
            if entry is None or entry.size > options.max_file_mib * 2**20:
                observation = memo.observe(path)
                entry = FileEntry.of(read_source_bytes(path, options))
                observation.remember(entry)
        except ParseError as error:
            ledger_entries.append(LedgerEntry(name, error.status, error.reason, error.detail, format=file_format))
            continue
        sources.append(Source(name, path, file_format, entry.size, entry.sha256))
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


def _check_is_folder(knowledge: Path) -> None:
    try:
        problem = "" if stat.S_ISDIR(knowledge.stat().st_mode) else "is not a folder"
    except (FileNotFoundError, NotADirectoryError):
        problem = "does not exist"
    except OSError as error:
        raise _unreadable(knowledge, error) from error
    if problem:
        raise KnowledgeError(
            f"knowledge folder {knowledge} {problem}: name the folder that holds the documents, "
            "as in `knowligo-index build path/to/documents`."
        )


def _walk(root: Path) -> Iterator[tuple[Path, str, Reason | None]]:
    """Every entry below `root`: its path, its source name, and why it is not a document, or None where it may be."""
    folders = [(root, PurePosixPath())]
    while folders:
        folder, relative = folders.pop()
        try:
            entries = list(os.scandir(folder))
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise _unreadable(folder, error) from error
            yield folder, source_name(str(relative)), "not-a-regular-file"
            continue
        for entry in entries:
            path = folder / entry.name
            reason = _why_no_document(entry)
            if reason is None and entry.is_dir(follow_symlinks=False):
                folders.append((path, relative / entry.name))
            else:
                yield path, source_name(str(relative / entry.name)), reason


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


def _same_file(path: Path, other: Path) -> bool:
    return path.name == other.name and other.exists() and path.samefile(other)


def _unreadable(path: Path, error: OSError) -> KnowledgeError:
    why = reason_of(error)
    return KnowledgeError(
        f"cannot read {path} ({why}): make it readable for this user, or remove it if it does not belong there."
    )
