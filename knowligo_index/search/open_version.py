"""A version that is open for searching."""

import contextlib
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Literal

from knowligo_index.search.baseline import Baseline
from knowligo_index.search.hit import Hit
from knowligo_index.search.hybrid import LEAST_CANDIDATES, HybridSearch
from knowligo_index.search.lexical import LexicalSearch
from knowligo_index.store.chunks import ChunkStore
from knowligo_index.store.manifest import CHUNKS_FILE, LEDGER_FILE, VECTORS_FILE
from knowligo_index.store.vectors import VectorIndex
from knowligo_index.store.version import Version, VersionFiles
from knowligo_index.system.arrays import FloatMatrix

SearchMode = Literal["hybrid", "dense", "lexical"]


class OpenVersion:
    """A version whose every file was checked against the manifest before it was parsed."""

    def __init__(self, version: VersionFiles) -> None:
        self.version = version
        self.manifest = version.manifest
        self.close: Callable[[], object]
        vectors = version.read_file(VECTORS_FILE)
        version.check_file(LEDGER_FILE)
        chunks = version.check_file(CHUNKS_FILE)
        self.vectors = VectorIndex.read(
            vectors,
            rows=self.manifest.chunks,
            dimension=self.manifest.encoder.dimension,
            name=str(version.folder / VECTORS_FILE),
        )
        self.chunks = ChunkStore(chunks)
        self.words = LexicalSearch(self.chunks, self.manifest.chunks)
        self.fusion = self.manifest.fusion

    @cached_property
    def both(self) -> HybridSearch:
        return HybridSearch(self.vectors, self.words, Baseline(self.vectors.rows, self.chunks.languages()))

    def lexical(self, question: str, k: int) -> list[Hit]:
        """The best `k` by words alone."""
        return self.hits(self.words.search(question, max(LEAST_CANDIDATES, k))[:k])

    def dense(self, vectors: FloatMatrix, k: int) -> list[list[Hit]]:
        """The best `k` for each question's vector, float32 (n, dim), unit rows; none for one of zeros, of a question
        that the encoder does not read."""
        scores, rows = self.vectors.search(vectors, k)
        return [
            self.hits(list(zip(row.tolist(), score.tolist(), strict=True)) if vector.any() else [])
            for vector, row, score in zip(vectors, rows, scores, strict=True)
        ]

    def hybrid(self, questions: Sequence[str], vectors: FloatMatrix, k: int) -> list[list[Hit]]:
        """The best `k` for each question by both, and its vector, float32 (n, dim), unit rows."""
        return [
            self.hits(self.both.candidates(question, vector, k).fused(self.fusion)[:k])
            for question, vector in zip(questions, vectors, strict=True)
        ]

    def hits(self, scored: Sequence[tuple[int, float]]) -> list[Hit]:
        """Hits for (chunk id, score) pairs, best first."""
        passages = self.chunks.passages([chunk_id for chunk_id, _ in scored])
        return [
            Hit.of(rank, score, passage, partial(self.chunks.beside, passage.id))
            for rank, ((_, score), passage) in enumerate(zip(scored, passages, strict=True), start=1)
        ]


def check_opens(version: Version) -> None:
    """Open a version that is not published yet as a reader does, and have SQLite check every page.

    Raises DamagedIndexError.
    """
    with contextlib.closing(OpenVersion(version).chunks) as chunks:
        chunks.check(version.manifest.chunks, deep=True)
