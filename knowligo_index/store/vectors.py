"""The vectors of a version, as an exact inner-product FAISS index. Row i is the vector of chunk i."""

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

# Bytes of vectors that are read from the temporary file at a time.
_BLOCK_BYTES = 2**22


class VectorIndexBuilder:
    """Collects the vectors of an IndexFlatIP. Until `write` they are in a temporary file without a name, and not in
    memory, where the encoder is. It must be closed."""

    def __init__(self, dimension: int, folder: Path) -> None:
        """The temporary file is on the disk of `folder`."""
        self._dimension = dimension
        self._folder = folder
        self._rows = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  `close` closes it

    def close(self) -> None:
        self._rows.close()

    def add(self, vectors: FloatMatrix) -> None:
        """Append unit vectors, float32 (n, dim). Raises StorageError."""
        try:
            self._rows.write(np.ascontiguousarray(vectors, dtype="<f4").data)
        except OSError as error:
            reason = reason_of(error)
            raise StorageError(
                f"cannot write vectors into {self._folder} ({reason}): check the disk and try again."
            ) from error

    def write(self, write: Callable[[bytes], object]) -> None:
        """Serialise the index and pass it to `write`, piece by piece. Raises what `write` raises."""
        index = faiss.IndexFlatIP(self._dimension)
        self._rows.seek(0)
        row_bytes = 4 * self._dimension
        while block := self._rows.read(_BLOCK_BYTES // row_bytes * row_bytes):
            index.add(np.frombuffer(block, "<f4").reshape(-1, self._dimension))
        faiss.write_index(index, faiss.PyCallbackIOWriter(write))  # type: ignore[attr-defined]


def to_bytes(vectors: FloatMatrix) -> bytes:
    """A serialised IndexFlatIP of unit vectors, float32 (n, dim)."""
    pieces: list[bytes] = []
    with contextlib.closing(VectorIndexBuilder(vectors.shape[1], Path(tempfile.gettempdir()))) as builder:
        builder.add(vectors)
        builder.write(pieces.append)
    return b"".join(pieces)


class VectorIndex:
    """A FAISS index that can be searched. `memory` is the buffer from which FAISS reads the vectors, unless it has a
    copy of its own."""

    def __init__(self, index: faiss.Index, memory: NDArray[np.uint8] | None = None) -> None:
        self._index = index
        self._memory = memory

    @classmethod
    def of(cls, vectors: FloatMatrix) -> Self:
        """An index of unit vectors, float32 (n, dim)."""
        index = faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        return cls(index)

    @classmethod
    def read(cls, data: bytes, *, rows: int, dimension: int, name: str) -> Self:
        """An index from its serialised bytes. Their hash must have been checked, since FAISS trusts its input.

        Raises DamagedIndexError if it is not an IndexFlatIP of this shape; `name` is the name of the file, for the
        error.
        """
        memory = np.frombuffer(data, dtype=np.uint8)
        reader = faiss.ZeroCopyIOReader(faiss.swig_ptr(memory), memory.size)  # type: ignore[attr-defined]
        try:
            index = faiss.read_index(reader, faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise DamagedIndexError(f"{name} is not a FAISS index: build the index again.") from error
        actual = (type(index).__name__, index.metric_type, index.d, index.ntotal)
        if actual != ("IndexFlatIP", faiss.METRIC_INNER_PRODUCT, dimension, rows):
            raise DamagedIndexError(
                f"{name} is {actual[0]} of {actual[3]} x {actual[2]} and the manifest says IndexFlatIP of {rows} x "
                f"{dimension}: build the index again, or copy it again from where it came from "
                "(under another name, then rename it)."
            )
        # FAISS reads the vectors from `memory` instead of copying them, so it must live as long as the index.
        return cls(index, memory)

    @property
    def rows(self) -> FloatMatrix:
        """All vectors, float32 (n, dim): a view of the memory of FAISS."""
        count, dimension = self._index.ntotal, self._index.d
        rows: FloatMatrix = faiss.rev_swig_ptr(self._index.get_xb(), count * dimension)  # type: ignore[attr-defined]
        return rows.reshape(count, dimension)

    def search(self, queries: FloatMatrix, k: int) -> tuple[FloatMatrix, IntMatrix]:
        """The `k` nearest vectors of each query, unit vectors float32 (n, dim): their cosines, float32 (n, k), in
        descending order, and their rows, int64 (n, k); rows with equal cosines are in ascending order. If there are
        fewer than `k` vectors, all of them."""
        k = min(k, self._index.ntotal)
        # Of rows with equal scores FAISS returns arbitrary ones. To have all of them, search until the last score is
        # below the k-th.
        depth = min(k + 1, self._index.ntotal)
        scores, rows = self._index.search(queries, depth)
        while depth < self._index.ntotal and (scores[:, -1] == scores[:, k - 1]).any():
            depth = min(2 * depth, self._index.ntotal)
            scores, rows = self._index.search(queries, depth)
        order = np.lexsort((rows, -scores), axis=1)[:, :k]
        return np.take_along_axis(scores, order, 1), np.take_along_axis(rows, order, 1)

    def scores(self, query: FloatVector, rows: list[int]) -> FloatVector:
        """The cosines of one query, a unit vector float32 (dim,), with these rows: float32 (len(rows),)."""
        vectors: FloatMatrix = self._index.reconstruct_batch(np.array(rows, dtype=np.int64))
        # Not by BLAS: there the last bits of a row's product depend on how many rows there are.
        cosines: FloatVector = (vectors * query).sum(axis=1)
        return cosines
