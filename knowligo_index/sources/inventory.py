"""Find the files of the knowledge folder and account for every one of them."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated

from msgspec import Meta

from knowligo_index.errors import KnowledgeError, ParseError, Reason
from knowligo_index.system.hash_memo import HashMemo
from knowligo_index.system.hashing import FileEntry
from knowligo_index.system.os_errors import reason_of
from knowligo_index.system.utf8 import utf8_path
from knowligo_index.types import Format, LedgerEntry, Source

# A file that is being written is read again so many times before it is left for the next build.
_TRIES = 3

# Of a file that is a pipe or a link by the time it is opened, neither wait for a writer nor follow it.
_OPEN_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class SourceOptions:
    """What is read of the knowledge folder."""

    max_file_mib: Annotated[
        Annotated[int, Meta(ge=1)], Meta(description="Files larger than so many MiB are quarantined, not read.")
    ] = 64


@dataclass(frozen=True, slots=True)
class Inventory:
    """What is in the knowledge folder, sorted by name: files to parse, and what became of the others."""

    sources: tuple[Source, ...]
    others: tuple[LedgerEntry, ...]


def take_inventory(
    knowledge: Path,
    suffixes: Mapping[str, Format],
    golden_questions: Path | None = None,
    options: SourceOptions | None = None,
    memo: HashMemo | None = None,
) -> Inventory:
    """Walk `knowledge` and hash every file whose suffix (lower case, with its dot) is in `suffixes`, unless `memo`
    knows it unchanged.

    Hidden files and folders and symbolic links are not followed; each is one entry, as is a file that cannot be read.
    Raises KnowledgeError where a folder cannot be read: nobody knows then how many documents are missing, and what
    cannot be read has not been deleted.
    """
    options, memo = options or SourceOptions(), memo or HashMemo()
    try:
        what = "" if stat.S_ISDIR(knowledge.stat().st_mode) else "is not a folder"
    except (FileNotFoundError, NotADirectoryError):
        what = "does not exist"
    except OSError as error:
        raise _unreadable(knowledge, error) from error
    if what:
        raise KnowledgeError(
            f"knowledge folder {knowledge} {what}: name the folder that holds the documents, "
            "as in `knowligo-index build path/to/documents`."
        )
    sources: list[Source] = []
    others: list[LedgerEntry] = []
    for path, name, reason in _walk(knowledge):
        if golden_questions is not None and reason is None and _same_file(path, golden_questions):
            reason = "golden-questions"
        file_format = suffixes.get(path.suffix.lower())
        if reason is None and file_format is None:
            reason = "unsupported-format"
        if reason is not None or file_format is None:
            others.append(LedgerEntry(source=name, status="skipped", reason=reason))
            continue
        try:
            entry = memo.recall(path)
            if entry is None or entry.size > options.max_file_mib * 2**20:
                observation = memo.observe(path)
                entry = FileEntry.of(read_source_bytes(path, options))
                observation.remember(entry)
        except ParseError as error:
            others.append(LedgerEntry(name, error.status, error.reason, error.detail, format=file_format))
            continue
        sources.append(Source(name, path, file_format, entry.size, entry.sha256))
    if not sources:
        known = ", ".join(sorted(suffixes))
        raise KnowledgeError(
            f"knowledge folder {knowledge} holds no document this can read ({known}): add one or name another folder."
        )
    return Inventory(
        tuple(sorted(sources, key=lambda source: source.name)),
        tuple(sorted(others, key=lambda entry: entry.source)),
    )


def read_source_bytes(path: Path, options: SourceOptions) -> bytes:
    """The bytes of a regular file. Raises ParseError where it is something else, cannot be read, is too large, or
    changes each time it is read."""
    try:
        for _ in range(_TRIES):
            data = _read_unchanged(path, options.max_file_mib * 2**20)
            if data is not None:
                return data
    except OSError as error:
        raise ParseError(*_why_not_opened(error)) from error
    raise ParseError("changed-while-read", "something was writing it: build again when it is done")


def reread(source: Source, options: SourceOptions) -> bytes:
    """The bytes that were hashed when the inventory was taken; raises ParseError where the file has changed."""
    data = read_source_bytes(source.path, options)
    if hashlib.sha256(data).hexdigest() != source.sha256:
        raise ParseError("changed-while-read", "it changed while the build was reading the folder: build again")
    return data


def source_name(relative: str) -> str:
    r"""A path relative to the knowledge folder as a text that UTF-8 can hold and `source_path` turns back: bytes that
    are not UTF-8, which Python has as lone surrogates, become \xNN, and a backslash is doubled."""
    escaped = relative.replace("\\", "\\\\")
    return utf8_path(escaped)


def source_path(name: str) -> str:
    """The path that `source_name` was given."""
    parts = name.split("\\\\")
    return "\\".join(_unescape(part) for part in parts)


def _unescape(part: str) -> str:
    plain, *escaped = part.split("\\x")
    decoded = plain.encode() + b"".join(bytes.fromhex(each[:2]) + each[2:].encode() for each in escaped)
    return os.fsdecode(decoded)


def _read_unchanged(path: Path, limit: int) -> bytes | None:
    """The file's bytes; None where it changed meanwhile. Raises ParseError where it is not a file to be read."""
    descriptor = os.open(path, _OPEN_FLAGS)
    try:
        before = os.fstat(descriptor)
        if not stat.S_ISREG(before.st_mode):
            raise ParseError("not-a-regular-file", "not a file by the time it was opened")
        if before.st_size > limit:
            size = before.st_size / 2**20
            raise ParseError("too-large", f"{size:,.0f} MiB: split it, or raise --max-file-mib {limit // 2**20}")
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            # One byte more than there should be, to notice that there are more.
            data = file.read(before.st_size + 1)
        after = os.fstat(descriptor)
    finally:
        os.close(descriptor)
    unchanged = (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns)
    return data if unchanged and len(data) == before.st_size else None


def _why_not_opened(error: OSError) -> tuple[Reason, str]:
    if error.errno in (errno.ELOOP, errno.EMLINK):
        return "symlink", "a symbolic link by the time it was opened"
    if error.errno == errno.ENXIO:
        return "not-a-regular-file", "not a file by the time it was opened"
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return "changed-while-read", "it was gone by the time it was opened: build again"
    why = reason_of(error)
    return "unreadable", f"{why}: make it readable for this user, or remove it"


def _walk(root: Path) -> Iterator[tuple[Path, str, Reason | None]]:
    """Every entry below `root`: its path, its name relative to the root, and why it is not a document, if so."""
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
    # Word and LibreOffice leave such files beside a document that is open.
    if entry.name.startswith((".", "~$")):
        return "hidden"
    if entry.is_symlink():
        return "symlink"
    # What kind of entry it is the folder says, on most systems; where it does not, opening it will.
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
