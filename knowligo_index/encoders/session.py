"""What an engine is to the encoder: something that turns token batches into vectors."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from knowligo_index.encoders.batches import TokenBatch
from knowligo_index.system.arrays import FloatMatrix


class Session(Protocol):
    """A model whose weights are in memory."""

    def run(self, batches: Iterable[TokenBatch | None]) -> Iterator[FloatMatrix]:
        """For each batch, in order, the sentence embeddings of its rows, float32 (rows, dimension), of any length.
        Batches are taken as they are needed, a few ahead of the one whose vectors come next; at a pause (None) the
        vectors of all batches before it come first."""
        ...
