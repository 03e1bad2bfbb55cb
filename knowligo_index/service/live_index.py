"""The live version of an index, opened, and replaced when another version goes live."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from knowligo_index.errors import KnowligoError, SettingError
from knowligo_index.search.hit import Hit
from knowligo_index.search.open_version import SearchMode
from knowligo_index.search.reader import IndexReader
from knowligo_index.store import Store
from knowligo_index.store.manifest import Manifest
from knowligo_index.store.signatures import PublicKeys, signature_path
from knowligo_index.system.hashing import content_or_none

_log = logging.getLogger("knowligo_index.service")

# A version is in use only if it has answered this question.
_TEST_QUESTION = "¿Qué incluye el plan?"

# A version that could not be opened is tried again when CURRENT or its signature changes, or after this time: not more
# often, because each attempt may read all its files.
_RETRY_SECONDS = 30.0

# A move to another version that takes longer than this is a problem, which is reported. A large index on a slow disk
# takes some seconds.
_REFRESH_SECONDS = 60.0

# Of CURRENT and of a signature; both are much smaller.
_MAX_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The hits of a search in one version."""

    version: str
    hits: list[Hit]
    reader: IndexReader
    """keeps the version open, so that the neighbours of its hits can be read"""
    answered: bool | None
    """whether the best score is high enough for an answer; None in other modes than hybrid"""


class LiveIndex:
    """A reader of the live version, replaced when CURRENT changes. May be used from several threads at once.

    The constructor opens the index and makes a first search. With `public_keys`, a file with public keys, only versions
    that one of these keys has signed come into use. Raises what `open_index` and a search raise.
    """

    def __init__(self, index: Path, threads: int, public_keys: Path | None = None) -> None:
        self._store = Store(index, PublicKeys.read(public_keys, index) if public_keys else None)
        self.threads = threads
        self._reader = IndexReader(index, threads=threads, public_keys=self._store.public_keys)
        self._check(self._reader)
        self._problem: str | None = None
        self._refresh_start: float | None = None
        """time of the monotonic clock at which the refresh in progress began"""
        self.search_problem: str | None = None
        """why the last search failed; None if it did not"""
        self.on_refresh: Callable[[Manifest | None], None] = lambda manifest: None
        """called with the manifest of each version that comes into use, or with None if it could not be opened"""
        self._failed_state: tuple[bytes | None, bytes | None] | None = None
        self._retry_at = 0.0
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def reader(self) -> IndexReader:
        """The reader of the version in use."""
        return self._reader

    def search(self, question: str, k: int, mode: SearchMode) -> SearchResult:
        """The best `k` passages of the version in use. Raises SettingError if an argument is not valid; any other error
        is a failure of the index, and also kept in `search_problem`."""
        reader = self._reader
        try:
            hits = reader.search(question, k, mode)
        except SettingError:
            raise
        except Exception as error:
            self.search_problem = str(error) or type(error).__name__
            raise
        self.search_problem = None
        return SearchResult(reader.version, hits, reader, reader.is_answered(hits, mode))

    def try_search(self) -> None:
        """Search for the test question, which sets or clears `search_problem`."""
        with contextlib.suppress(Exception):
            self.search(_TEST_QUESTION, 1, "hybrid")

    @property
    def refresh_seconds(self) -> float:
        """How long the refresh in progress has taken; 0 if there is none."""
        # Read once: the other thread may end the refresh at any time.
        start = self._refresh_start
        return 0.0 if start is None else time.monotonic() - start

    @property
    def refresh_problem(self) -> str | None:
        """Why the version that CURRENT names is not in use; None if it is."""
        if self.refresh_seconds > _REFRESH_SECONDS:
            return (
                f"opening the live version has taken more than {_REFRESH_SECONDS:g} seconds, and version "
                f"{self.version} stays in use: check the disk that holds {self._store.root}, and restart the service "
                "if this does not end."
            )
        return self._problem

    def refresh(self) -> bool:
        """Switch to the version that CURRENT names; True if it is another one. If that fails, the version in use stays,
        and `refresh_problem` says why."""
        self._refresh_start = time.monotonic()
        try:
            return self._refresh()
        finally:
            seconds, self._refresh_start = self.refresh_seconds, None
            if seconds > _REFRESH_SECONDS:
                _log.warning("A check for a new live version took %.0f seconds.", seconds)

    def _refresh(self) -> bool:
        state = self._state()
        if state == self._failed_state and time.monotonic() < self._retry_at:
            return False
        try:
            successor = self._reader.successor()
            if successor is not None:
                self._check(successor)
        except Exception as error:  # noqa: BLE001
            # Of any kind: the version in use stays, and nothing else would report the error.
            expected = isinstance(error, KnowligoError | OSError)
            self._failed_state, self._retry_at = state, time.monotonic() + _RETRY_SECONDS
            self._problem = str(error) or type(error).__name__
            _log.error(
                "The live version cannot be opened, and version %s stays in use: %s",
                self.version,
                self._problem,
                exc_info=not expected,
            )
            self.on_refresh(None)
            return False
        self._problem, self._retry_at = None, 0.0
        if successor is None:
            return False
        # Before the version is in use: after an answer of the new version, the metrics must not name the old one.
        self.on_refresh(successor.manifest)
        # The old reader is closed, and its lease released, when the last search that uses it has ended.
        self._reader = successor
        _log.info("Version %s is in use now.", self.version)
        return True

    @property
    def version(self) -> str:
        return self._reader.version

    def follow(self, seconds: float) -> None:
        """Call `refresh` at this interval, in a thread of its own, until `close`."""
        self._thread = threading.Thread(target=self._follow, args=(seconds,), name="refresh", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop refreshing. The version stays open for the searches in progress."""
        self._stopping.set()

    def _follow(self, seconds: float) -> None:
        while not self._stopping.wait(seconds):
            self.refresh()

    def _check(self, reader: IndexReader) -> None:
        reader.search(_TEST_QUESTION, 1)

    def _state(self) -> tuple[bytes | None, bytes | None]:
        """What decides whether the live version can come into use: the content of CURRENT and, if signatures are
        required, that of its signature."""
        signed = self._store.readable_pointer() if self._store.public_keys else None
        signature = content_or_none(signature_path(self._store.root, signed.version), _MAX_BYTES) if signed else None
        return content_or_none(self._store.current, _MAX_BYTES), signature
