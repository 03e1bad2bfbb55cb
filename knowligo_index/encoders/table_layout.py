"""How a table of token embeddings is laid out in its file."""

from dataclasses import dataclass
from typing import Literal

TableKind = Literal["float32", "float16", "q4_0"]


@dataclass(frozen=True, slots=True)
class TableLayout:
    """One row a token, in the order of their numbers, little-endian; q4_0: blocks as `e5_file` describes them."""

    kind: TableKind
    dimension: int
