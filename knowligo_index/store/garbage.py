"""`gc`: which versions, encoders and cached results are no longer needed, and their removal."""

import contextlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from knowligo_index.errors import KnowligoError
from knowligo_index.store import Store
from knowligo_index.store.files import is_folder
from knowligo_index.store.leases import exclusive_lease
from knowligo_index.store.publishing import Writer
from knowligo_index.store.signatures import unneeded_signatures
from knowligo_index.store.staging import leftovers
from knowligo_index.system.blob_cache import CACHE_FILE, BlobCache
from knowligo_index.system.cache_database import is_database

DEFAULT_CACHE_BYTES = 512 * 2**20

_FINGERPRINT = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Garbage:
    """What `gc` removed, or would remove, and what it kept."""

    removed: list[str]
    """versions, encoders, signatures and leftovers of killed processes, as paths relative to the index"""
    in_use: list[str]
    """versions that would be removed if nobody were reading them, or if it could be found out that nobody is"""
    kept: list[str]
    """versions, in the order of their counters"""
    bytes: int
    """size of what was removed"""
    cache_bytes: int = 0
    """size of the cached results that were removed"""


def collect_garbage(
    store: Store, keep: int, writer: Writer | None = None, cache_bytes: int = DEFAULT_CACHE_BYTES
) -> Garbage:
    """Remove versions, then the encoders and signatures that no remaining version needs, the leftovers of killed
    processes, and the cached results that were used the longest ago, until `cache_bytes` remain.

    The versions that remain are the `keep` with the highest counters, the last one that was refused, the live one, its
    predecessor, and those that somebody is reading. Without a `writer` nothing is removed, only reported.

    Raises IndexNotFoundError or DamagedIndexError if the live version is not intact, since another may be needed then.
    """
    if not store.root.is_dir():
        raise store.no_index()
    needed = _needed_versions(store, keep)
    in_use: list[str] = []
    removed, freed_bytes = _remove_entries(store, leftovers(store), writer)
    for version_id in store.version_ids():
        if version_id in needed:
            continue
        folder = store.versions / version_id
        with exclusive_lease(folder) as is_free:
            if not is_free:
                in_use.append(version_id)
                continue
            freed_bytes += _size(folder)
            removed.append(f"versions/{version_id}")
            if writer:
                writer.remove(folder)
    kept = [version_id for version_id in store.version_ids() if f"versions/{version_id}" not in removed]
    for folder in _unused_encoders(store, kept):
        freed_bytes += _size(folder)
        removed.append(f"encoders/{folder.name}")
        if writer:
            writer.remove(folder)
    signatures, signature_bytes = _remove_entries(store, unneeded_signatures(store.root, kept), writer)
    freed_bytes += signature_bytes
    trimmed_bytes = _trim_cache(store, cache_bytes, dry_run=writer is None)
    return Garbage(removed + signatures, in_use, kept, freed_bytes, trimmed_bytes)


def _remove_entries(store: Store, names: list[str], writer: Writer | None) -> tuple[list[str], int]:
    """The paths relative to the index of what was removed, or would be without a `writer`, and its size in bytes."""
    sizes = {name: _size(store.root / name) for name in names}
    removed = writer.remove_entries(names) if writer else names
    return list(removed), sum(sizes[name] for name in removed)


def _trim_cache(store: Store, maximum_bytes: int, *, dry_run: bool) -> int:
    path = store.root / CACHE_FILE
    # What is no database is left for the next build to replace. SQLite needs to make files in the same folder even to
    # read one.
    if not is_database(path) or not os.access(path.parent, os.W_OK):
        return 0
    with BlobCache(path) as cache:
        return cache.trim(maximum_bytes, dry_run=dry_run)


def _needed_versions(store: Store, keep: int) -> set[str]:
    """Versions that are kept even if nobody is reading them."""
    version_ids = store.version_ids()
    current = store.current_id()
    # A live version with nothing in `versions` is damage: perhaps the disk with the versions is not mounted.
    if not version_ids and current is None:
        return set()
    if current is None:
        raise store.no_index()
    store.open().check()
    predecessor = store.predecessor(current)
    # Of the versions that were refused, only the last one is kept and none counts: builds that are refused every night
    # must not displace the versions to which `rollback` can go.
    summaries = store.summaries()
    refused = [summary.version for summary in summaries if summary.refused]
    accepted = [summary.version for summary in summaries if not summary.refused]
    # A version that cannot be read is kept and does not count, for the same reason.
    readable = [summary.version for summary in summaries if not (summary.refused or summary.problem)]
    newest = accepted[accepted.index(readable[-keep]) :] if len(readable) > keep else accepted
    return {current, *newest, *refused[-1:], *([predecessor] if predecessor else [])}


def _unused_encoders(store: Store, version_ids: list[str]) -> list[Path]:
    if not store.encoders.is_dir():
        return []
    try:
        manifests = [store.open_ignoring_current(version_id).manifest for version_id in version_ids]
    except KnowligoError:
        # A version that cannot be read may need any of the encoders.
        return []
    used = {manifest.encoder.fingerprint for manifest in manifests}
    # Whatever else lies there is not ours to remove.
    encoders = [path for path in store.encoders.iterdir() if _FINGERPRINT.fullmatch(path.name) and is_folder(path)]
    return sorted(path for path in encoders if path.name not in used)


def _size(path: Path) -> int:
    """Bytes of a file, or of all files in a folder; links are not followed. What cannot be read counts as nothing."""
    size, waiting = 0, [path]
    while waiting:
        entry = waiting.pop()
        with contextlib.suppress(OSError):
            status = entry.lstat()
            if stat.S_ISDIR(status.st_mode):
                waiting.extend(entry.iterdir())
            else:
                size += status.st_size
    return size
