"""A version that is open for searching."""

import contextlib
import weakref
from collections.abc import Sequence
from functools import cached_property, partial
from types import TracebackType
from typing import Literal, Self

from knowligo_index.search.cosine_baseline import CosineBaseline
from knowligo_index.search.hit import Hit
from knowligo_index.search.hybrid import MINIMUM_CANDIDATES, HybridSearch
from knowligo_index.search.lexical import LexicalSearch
from knowligo_index.store import Store
from knowligo_index.store.chunks import ChunkStore
from knowligo_index.store.manifest import CHUNKS_FILE, LEDGER_FILE, VECTORS_FILE
from knowligo_index.store.vectors import VectorIndex
from knowligo_index.store.version import Version, VersionFiles
from knowligo_index.system.arrays import FloatMatrix

SearchMode = Literal["hybrid", "dense", "lexical"]


class OpenVersion:
    """A version, opened after every file was compared with the manifest. A context manager, which closes it.

    It is also closed when the last reference to it is gone: a search that is under way keeps its version open.
    """

    def __init__(self, version: VersionFiles, resources: contextlib.ExitStack | None = None) -> None:
        """`resources` are released when this is closed, or if it cannot be opened. Raises DamagedIndexError."""
        with resources or contextlib.ExitStack() as to_close:
            self.version = version
            self.manifest = version.manifest
            vectors = version.read_file(VECTORS_FILE)
            version.check_file(LEDGER_FILE)
            chunks = version.read_file(CHUNKS_FILE)
            self.vectors = VectorIndex.read(
                vectors,
                rows=self.manifest.chunks,
                dimension=self.manifest.encoder.dimension,
                name=str(version.folder / VECTORS_FILE),
            )
            self.chunks = ChunkStore(version.folder / CHUNKS_FILE, chunks)
            to_close.callback(self.chunks.close)
            self.chunks.check(self.manifest.chunks)
            self.lexical_search = LexicalSearch(self.chunks, self.manifest.chunks)
            self.fusion = self.manifest.fusion
            self._close = weakref.finalize(self, to_close.pop_all().close)

    @classmethod
    def leased(cls, store: Store, version_id: str | None = None) -> Self:
        """Open the version with this id, or the live one, and keep `gc` from removing it until it is closed.

        Raises IndexNotFoundError, DamagedIndexError, OlderSchemaError or NewerSchemaError.
        """
        lease = contextlib.ExitStack()
        return cls(lease.enter_context(store.leased(version_id)), lease)

    def close(self) -> None:
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @cached_property
    def hybrid_search(self) -> HybridSearch:
        return HybridSearch(
            self.vectors, self.lexical_search, CosineBaseline(self.vectors.rows, self.chunks.languages())
        )

    def lexical(self, question: str, k: int) -> list[Hit]:
        """The best `k` passages of a lexical search."""
        return self.hits(self.lexical_search.search(question, max(MINIMUM_CANDIDATES, k))[:k])

    def dense(self, vectors: FloatMatrix, k: int) -> list[list[Hit]]:
        """The best `k` passages of a dense search, for each question's vector. `vectors`: float32 (n, dim), unit
        vectors; a vector of zeros, of a question whose script the encoder does not read, finds nothing."""
        scores, rows = self.vectors.search(vectors, k)
        return [
            self.hits(list(zip(row.tolist(), score.tolist(), strict=True)) if vector.any() else [])
            for vector, row, score in zip(vectors, rows, scores, strict=True)
        ]

    def hybrid(self, questions: Sequence[str], vectors: FloatMatrix, k: int) -> list[list[Hit]]:
        """The best `k` passages of a hybrid search, for each question. `vectors`: of the questions, float32 (n, dim),
        unit vectors; one of zeros, of a question whose script the encoder does not read, leaves the lexical search."""
        return [
            self.hits(self.hybrid_search.candidates(question, vector, k).fused(self.fusion)[:k])
            for question, vector in zip(questions, vectors, strict=True)
        ]

    def hits(self, scored: Sequence[tuple[int, float]]) -> list[Hit]:
        """Hits for pairs of a chunk id and a score, best first."""
        passages = self.chunks.passages([chunk_id for chunk_id, _ in scored])
        return [
            Hit.of(rank, score, passage, partial(self.chunks.neighbour, passage.id))
            for rank, ((_, score), passage) in enumerate(zip(scored, passages, strict=True), start=1)
        ]


def check_opens(version: Version) -> None:
    """Open a sealed version as a reader does, and let SQLite check every page of the chunk store.

    Raises DamagedIndexError.
    """
    with OpenVersion(version) as opened:
        opened.chunks.check(version.manifest.chunks, deep=True)
