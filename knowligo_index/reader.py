"""Open a published version and search it."""

import contextlib
import threading
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import numpy as np

from knowligo_index.arrays import FloatVector
from knowligo_index.chunk_store import ChunkStore, DocumentSummary, Passage
from knowligo_index.encoding import Encoder
from knowligo_index.errors import SettingError
from knowligo_index.faiss_index import VectorIndex
from knowligo_index.fusion import dense_weight, first_diversified, fuse
from knowligo_index.ledger import decode_ledger
from knowligo_index.lexical_search import LexicalSearch
from knowligo_index.manifest import CHUNKS_FILE, LEDGER_FILE, VECTORS_FILE, Manifest
from knowligo_index.query_encoder import load_query_encoder
from knowligo_index.store import Store
from knowligo_index.store.version import Version
from knowligo_index.types import Hit, LedgerEntry

SearchMode = Literal["hybrid", "dense", "lexical"]

# How many passages each of the two searches hands to the fusion, at the least.
_CANDIDATES = 100


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
        queries = [query.encode("utf-8", "replace").decode() for query in queries]
        if mode == "lexical":
            depth = max(_CANDIDATES, k)
            return [opened.hits(opened.words.search(query, depth)[:k]) for query in queries]
        encoder = self._encoder_for(opened)
        vectors = encoder.encode_queries(queries)
        if mode == "dense":
            scores, rows = opened.vectors.search(vectors, k)
            return [
                opened.hits(list(zip(row.tolist(), score.tolist(), strict=True)))
                for row, score in zip(rows, scores, strict=True)
            ]
        pieces = encoder.count_pieces(queries)
        return [
            opened.hits(opened.hybrid_search(query, vector, dense_weight(query, count), k))
            for query, vector, count in zip(queries, vectors, pieces, strict=True)
        ]

    def refresh(self) -> bool:
        """Move to the live version; True if it is another one. A search that is under way ends on the old one."""
        if self._store.current_id() == self.version:
            return False
        # The old one is closed, and its lease given back, when the last search on it has ended and dropped it.
        self._opened = self._open(None)
        return True

    def close(self) -> None:
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self, version_id: str | None) -> "_OpenVersion":
        with contextlib.ExitStack() as resources:
            opened = _OpenVersion(resources.enter_context(self._store.leased(version_id)))
            resources.callback(opened.chunks.close)
            opened.chunks.check(opened.manifest.chunks)
            opened.close = weakref.finalize(opened, resources.pop_all().close)
            return opened

    def _encoder_for(self, opened: "_OpenVersion") -> Encoder:
        """The encoder of the version, loaded at the first query and kept."""
        with self._encoder_lock:
            fingerprint = opened.manifest.encoder.fingerprint
            if self._encoder is None or self._encoder.description.fingerprint != fingerprint:
                self._encoder = load_query_encoder(self._store, opened.manifest, self._threads)
            return self._encoder


class _OpenVersion:
    """A version whose every file was checked against the manifest before it was parsed."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self.manifest = version.manifest
        self.close: Callable[[], object]
        vectors = version.read_file(VECTORS_FILE)
        version.check_file(LEDGER_FILE)
        chunks = version.check_file(CHUNKS_FILE)
        self.vectors = VectorIndex(
            vectors,
            rows=self.manifest.chunks,
            dimension=self.manifest.encoder.dimension,
            name=str(version.folder / VECTORS_FILE),
        )
        self.chunks = ChunkStore(chunks)
        self.words = LexicalSearch(self.chunks, self.manifest.chunks)

    def hits(self, scored: Sequence[tuple[int, float]]) -> list[Hit]:
        """Hits for (chunk id, score) pairs, best first."""
        passages = self.chunks.passages([chunk_id for chunk_id, _ in scored])
        return [
            _hit(rank, score, passage)
            for rank, ((_, score), passage) in enumerate(zip(scored, passages, strict=True), start=1)
        ]

    def hybrid_search(self, query: str, vector: FloatVector, weight: float, k: int) -> list[tuple[int, float]]:
        """Chunk ids and fused scores, best first; `weight` is the dense score's share."""
        depth = max(_CANDIDATES, k)
        lexical = dict(self.words.search(query, depth))
        _, rows = self.vectors.search(vector[np.newaxis, :], depth)
        candidates = sorted({*rows[0].tolist(), *lexical})
        dense = dict(zip(candidates, self.vectors.scores(vector, candidates).tolist(), strict=True))
        return first_diversified(fuse(dense, lexical, weight), self.chunks.document_of, k)


def check_opens(version: Version) -> None:
    """Open a version that is not published yet as a reader does, and have SQLite check every page.

    Raises DamagedIndexError.
    """
    with contextlib.closing(_OpenVersion(version).chunks) as chunks:
        chunks.check(version.manifest.chunks, deep=True)


def open_index(index: str | Path = "indexes", version: str | None = None) -> IndexReader:
    """Open the live version of the index, or the one named, every file checked against its manifest.

    Raises IndexNotFoundError, DamagedIndexError or NewerSchemaError.
    """
    return IndexReader(Path(index), version)


def _hit(rank: int, score: float, passage: Passage) -> Hit:
    return Hit(
        rank=rank,
        score=score,
        source=passage.source,
        title=passage.title,
        headings=passage.headings,
        page_start=passage.page_start,
        page_end=passage.page_end,
        line_start=passage.line_start,
        line_end=passage.line_end,
        char_start=passage.char_start,
        char_end=passage.char_end,
        text=passage.text,
    )
