"""The table of token embeddings in a file of its own, not in the model. Only the rows of the tokens of a text are read
and kept. Inside the model, every start would unpack the whole table, which in a multilingual model is larger
than everything else."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowligo_index.encoders.e5_file import BLOCK_BYTES, BLOCK_WEIGHTS, from_q4_0
from knowligo_index.encoders.embedding_table_layout import TableKind, TableLayout
from knowligo_index.encoders.exported_files import ExportedFiles, damage_reported
from knowligo_index.system.arrays import FloatMatrix

_TYPES: dict[TableKind, np.dtype[Any]] = {"float32": np.dtype("<f4"), "float16": np.dtype("<f2")}


class TokenEmbeddings:
    """A table in a file."""

    def __init__(self, path: Path, layout: TableLayout, files: ExportedFiles | None = None) -> None:
        """`files`: those of the export that the file belongs to, once they are recorded. Raises DamagedIndexError."""
        self._path = path
        self._blocks = (files or ExportedFiles(path.parent, None)).blocks(path.name)
        self._layout = layout
        kind, dimension = layout.kind, layout.dimension
        row_bytes = dimension // BLOCK_WEIGHTS * BLOCK_BYTES if kind == "q4_0" else dimension * _TYPES[kind].itemsize
        self._rows: NDArray[np.uint8] = self._blocks.content.reshape(-1, row_bytes)

    def of(self, ids: NDArray[np.int64]) -> FloatMatrix:
        """The embeddings of these tokens, float32 (*ids.shape, dimension). Raises IndexError for an id that is not in
        the table, DamagedIndexError where the file was changed since it was opened."""
        numbers = ids.reshape(-1)
        if numbers.size and not 0 <= numbers.min() <= numbers.max() < len(self._rows):
            raise IndexError(f"the table of embeddings has {len(self._rows)} rows and no row {numbers.max()}")
        row_bytes = self._rows.shape[1]
        with damage_reported(self._path):
            self._blocks.load(np.unique(numbers) * row_bytes, row_bytes)
        rows = self._rows[numbers]
        layout = self._layout
        if layout.kind == "q4_0":
            embeddings = from_q4_0(rows.reshape(len(rows), -1, BLOCK_BYTES))
        else:
            embeddings = rows.view(_TYPES[layout.kind]).astype(np.float32)
        return embeddings.reshape(*ids.shape, layout.dimension)
