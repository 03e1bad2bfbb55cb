"""Find the files of the knowledge folder and account for every one of them."""

import hashlib
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from knowligo_index.errors import KnowledgeError, Reason
from knowligo_index.types import Format, LedgerEntry, Source


@dataclass(frozen=True, slots=True)
class Inventory:
    """What is in the knowledge folder, sorted by name: files to parse, and files that are not documents."""

    sources: tuple[Source, ...]
    skipped: tuple[LedgerEntry, ...]


def take_inventory(knowledge: Path, suffixes: Mapping[str, Format], golden_questions: Path | None = None) -> Inventory:
    """Walk `knowledge` and hash every file whose suffix (lower case, with its dot) is in `suffixes`.

    Hidden files and folders and symbolic links are not followed; each is one skipped entry. Raises KnowledgeError
    where the folder, or anything in it, cannot be read: what cannot be read has not been deleted, so a build
    without it would be wrong.
    """
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
    skipped: list[LedgerEntry] = []
    for path, name, reason in _walk(knowledge, PurePosixPath()):
        if golden_questions is not None and reason is None and _same_file(path, golden_questions):
            reason = "golden-questions"
        file_format = suffixes.get(path.suffix.lower())
        if reason is None and file_format is None:
            reason = "unsupported-format"
        if reason is not None or file_format is None:
            skipped.append(LedgerEntry(source=name, status="skipped", reason=reason))
            continue
        data = read_source_bytes(path)
        sources.append(Source(name, path, file_format, len(data), hashlib.sha256(data).hexdigest()))
    if not sources:
        known = ", ".join(sorted(suffixes))
        raise KnowledgeError(
            f"knowledge folder {knowledge} holds no document this can read ({known}): add one or name another folder."
        )
    return Inventory(
        tuple(sorted(sources, key=lambda source: source.name)),
        tuple(sorted(skipped, key=lambda entry: entry.source)),
    )


def read_source_bytes(path: Path) -> bytes:
    """The file's bytes; raises KnowledgeError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path, error) from error


def reread(source: Source) -> bytes:
    """The bytes that were hashed when the inventory was taken; raises KnowledgeError where the file has changed."""
    data = read_source_bytes(source.path)
    if hashlib.sha256(data).hexdigest() != source.sha256:
        raise KnowledgeError(f"{source.path} changed while the build was reading it: run the build again.")
    return data


def _walk(folder: Path, relative: PurePosixPath) -> Iterator[tuple[Path, str, Reason | None]]:
    """Every entry below `folder`: its path, its name relative to the root, and why it is not a document, if so."""
    try:
        entries = list(os.scandir(folder))
    except OSError as error:
        raise _unreadable(folder, error) from error
    for entry in entries:
        path = folder / entry.name
        name = str(relative / entry.name)
        reason: Reason | None = None
        try:
            name.encode("utf-8")
        except UnicodeEncodeError:
            # Undecodable bytes come as lone surrogates, which neither JSON nor SQLite can hold.
            name = name.encode("utf-8", "backslashreplace").decode("utf-8")
            reason = "name-not-utf8"
        if entry.name.startswith("."):
            reason = "hidden"
        elif entry.is_symlink():
            reason = "symlink"
        if reason is None and entry.is_dir(follow_symlinks=False):
            yield from _walk(path, relative / entry.name)
            continue
        try:
            if reason is None and not stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
                reason = "not-a-regular-file"
        except OSError as error:
            raise _unreadable(path, error) from error
        yield path, name, reason


def _same_file(path: Path, other: Path) -> bool:
    return path.name == other.name and other.exists() and path.samefile(other)


def _unreadable(path: Path, error: OSError) -> KnowledgeError:
    why = (error.strerror or str(error)).lower()
    return KnowledgeError(
        f"cannot read {path} ({why}): make it readable for this user, or remove it if it does not belong there."
    )
