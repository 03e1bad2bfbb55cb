"""The Encoder: texts become tokens, then batches, then the embeddings of an engine's session, then unit vectors."""

import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from knowligo_index.encoders.batches import PASSAGES, QUESTIONS, Shape, Text, TokenBatch, batches_of
from knowligo_index.encoders.engine import Session
from knowligo_index.encoders.engine_errors import reported_as_failure
from knowligo_index.encoders.protocol import CountedText, EncoderDescription, Flush
from knowligo_index.encoders.tokenizer import ModelTokenizer
from knowligo_index.errors import ChunkingError, EncoderError
from knowligo_index.system.arrays import FloatMatrix

# Texts that are tokenized together: so few that the engine never runs out of batches meanwhile.
_TOKENIZED_TOGETHER = 64


class ModelEncoder:
    """An Encoder. Several threads may use it; it serves one at a time."""

    def __init__(self, description: EncoderDescription, tokenizer: ModelTokenizer, session: Session) -> None:
        self.description = description
        self._tokenizer = tokenizer
        self._session = session
        self._lock = threading.Lock()

    def encode_passages(self, inputs: Sequence[str]) -> FloatMatrix:
        return self._encode_all(inputs, self.description.passage_prompt, PASSAGES)

    def stream_passages(
        self, groups: Iterable[Sequence[CountedText] | Flush]
    ) -> Iterator[tuple[Sequence[int], FloatMatrix]]:
        return self._encode(self._checked_texts(groups), PASSAGES)

    def encode_queries(self, queries: Sequence[str]) -> FloatMatrix:
        vectors = self._encode_all(queries, self.description.query_prompt, QUESTIONS)
        vectors[[not is_read for is_read in self.reads(queries)]] = 0
        return vectors

    def reads(self, texts: Sequence[str]) -> list[bool]:
        return self._tokenizer.reads(texts)

    def encode_probes(self, inputs: Sequence[str]) -> FloatMatrix:
        return self._encode_all(inputs, self.description.passage_prompt, QUESTIONS)

    def _encode_all(self, texts: Sequence[str], prompt: str, shape: Shape) -> FloatMatrix:
        vectors = np.empty((len(texts), self.description.dimension), dtype=np.float32)
        for numbers, batch_vectors in self._encode(self._truncated_texts(texts, prompt), shape):
            vectors[numbers] = batch_vectors
        return vectors

    def _encode(self, texts: Iterable[Text | Flush], shape: Shape) -> Iterator[tuple[Sequence[int], FloatMatrix]]:
        # Batches that the session has taken, in order, and whose embeddings it has not returned.
        pending: deque[TokenBatch] = deque()

        def batches() -> Iterator[TokenBatch | Flush]:
            for batch in batches_of(texts, self.description.max_tokens, self._tokenizer.padding_id, shape):
                if isinstance(batch, TokenBatch):
                    pending.append(batch)
                yield batch

        with self._lock, reported_as_failure(self.description.id):
            for embeddings in self._session.run(batches()):
                numbers = pending.popleft().numbers
                yield list(numbers), self._unit_vectors(embeddings, numbers)[: len(numbers)]

    def _truncated_texts(self, texts: Sequence[str], prompt: str) -> Iterator[Text]:
        """The tokens of the texts with the prompt, truncated to what the model reads."""
        for start in range(0, len(texts), _TOKENIZED_TOGETHER):
            inputs = [prompt + text for text in texts[start : start + _TOKENIZED_TOGETHER]]
            yield from enumerate(self._tokenizer.inputs(inputs), start)

    def _checked_texts(self, groups: Iterable[Sequence[CountedText] | Flush]) -> Iterator[Text | Flush]:
        """All tokens of the texts with the passage prompt. Raises ChunkingError where they are not as many as were
        counted, or more than the model reads."""
        number = 0
        for group in groups:
            if isinstance(group, Flush):
                yield group
                continue
            inputs = [self.description.passage_prompt + counted.text for counted in group]
            for counted, ids in zip(group, self._tokenizer.whole_inputs(inputs), strict=True):
                self._check_count(counted, len(ids))
                yield number, ids
                number += 1

    def _check_count(self, counted: CountedText, tokens: int) -> None:
        limit = self.description.max_tokens
        if tokens > limit:
            raise ChunkingError(
                f"the passage that begins {counted.text[:60]!r} has {tokens} tokens, and the encoder reads at most "
                f"{limit}: lower --chunk-tokens and report this error."
            )
        if tokens != counted.tokens:
            raise ChunkingError(
                f"the passage that begins {counted.text[:60]!r} has {tokens} tokens instead of the {counted.tokens} "
                "that were counted: report this error."
            )

    def _unit_vectors(self, embeddings: FloatMatrix, numbers: Sequence[int]) -> FloatMatrix:
        """The embeddings divided by their lengths, since the inner product is the cosine only between unit vectors.
        Raises EncoderError where the length of a text's embedding is zero, infinite or NaN."""
        if embeddings.ndim != 2 or embeddings.shape[1] != self.description.dimension or len(embeddings) < len(numbers):
            raise EncoderError(
                f"encoder {self.description.id} gave vectors of the shape {embeddings.shape} for {len(numbers)} texts "
                f"instead of {self.description.dimension} dimensions: its files are damaged; choose another with "
                "--encoder."
            )
        norms = np.linalg.norm(embeddings, axis=1, keepdims=True)
        for row, number in enumerate(numbers):
            norm = float(norms[row, 0])
            if not 0.0 < norm < np.inf:
                raise EncoderError(
                    f"encoder {self.description.id} gave a vector of length {norm:.6g} for text {number}: "
                    "its weights are damaged or it is not a text encoder; choose another with --encoder."
                )
        vectors: FloatMatrix = embeddings / norms
        return vectors
