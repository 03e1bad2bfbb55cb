"""The vectors of passages that come one after the other: known ones from the cache, the others from the encoder, and
all of them, in order, into the index."""

import time
from collections.abc import Callable, Sequence

import numpy as np

from knowligo_index.encoders.protocol import CountedText
from knowligo_index.encoders.thread import EncoderThread, Vectors
from knowligo_index.encoders.vector_cache import VectorCache
from knowligo_index.store.vectors import VectorIndexBuilder
from knowligo_index.system.arrays import FloatVector

# What a killed build has to encode again, at most.
_SECONDS_BETWEEN_WRITES = 1.0

# Passages that may wait for the encoder, and vectors that may wait for the one of a passage before them.
_MOST_WAITING = 1024
_MOST_OUT_OF_ORDER = 8192

# Rows that are given to FAISS together.
_BLOCK = 1024


class PassageVectors:
    """Of equal encoder inputs only the first is encoded."""

    def __init__(self, encoder: EncoderThread, cache: VectorCache, index: VectorIndexBuilder) -> None:
        self._encoder = encoder
        self._cache = cache
        self._index = index
        self._sent: dict[int, str] = {}
        """inputs by the encoder's number for them"""
        self._rows: dict[str, list[int]] = {}
        """of the inputs that the encoder is at"""
        self._ready: dict[int, FloatVector] = {}
        """vectors of rows that are not in the index"""
        self._fresh: dict[str, FloatVector] = {}
        """vectors that are not in the cache"""
        self._written = time.monotonic()
        self._block: list[FloatVector] = []
        """of the rows before `_next`, those that FAISS was not given yet"""
        self._next = self._added = 0
        self.embedded = 0
        """inputs that had to be encoded"""

    def add(self, inputs: Sequence[CountedText]) -> None:
        """The next passages, as the encoder reads them. Waits where the encoder is far behind, and raises what it
        raises."""
        texts = [each.text for each in inputs]
        known = self._cache.get(text for text in texts if text not in self._rows and text not in self._fresh)
        known |= {text: self._fresh[text] for text in texts if text in self._fresh}
        missing: list[CountedText] = []
        for row, counted in enumerate(inputs, self._added):
            text = counted.text
            if text in known:
                self._ready[row] = known[text]
            elif text in self._rows:
                self._rows[text].append(row)
            else:
                self._rows[text] = [row]
                missing.append(counted)
        self._added += len(inputs)
        if missing:
            self._sent.update(enumerate([each.text for each in missing], self.embedded + len(self._sent)))
            self._encoder.put(missing)
        self._index_what_is_ready()
        while (found := self._encoder.take(wait=self._is_far_behind())) is not None:
            self._keep(found)

    def finish(self, advance: Callable[[int], object]) -> None:
        """Wait for the vectors of all passages. `advance` is called with the number of those that came."""
        while (found := self._encoder.take(wait=True)) is not None:
            self._keep(found)
            advance(len(found[0]))
        self._cache.put(self._fresh)
        self._fresh = {}
        self._give_block()

    def _is_far_behind(self) -> bool:
        return self._encoder.waiting > _MOST_WAITING or len(self._ready) > _MOST_OUT_OF_ORDER

    def _keep(self, found: Vectors) -> None:
        for number, vector in zip(*found, strict=True):
            text = self._sent.pop(number)
            self._fresh[text] = vector
            self._ready.update(dict.fromkeys(self._rows.pop(text), vector))
            self.embedded += 1
        self._index_what_is_ready()
        if time.monotonic() - self._written > _SECONDS_BETWEEN_WRITES:
            self._cache.put(self._fresh)
            self._fresh = {}
            self._written = time.monotonic()

    def _index_what_is_ready(self) -> None:
        while (vector := self._ready.pop(self._next, None)) is not None:
            self._block.append(vector)
            self._next += 1
            if len(self._block) == _BLOCK:
                self._give_block()

    def _give_block(self) -> None:
        if self._block:
            self._index.add(np.stack(self._block))
            self._block = []
