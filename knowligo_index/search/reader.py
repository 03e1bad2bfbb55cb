"""Open a published version and search it."""

import threading
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
from knowligo_index.store.signatures import PublicKeys
from knowligo_index.system.hashing import FileEntry
from knowligo_index.system.utf8 import utf8_text
from knowligo_index.system.visible_text import is_blank


class IndexReader:
    """Reads and searches one version of an index. A context manager, which closes it. Several threads may search at
    once."""

    def __init__(
        self, index: Path, version: str | None = None, threads: int = 1, public_keys: PublicKeys | None = None
    ) -> None:
        """With `public_keys`, only versions that one of these keys has signed are opened."""
        self._store = Store(index, public_keys)
        self._threads = threads
        self._encoder: Encoder | None = None
        self._encoder_identity: tuple[str, FileEntry | None] | None = None
        self._encoder_lock = threading.Lock()
        self._opened = OpenVersion.leased(self._store, version)

    @property
    def version(self) -> str:
        return self._opened.manifest.version

    @property
    def manifest(self) -> Manifest:
        return self._opened.manifest

    def documents(self) -> list[DocumentSummary]:
        """Every document of the version, in the order of the index."""
        return self._opened.chunks.documents()

    def ledger(self) -> list[LedgerEntry]:
        """The ledger of the version: an entry for every source, sorted by name. Raises DamagedIndexError."""
        return decode_ledger(self._opened.version.read_file(LEDGER_FILE))

    def search(self, query: str, k: int = 5, mode: SearchMode = "hybrid") -> list[Hit]:
        """The `k` passages that match the query best, best first.

        Raises SettingError if `k` is below 1 or the query is blank; DamagedIndexError, EncoderMismatchError or
        ClosedIndexError.
        """
        return self.search_batch([query], k, mode)[0]

    def search_batch(self, queries: Sequence[str], k: int = 5, mode: SearchMode = "hybrid") -> list[list[Hit]]:
        """`search` for each query; all of them are encoded in one call. Raises the same errors as `search`."""
        if k < 1:
            raise SettingError(f"-k is {k}: ask for 1 passage or more.")
        if any(map(is_blank, queries)):
            raise SettingError("the query is empty: ask a question or name some words.")
        if not queries:
            return []
        opened = self._opened
        k = min(k, opened.manifest.chunks)
        # From a terminal that is not UTF-8 come lone surrogates, which neither SQLite nor a tokenizer accepts.
        queries = [utf8_text(query) for query in queries]
        if mode == "lexical":
            return [opened.lexical(query, k) for query in queries]
        vectors = self._encoder_for(opened).encode_queries(queries)
        if mode == "dense":
            return opened.dense(vectors, k)
        return opened.hybrid(queries, vectors, k)

    def is_answered(self, hits: Sequence[Hit], mode: SearchMode) -> bool | None:
        """Whether the documents answer the query, by the score of the first of its hits. None unless they are hits of a
        hybrid search: other scores do not tell."""
        return self.manifest.fusion.is_answered(hits) if mode == "hybrid" else None

    def refresh(self) -> bool:
        """Move to the live version; returns True if it is another one. Searches that are under way end on the old one.

        Raises IndexNotFoundError, DamagedIndexError, OlderSchemaError or NewerSchemaError.
        """
        if self._store.current_id() == self.version:
            return False
        # The old version closes itself when the last search on it has ended.
        self._opened = OpenVersion.leased(self._store)
        return True

    def successor(self) -> "IndexReader | None":
        """A reader of the live version, with its encoder loaded; None if this reader's version is the live one.

        This reader does not change: its callers keep their version, also if the new one cannot be opened or its encoder
        cannot be loaded. Raises the errors of `refresh` and `load_encoder`.
        """
        if self._store.current_id() == self.version:
            return None
        successor = IndexReader(self._store.root, threads=self._threads, public_keys=self._store.public_keys)
        # Most versions have the same encoder, and loading it takes most of the time.
        successor._encoder, successor._encoder_identity = self._encoder, self._encoder_identity
        successor.load_encoder()
        return successor

    def load_encoder(self) -> None:
        """Load the encoder now instead of at the first search that needs it. Raises DamagedIndexError or
        EncoderMismatchError."""
        self._encoder_for(self._opened)

    def close(self) -> None:
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _encoder_for(self, opened: OpenVersion) -> Encoder:
        """The encoder of the version, which is loaded the first time."""
        with self._encoder_lock:
            identity = (opened.manifest.encoder.fingerprint, opened.manifest.encoder_record)
            if self._encoder is None or self._encoder_identity != identity:
                self._encoder = load_query_encoder(self._store, opened.manifest, self._threads)
                self._encoder_identity = identity
            return self._encoder


def open_index(
    index: str | Path = "indexes", version: str | None = None, public_keys: str | Path | None = None
) -> IndexReader:
    """Open the live version of the index, or the one with the id `version`. Every file is compared with its manifest.
    With `public_keys`, a file with public keys, only a version that one of these keys has signed is opened.

    Raises IndexNotFoundError, DamagedIndexError, OlderSchemaError or NewerSchemaError; with `public_keys` also
    SignatureError, SettingError if the file holds no keys, and MissingExtraError without the extra `sign`.
    """
    keys = None if public_keys is None else PublicKeys.read(Path(public_keys), Path(index))
    return IndexReader(Path(index), version, public_keys=keys)
