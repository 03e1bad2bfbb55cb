"""The vectors as an exact inner-product FAISS index. Row i is chunk i."""

import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Self

import faiss
import numpy as np
from numpy.typing import NDArray

from knowligo_index.errors import DamagedIndexError, StorageError
from knowligo_index.system.arrays import FloatMatrix, FloatVector, IntMatrix
from knowligo_index.system.os_errors import reason_of

# Bytes of vectors that are read back together.
_BLOCK_BYTES = 2**22


class VectorIndexBuilder:
    """An IndexFlatIP in the making. Until it is written its vectors are in a file without a name, so that they are not
    in memory beside the encoder. Close it."""

    def __init__(self, dimension: int, folder: Path) -> None:
        """`folder` is on the disk that has room for them."""
        self._dimension = dimension
        self._folder = folder
        self._rows = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  `close` closes it

    def close(self) -> None:
        self._rows.close()

    def add(self, vectors: FloatMatrix) -> None:
        """Append unit rows, float32 (n, dim). Raises StorageError."""
        try:
            self._rows.write(np.ascontiguousarray(vectors, dtype="<f4").data)
        except OSError as error:
            reason = reason_of(error)
            raise StorageError(
                f"the system would not write vectors into {self._folder} ({reason}): see to the disk and try again."
            ) from error

    def write(self, write: Callable[[bytes], object]) -> None:
        """Serialise it, a piece at a time. Raises what `write` raises."""
        index = faiss.IndexFlatIP(self._dimension)
        self._rows.seek(0)
        row_bytes = 4 * self._dimension
        while block := self._rows.read(_BLOCK_BYTES // row_bytes * row_bytes):
            index.add(np.frombuffer(block, "<f4").reshape(-1, self._dimension))
        faiss.write_index(index, faiss.PyCallbackIOWriter(write))  # type: ignore[attr-defined]


def to_bytes(vectors: FloatMatrix) -> bytes:
    """A serialised IndexFlatIP over float32 (n, dim) unit rows."""
    pieces: list[bytes] = []
    with contextlib.closing(VectorIndexBuilder(vectors.shape[1], Path(tempfile.gettempdir()))) as builder:
        builder.add(vectors)
        builder.write(pieces.append)
    return b"".join(pieces)


class VectorIndex:
    """An index to search. `memory` is where FAISS reads the vectors from, if they are not its own."""

    def __init__(self, index: faiss.Index, memory: NDArray[np.uint8] | None = None) -> None:
        self._index = index
        self._memory = memory

    @classmethod
    def of(cls, vectors: FloatMatrix) -> Self:
        """An index of these unit rows, float32 (n, dim)."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        return cls(index)

    @classmethod
    def read(cls, data: bytes, *, rows: int, dimension: int, name: str) -> Self:
        """One read back from bytes whose hash was checked: FAISS's parser trusts what it is given.

        Raises DamagedIndexError where the index isn't flat, inner product, and of this shape; `name` is the file's, for
        the error."""
        memory = np.frombuffer(data, dtype=np.uint8)
        reader = faiss.ZeroCopyIOReader(faiss.swig_ptr(memory), memory.size)  # type: ignore[attr-defined]
        try:
            index = faiss.read_index(reader, faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise DamagedIndexError(f"{name} is not a FAISS index: build the index again.") from error
        found = (type(index).__name__, index.metric_type, index.d, index.ntotal)
        if found != ("IndexFlatIP", faiss.METRIC_INNER_PRODUCT, dimension, rows):
            raise DamagedIndexError(
                f"{name} is {found[0]} of {found[3]} x {found[2]} and the manifest says IndexFlatIP of {rows} x "
                f"{dimension}: build the index again, or copy it again from where it came from."
            )
        # FAISS reads the vectors where they are instead of copying them, so they must stay there.
        return cls(index, memory)

    @property
    def rows(self) -> FloatMatrix:
        """All vectors, float32 (n, dim), where FAISS has them."""
        count, dimension = self._index.ntotal, self._index.d
        rows: FloatMatrix = faiss.rev_swig_ptr(self._index.get_xb(), count * dimension)  # type: ignore[attr-defined]
        return rows.reshape(count, dimension)

    def search(self, queries: FloatMatrix, k: int) -> tuple[FloatMatrix, IntMatrix]:
        """Cosines float32 (n, k), descending, and their rows int64 (n, k), equal cosines in ascending order of rows,
        for unit queries float32 (n, dim). k is capped at the number of rows."""
        k = min(k, self._index.ntotal)
        # Of equal scores FAISS gives any: search until the last score is below the k-th, so that all of them are in.
        depth = min(k + 1, self._index.ntotal)
        scores, rows = self._index.search(queries, depth)
        while depth < self._index.ntotal and (scores[:, -1] == scores[:, k - 1]).any():
            depth = min(2 * depth, self._index.ntotal)
            scores, rows = self._index.search(queries, depth)
        order = np.lexsort((rows, -scores), axis=1)[:, :k]
        return np.take_along_axis(scores, order, 1), np.take_along_axis(rows, order, 1)

    def scores(self, query: FloatVector, rows: list[int]) -> FloatVector:
        """Cosines float32 (len(rows),) of one unit query float32 (dim,) with these rows."""
        vectors: FloatMatrix = self._index.reconstruct_batch(np.array(rows, dtype=np.int64))
        # Not by BLAS, in which a row's last bits depend on how many rows there are.
        cosines: FloatVector = (vectors * query).sum(axis=1)
        return cosines
