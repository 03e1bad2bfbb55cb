"""The layout of a table of token embeddings in its file."""

from dataclasses import dataclass
from typing import Literal

TableKind = Literal["float32", "float16", "q4_0"]


@dataclass(frozen=True, slots=True)
class TableLayout:
    """One row per token, in the order of the vocabulary ids, little-endian; q4_0: in the blocks that `e5_file`
    describes."""

    kind: TableKind
    dimension: int
