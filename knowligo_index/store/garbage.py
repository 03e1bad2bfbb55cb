"""`gc`: which versions and encoders nobody needs any more, and their removal."""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from knowligo_index.errors import KnowligoError
from knowligo_index.store import Store
from knowligo_index.store.locks import claim
from knowligo_index.store.manifest import MANIFEST_FILE
from knowligo_index.store.writer import Writer, leftovers
from knowligo_index.system.blob_cache import CACHE_FILE, BlobCache

DEFAULT_CACHE_BYTES = 512 * 2**20


@dataclass(frozen=True, slots=True)
class Garbage:
    """What `gc` removed, or would remove, and what it left."""

    removed: list[str]
    """versions, encoders and leftovers of processes that died, as paths relative to the index"""
    in_use: list[str]
    """versions that would go if nobody were reading them"""
    kept: list[str]
    """versions, oldest first"""
    bytes: int
    """of what was removed"""
    cache_bytes: int = 0
    """of cached results that were forgotten"""


def collect_garbage(
    store: Store, keep: int, writer: Writer | None = None, cache_bytes: int = DEFAULT_CACHE_BYTES
) -> Garbage:
    """Remove all versions but the `keep` with the highest counters, of those refused the last, the live one, its
    predecessor, and those in use; then encoders that none of the versions left needs, and leftovers; and of the cached
    results those used the longest ago, until `cache_bytes` are left. Without a `writer` only say what would go.

    Raises IndexNotFoundError or DamagedIndexError where the live version is not whole: then another may be needed.
    """
    if not store.root.is_dir():
        raise store.no_index()
    kept = _needed(store, keep)
    removed: list[str] = []
    in_use: list[str] = []
    freed = 0
    for name in leftovers(store):
        freed += _size(store.root / name)
        removed.append(name)
    if writer:
        writer.remove_leftovers()
    for version_id in store.version_ids():
        if version_id in kept:
            continue
        folder = store.versions / version_id
        with _claimed(folder) as free:
            if not free:
                in_use.append(version_id)
                continue
            freed += _size(folder)
            removed.append(f"versions/{version_id}")
            if writer:
                writer.remove(folder)
    left = [version_id for version_id in store.version_ids() if f"versions/{version_id}" not in removed]
    for folder in _unused_encoders(store, left):
        freed += _size(folder)
        removed.append(f"encoders/{folder.name}")
        if writer:
            writer.remove(folder)
    return Garbage(removed, in_use, left, freed, _trim_cache(store, cache_bytes, dry_run=writer is None))


def _trim_cache(store: Store, most_bytes: int, *, dry_run: bool) -> int:
    path = store.root / CACHE_FILE
    # SQLite makes files beside it, also to read.
    if not path.is_file() or not os.access(path.parent, os.W_OK):
        return 0
    with BlobCache(path) as cache:
        return cache.trim(most_bytes, dry_run=dry_run)


def _needed(store: Store, keep: int) -> set[str]:
    """Versions that stay whether or not they are in use."""
    ids = store.version_ids()
    if not ids:
        return set()
    current = store.current_id()
    if current is None:
        raise store.no_index()
    store.open().check()
    predecessor = store.predecessor(current)
    # What was refused every night must not push out what one would go back to.
    summaries = store.summaries()
    refused = [summary.version for summary in summaries if summary.refused]
    passed = [summary.version for summary in summaries if not summary.refused]
    # Nor may one that cannot be read: it stays, and does not count.
    readable = [summary.version for summary in summaries if not (summary.refused or summary.problem)]
    newest = passed[passed.index(readable[-keep]) :] if len(readable) > keep else passed
    return {current, *newest, *refused[-1:], *([predecessor] if predecessor else [])}


def _unused_encoders(store: Store, versions: list[str]) -> list[Path]:
    if not store.encoders.is_dir():
        return []
    try:
        used = {store.open_unpointed(version_id).manifest.encoder.fingerprint for version_id in versions}
    except KnowligoError:
        # What cannot be read may need any of them.
        return []
    return sorted(path for path in store.encoders.iterdir() if path.name not in used and not path.name.startswith("."))


@contextlib.contextmanager
def _claimed(folder: Path) -> Iterator[bool]:
    """Whether nobody reads the version; and nobody can begin to until the end of the block."""
    path = folder / MANIFEST_FILE
    # A network file system gives the lock only to who may write; `--dry-run` on a read-only disk has to do without.
    access = os.O_RDWR if os.access(path, os.W_OK) else os.O_RDONLY
    try:
        descriptor = os.open(path, access)
    except FileNotFoundError:
        yield True
        return
    try:
        yield claim(descriptor)
    finally:
        os.close(descriptor)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
