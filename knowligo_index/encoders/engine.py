"""The interface of an engine: it turns token batches into vectors."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from knowligo_index.encoders.batches import TokenBatch
from knowligo_index.encoders.protocol import Flush
from knowligo_index.system.arrays import FloatMatrix


class Session(Protocol):
    """A model whose weights are in memory."""

    def run(self, batches: Iterable[TokenBatch | Flush]) -> Iterator[FloatMatrix]:
        """For each batch, in order, the sentence embeddings of its rows, float32 (rows, dimension), which are not
        normalized. Batches are taken as they are needed, a few ahead of the one whose embeddings are returned next; at
        a Flush the embeddings of all batches before it are returned before another batch is taken."""
        ...
