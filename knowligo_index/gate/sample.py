"""A sample of an index's chunks, of which some are encoded a second time before the index is published."""

import hashlib
import heapq
from dataclasses import dataclass

from knowligo_index.types import Chunk

SIZE = 64
"""chunks in a sample: enough that there are short ones among them, which take little time to encode"""


@dataclass(frozen=True, slots=True)
class SampledChunk:
    """A chunk of the sample, and its row in the index."""

    row: int
    chunk: Chunk
    language: str | None = None
    """of its document, ISO 639-1"""


class Sample:
    """The chunks with the lowest hashes: the same sample for the same corpus, in whatever order the chunks come, and
    nearly the same where the corpus has changed a little."""

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._heap: list[tuple[int, int, SampledChunk]] = []

    def offer(self, sampled: SampledChunk) -> None:
        """Add the chunk, unless the sample is full of chunks with lower hashes."""
        digest = hashlib.sha256(sampled.chunk.encoder_input.encode()).digest()
        item = (-int.from_bytes(digest[:8], "big"), -sampled.row, sampled)
        if len(self._heap) < self._size:
            heapq.heappush(self._heap, item)
        elif item[:2] > self._heap[0][:2]:
            heapq.heapreplace(self._heap, item)

    def chunks(self) -> list[SampledChunk]:
        """The chunks by their hashes, lowest first."""
        return [sampled for *_, sampled in sorted(self._heap, key=lambda item: item[:2], reverse=True)]
