"""The Encoder: tokens, batches, an engine's session, unit vectors."""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from knowligo_index.arrays import FloatMatrix
from knowligo_index.encoders.batches import PASSAGES, QUESTIONS, Batch, Shape, fill, plan_batches, windows
from knowligo_index.encoders.session import Session
from knowligo_index.encoders.tokens import ModelTokenizer
from knowligo_index.encoding import EncoderDescription
from knowligo_index.errors import EncoderError

# Texts that are sorted by length together: enough that nearly every batch is full, few enough that their tokens are
# of no weight in memory.
_WINDOW = 1024


class ModelEncoder:
    """An Encoder. A passage longer than the model reads is the caller's mistake, and the build counts; a query is cut.

    May be used from several threads, which take turns.
    """

    def __init__(self, description: EncoderDescription, tokenizer: ModelTokenizer, session: Session) -> None:
        self.description = description
        self._tokenizer = tokenizer
        self._session = session
        self._lock = threading.Lock()

    def encode_passages(self, inputs: Sequence[str]) -> FloatMatrix:
        return self._gathered(inputs, self.description.passage_prompt, PASSAGES)

    def stream_passages(self, inputs: Sequence[str]) -> Iterator[tuple[Sequence[int], FloatMatrix]]:
        return self._encode(inputs, self.description.passage_prompt, PASSAGES)

    def encode_queries(self, queries: Sequence[str]) -> FloatMatrix:
        return self._gathered(queries, self.description.query_prompt, QUESTIONS)

    def encode_probes(self, inputs: Sequence[str]) -> FloatMatrix:
        return self._gathered(inputs, self.description.passage_prompt, QUESTIONS)

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        return [len(ids) for ids in self._tokenizer.pieces(texts)]

    def _gathered(self, texts: Sequence[str], prompt: str, shape: Shape) -> FloatMatrix:
        vectors = np.empty((len(texts), self.description.dimension), dtype=np.float32)
        for rows, found in self._encode(texts, prompt, shape):
            vectors[rows] = found
        return vectors

    def _encode(self, texts: Sequence[str], prompt: str, shape: Shape) -> Iterator[tuple[Sequence[int], FloatMatrix]]:
        with self._lock:
            for first, ids in self._tokenised(texts, prompt):
                batches = plan_batches([len(row) for row in ids], self.description.max_tokens, shape)
                fed = (fill(batch, ids, self._tokenizer.padding_id, shape) for batch in batches)
                for batch, found in zip(batches, self._session.run(fed), strict=True):
                    yield [first + row for row in batch.rows], self._unit(found, batch, first)[: len(batch.rows)]

    def _tokenised(self, texts: Sequence[str], prompt: str) -> Iterator[tuple[int, list[list[int]]]]:
        """Number of the first text and the token ids of each, a window at a time; the next one is cut meanwhile."""

        def cut(window: range) -> tuple[int, list[list[int]]]:
            return window.start, self._tokenizer.inputs([prompt + texts[row] for row in window])

        if len(texts) <= _WINDOW:
            yield cut(range(len(texts)))
            return
        with ThreadPoolExecutor(1) as ahead:
            first, *others = windows(len(texts), _WINDOW)
            upcoming = ahead.submit(cut, first)
            for window in others:
                current, upcoming = upcoming, ahead.submit(cut, window)
                yield current.result()
            yield upcoming.result()

    def _unit(self, vectors: FloatMatrix, batch: Batch, first: int) -> FloatMatrix:
        """`vectors` made as long as 1: inner product is cosine only between unit vectors. Raises EncoderError where a
        text's has no direction."""
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        for place, row in enumerate(batch.rows):
            norm = float(norms[place, 0])
            if not 0.0 < norm < np.inf:
                raise EncoderError(
                    f"encoder {self.description.id} gave a vector of length {norm:.6g} for text {first + row}: "
                    "its weights are damaged or it is not a text encoder; choose another with --encoder."
                )
        unit: FloatMatrix = vectors / norms
        return unit
