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
from knowligo_index.store.current import MAX_CURRENT_BYTES
from knowligo_index.store.manifest import Manifest
from knowligo_index.system.hashing import read_regular

_log = logging.getLogger("knowligo_index.service")

# A version is in use only if it has answered this question.
_TEST_QUESTION = "¿Qué incluye el plan?"

# A version that could not be opened is tried again when CURRENT changes, or after this time: not more often, because
# each attempt may read all its files.
_RETRY_SECONDS = 30.0


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

    The constructor opens the index and makes a first search. Raises what `open_index` and a search raise.
    """

    def __init__(self, index: Path, threads: int) -> None:
        self._current = Store(index).current
        self.threads = threads
        self._reader = IndexReader(index, threads=threads)
        self._check(self._reader)
        self.refresh_problem: str | None = None
        """why the version that CURRENT names is not in use; None if it is"""
        self.search_problem: str | None = None
        """why the last search failed; None if it did not"""
        self.on_refresh: Callable[[Manifest | None], None] = lambda manifest: None
        """called with the manifest of each version that comes into use, or with None if it could not be opened"""
        self._failed_pointer: bytes | None = None
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

    def refresh(self) -> bool:
        """Switch to the version that CURRENT names; True if it is another one. If that fails, the version in use stays,
        and `refresh_problem` says why."""
        pointer = self._pointer()
        if pointer == self._failed_pointer and time.monotonic() < self._retry_at:
            return False
        try:
            successor = self._reader.successor()
            if successor is not None:
                self._check(successor)
        except Exception as error:  # noqa: BLE001
            # Of any kind: the version in use stays, and nothing else would report the error.
            expected = isinstance(error, KnowligoError | OSError)
            self._failed_pointer, self._retry_at = pointer, time.monotonic() + _RETRY_SECONDS
            self.refresh_problem = str(error) or type(error).__name__
            _log.error(
                "The live version cannot be opened, and version %s stays in use: %s",
                self.version,
                self.refresh_problem,
                exc_info=not expected,
            )
            self.on_refresh(None)
            return False
        self.refresh_problem, self._retry_at = None, 0.0
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

    def _pointer(self) -> bytes | None:
        try:
            return read_regular(self._current, MAX_CURRENT_BYTES)
        except OSError:
            return None
