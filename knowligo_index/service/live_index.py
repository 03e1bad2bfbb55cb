"""The live version of an index, also after another one has gone live."""

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

_log = logging.getLogger("knowligo_index.service")

# Asked before the service says that it is well.
_FIRST_QUESTION = "¿Qué incluye el plan?"

# A version that could not be opened is tried again at once when CURRENT has another content, else so often: to find out
# again what is wrong with it costs reading all of it.
_RETRY_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Found:
    """What one version answered."""

    version: str
    hits: list[Hit]
    reader: IndexReader
    """holds the version open, so that its hits know what stands beside them"""
    answered: bool | None
    """whether the best hit is evidence enough that the documents answer; None in another mode than hybrid"""


class LiveIndex:
    """A reader that is replaced by another when CURRENT moves. May be used from several threads at once.

    Opening it opens the index and asks it a first question. Raises what `open_index` and a search raise.
    """

    def __init__(self, index: Path, threads: int) -> None:
        self._current = Store(index).current
        self.threads = threads
        self._reader = IndexReader(index, threads=threads)
        self._check(self._reader)
        self.refresh_problem: str | None = None
        """why the version that CURRENT names is not the one that answers"""
        self.search_problem: str | None = None
        """why the last search failed"""
        self.on_move: Callable[[Manifest | None], None] = lambda manifest: None
        """told of every attempt to move: to what, or None where it failed"""
        self._failed_on: bytes | None = None
        self._retry_at = 0.0
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def reader(self) -> IndexReader:
        """Of the version that answers now."""
        return self._reader

    def search(self, question: str, k: int, mode: SearchMode) -> Found:
        """The best `k` passages of one version. Raises SettingError where the question is none, or something else where
        the index fails, which `search_problem` then says."""
        reader = self._reader
        try:
            hits = reader.search(question, k, mode)
        except SettingError:
            raise
        except Exception as error:
            self.search_problem = str(error) or type(error).__name__
            raise
        self.search_problem = None
        return Found(reader.version, hits, reader, reader.is_answered(hits, mode))

    def try_again(self) -> None:
        """Find out whether searches still fail."""
        with contextlib.suppress(Exception):
            self.search(_FIRST_QUESTION, 1, "hybrid")

    def refresh(self) -> bool:
        """Move to the version that CURRENT names; True if it is another one. Where that fails the one before goes on,
        and `refresh_problem` says why."""
        pointer = self._pointer()
        if pointer == self._failed_on and time.monotonic() < self._retry_at:
            return False
        try:
            successor = self._reader.successor()
            if successor is not None:
                self._check(successor)
        except Exception as error:  # noqa: BLE001
            # Whatever it is, the one before goes on, and nobody else would hear of it.
            expected = isinstance(error, KnowligoError | OSError)
            self._failed_on, self._retry_at = pointer, time.monotonic() + _RETRY_SECONDS
            self.refresh_problem = str(error) or type(error).__name__
            _log.error(
                "Version %s goes on answering, since the live one does not open: %s",
                self.version,
                self.refresh_problem,
                exc_info=not expected,
            )
            self.on_move(None)
            return False
        self.refresh_problem, self._retry_at = None, 0.0
        if successor is None:
            return False
        # Before anybody can see it, so that nobody sees the one without the other.
        self.on_move(successor.manifest)
        # The one before is closed, and its lease given back, when the last search on it has ended and dropped it.
        self._reader = successor
        _log.info("Version %s answers now.", self.version)
        return True

    @property
    def version(self) -> str:
        return self._reader.version

    def follow(self, seconds: float) -> None:
        """Refresh every so many seconds, in a thread of its own, until `close`."""
        self._thread = threading.Thread(target=self._follow, args=(seconds,), name="refresh", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop following. The version stays open for the searches that are under way."""
        self._stopping.set()

    def _follow(self, seconds: float) -> None:
        while not self._stopping.wait(seconds):
            self.refresh()

    def _check(self, reader: IndexReader) -> None:
        reader.search(_FIRST_QUESTION, 1)

    def _pointer(self) -> bytes | None:
        try:
            return self._current.read_bytes()
        except OSError:
            return None
