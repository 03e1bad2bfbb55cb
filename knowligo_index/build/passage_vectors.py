"""The vectors of passages, in the order of the passages: from the cache where they are in it, from the encoder
otherwise, and on into the index."""

import time
from collections.abc import Callable, Sequence

import numpy as np

from knowligo_index.encoders.encoder_thread import EncoderThread, Vectors
from knowligo_index.encoders.protocol import CountedText
from knowligo_index.encoders.vector_cache import VectorCache
from knowligo_index.store.vectors import VectorIndexBuilder
from knowligo_index.system.arrays import FloatVector

# A build that is killed loses the encoder's work since the last write to the cache.
_SECONDS_BETWEEN_WRITES = 1.0

# Maximum number of texts that wait for the encoder, and of vectors that wait for the one of an earlier row.
_MAX_WAITING = 1024
_MAX_OUT_OF_ORDER = 8192

# Rows that are added to the FAISS index together.
_BLOCK = 1024


class PassageVectors:
    """Adds the vectors of passages to the index. Of equal encoder inputs only the first is encoded."""

    def __init__(self, encoder: EncoderThread, cache: VectorCache, index: VectorIndexBuilder) -> None:
        self._encoder = encoder
        self._cache = cache
        self._index = index
        self._inputs: dict[int, str] = {}
        """inputs at the encoder, by the encoder's number for them"""
        self._rows: dict[str, list[int]] = {}
        """rows of the index, by the input at the encoder that they wait for"""
        self._ready: dict[int, FloatVector] = {}
        """vectors that wait for those of earlier rows, by row"""
        self._uncached: dict[str, FloatVector] = {}
        """vectors that are not in the cache yet, by input"""
        self._last_write = time.monotonic()
        self._block: list[FloatVector] = []
        """vectors of the last rows before `_next_row`, which are not in the index yet"""
        self._next_row = 0
        """the first row whose vector is in neither the index nor the block"""
        self._passages = 0
        """number of passages that were added"""
        self.embedded = 0
        """number of inputs that were encoded"""

    def add(self, inputs: Sequence[CountedText]) -> None:
        """Add the next passages, as encoder inputs. Waits while the encoder is far behind, and raises what it
        raises."""
        texts = [counted.text for counted in inputs]
        vectors = self._cache.get(text for text in texts if text not in self._rows and text not in self._uncached)
        vectors |= {text: self._uncached[text] for text in texts if text in self._uncached}
        missing: list[CountedText] = []
        for row, counted in enumerate(inputs, self._passages):
            text = counted.text
            if text in vectors:
                self._ready[row] = vectors[text]
            elif text in self._rows:
                self._rows[text].append(row)
            else:
                self._rows[text] = [row]
                missing.append(counted)
        self._passages += len(inputs)
        if missing:
            next_number = self.embedded + len(self._inputs)
            self._inputs.update(enumerate([counted.text for counted in missing], next_number))
            self._encoder.put(missing)
        self._index_ready_rows()
        while (encoded := self._encoder.take(wait=self._is_far_behind())) is not None:
            self._store(encoded)

    def finish(self, advance: Callable[[int], object]) -> None:
        """Wait for the vectors of all passages. `advance` is called with the number of texts whenever some are
        encoded."""
        while (encoded := self._encoder.take(wait=True)) is not None:
            self._store(encoded)
            numbers, _ = encoded
            advance(len(numbers))
        self._write_cache()
        self._index_block()

    def _is_far_behind(self) -> bool:
        return self._encoder.waiting > _MAX_WAITING or len(self._ready) > _MAX_OUT_OF_ORDER

    def _store(self, encoded: Vectors) -> None:
        for number, vector in zip(*encoded, strict=True):
            text = self._inputs.pop(number)
            self._uncached[text] = vector
            self._ready.update(dict.fromkeys(self._rows.pop(text), vector))
            self.embedded += 1
        self._index_ready_rows()
        if time.monotonic() - self._last_write > _SECONDS_BETWEEN_WRITES:
            self._write_cache()

    def _write_cache(self) -> None:
        self._cache.put(self._uncached)
        self._uncached = {}
        self._last_write = time.monotonic()

    def _index_ready_rows(self) -> None:
        while (vector := self._ready.pop(self._next_row, None)) is not None:
            self._block.append(vector)
            self._next_row += 1
            if len(self._block) == _BLOCK:
                self._index_block()

    def _index_block(self) -> None:
        if self._block:
            self._index.add(np.stack(self._block))
            self._block = []
