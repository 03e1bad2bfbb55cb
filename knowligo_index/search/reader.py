"""Open a published version and search it."""

import contextlib
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from knowligo_index.encoders.protocol import Encoder
from knowligo_index.errors import SettingError
from knowligo_index.search.hit import Hit
from knowligo_index.search.open_version import OpenVersion, SearchMode
from knowligo_index.search.query_encoder import load_query_encoder
from knowligo_index.sources.ledger import LedgerEntry, decode_ledger
from knowligo_index.store import Store
from knowligo_index.store.chunks import DocumentSummary
from knowligo_index.store.manifest import LEDGER_FILE, Manifest
from knowligo_index.system.utf8 import utf8_text


class IndexReader:
    """One version of an index, open for searching. Searches may run in several threads at once."""

    def __init__(self, index: Path, version: str | None = None, threads: int = 1) -> None:
        self._store = Store(index)
        self._threads = threads
        self._encoder: Encoder | None = None
        self._encoder_lock = threading.Lock()
        self._opened = self._open(version)

    @property
    def version(self) -> str:
        return self._opened.manifest.version

    @property
    def manifest(self) -> Manifest:
        return self._opened.manifest

    def documents(self) -> list[DocumentSummary]:
        """Every document of the version, in its order."""
        return self._opened.chunks.documents()

    def ledger(self) -> list[LedgerEntry]:
        """What became of every source of the version, sorted by name."""
        return decode_ledger(self._opened.version.read_file(LEDGER_FILE))

    def search(self, query: str, k: int = 5, mode: SearchMode = "hybrid") -> list[Hit]:
        """The `k` passages that fit the query best, best first. Raises SettingError where `k` is below 1."""
        return self.search_batch([query], k, mode)[0]

    def search_batch(self, queries: Sequence[str], k: int = 5, mode: SearchMode = "hybrid") -> list[list[Hit]]:
        """`search` for each query; all of them are encoded in one call. Raises SettingError for an empty one, too."""
        if k < 1:
            raise SettingError(f"-k is {k}: ask for 1 passage or more.")
        if not all(query.strip() for query in queries):
            raise SettingError("the query is empty: ask a question or name some words.")
        if not queries:
            return []
        opened = self._opened
        k = min(k, opened.manifest.chunks)
        # A terminal that isn't UTF-8 hands over lone surrogates, which neither SQLite nor a tokenizer takes.
        queries = [utf8_text(query) for query in queries]
        if mode == "lexical":
            return [opened.lexical(query, k) for query in queries]
        vectors = self._encoder_for(opened).encode_queries(queries)
        if mode == "dense":
            return opened.dense(vectors, k)
        return opened.hybrid(queries, vectors, k)

    def refresh(self) -> bool:
        """Move to the live version; True if it is another one. A search that is under way ends on the old one."""
        if self._store.current_id() == self.version:
            return False
        # The old one is closed, and its lease given back, when the last search on it has ended and dropped it.
        self._opened = self._open(None)
        return True

    def successor(self) -> "IndexReader | None":
        """A reader of the live version, ready to answer; None where this one's is live. This one stays as it is, so
        that whoever holds it goes on with one version, and keeps it where the new one cannot be opened or asked."""
        if self._store.current_id() == self.version:
            return None
        successor = IndexReader(self._store.root, threads=self._threads)
        # Versions have mostly one encoder, and loading it takes most of the time.
        successor._encoder = self._encoder
        successor.load_encoder()
        return successor

    def load_encoder(self) -> None:
        """Make the first question take no longer than the others. Raises DamagedIndexError or EncoderMismatchError."""
        self._encoder_for(self._opened)

    def close(self) -> None:
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self, version_id: str | None) -> OpenVersion:
        with contextlib.ExitStack() as resources:
            opened = OpenVersion(resources.enter_context(self._store.leased(version_id)))
            resources.callback(opened.chunks.close)
            opened.chunks.check(opened.manifest.chunks)
            opened.close = weakref.finalize(opened, resources.pop_all().close)
            return opened

    def _encoder_for(self, opened: OpenVersion) -> Encoder:
        """The encoder of the version, loaded at the first query and kept."""
        with self._encoder_lock:
            fingerprint = opened.manifest.encoder.fingerprint
            if self._encoder is None or self._encoder.description.fingerprint != fingerprint:
                self._encoder = load_query_encoder(self._store, opened.manifest, self._threads)
            return self._encoder


def open_index(index: str | Path = "indexes", version: str | None = None) -> IndexReader:
    """Open the live version of the index, or the one named, every file checked against its manifest.

    Raises IndexNotFoundError, DamagedIndexError, OlderSchemaError or NewerSchemaError.
    """
    return IndexReader(Path(index), version)
