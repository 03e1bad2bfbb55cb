"""The Encoder: tokens, batches, an engine's session, unit vectors."""

import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from knowligo_index.encoders.batches import PASSAGES, QUESTIONS, Pause, Shape, Text, TokenBatch, batches_of
from knowligo_index.encoders.protocol import CountedText, EncoderDescription
from knowligo_index.encoders.session import Session
from knowligo_index.encoders.tokens import ModelTokenizer
from knowligo_index.errors import ChunkingError, EncoderError
from knowligo_index.system.arrays import FloatMatrix

# Texts that are cut into tokens together: quickly enough that the engine is done with the last ones no sooner.
_GROUP = 64


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

    def stream_passages(self, groups: Iterable[Sequence[CountedText]]) -> Iterator[tuple[Sequence[int], FloatMatrix]]:
        return self._encode(self._counted(groups), PASSAGES)

    def encode_queries(self, queries: Sequence[str]) -> FloatMatrix:
        vectors = self._gathered(queries, self.description.query_prompt, QUESTIONS)
        vectors[[not is_read for is_read in self.reads(queries)]] = 0
        return vectors

    def reads(self, texts: Sequence[str]) -> list[bool]:
        return self._tokenizer.reads(texts)

    def encode_probes(self, inputs: Sequence[str]) -> FloatMatrix:
        return self._gathered(inputs, self.description.passage_prompt, QUESTIONS)

    def _gathered(self, texts: Sequence[str], prompt: str, shape: Shape) -> FloatMatrix:
        vectors = np.empty((len(texts), self.description.dimension), dtype=np.float32)
        for numbers, found in self._encode(self._tokenised(texts, prompt), shape):
            vectors[numbers] = found
        return vectors

    def _encode(self, texts: Iterable[Text | None], shape: Shape) -> Iterator[tuple[Sequence[int], FloatMatrix]]:
        sent: deque[TokenBatch] = deque()

        def batches() -> Iterator[TokenBatch | None]:
            for batch in batches_of(texts, self.description.max_tokens, self._tokenizer.padding_id, shape):
                if batch is not Pause:
                    sent.append(batch)
                yield batch

        with self._lock:
            for found in self._session.run(batches()):
                numbers = sent.popleft().numbers
                yield list(numbers), self._unit(found, numbers)[: len(numbers)]

    def _tokenised(self, texts: Sequence[str], prompt: str) -> Iterator[Text]:
        """The texts, cut to what the model reads."""
        for start in range(0, len(texts), _GROUP):
            some = [prompt + text for text in texts[start : start + _GROUP]]
            yield from enumerate(self._tokenizer.inputs(some), start)

    def _counted(self, groups: Iterable[Sequence[CountedText]]) -> Iterator[Text | None]:
        """The texts whole, each group tokenised together, with a pause for each empty one."""
        number = 0
        for group in groups:
            if not group:
                yield Pause
            found = self._tokenizer.whole_inputs([self.description.passage_prompt + each.text for each in group])
            for counted, ids in zip(group, found, strict=True):
                self._check_count(counted, len(ids))
                yield number, ids
                number += 1

    def _check_count(self, counted: CountedText, found: int) -> None:
        limit = self.description.max_tokens
        if found > limit:
            raise ChunkingError(
                f"the passage that begins {counted.text[:60]!r} has {found} tokens and the encoder reads {limit}: "
                "lower --chunk-tokens, and please report this."
            )
        if found != counted.tokens:
            raise ChunkingError(
                f"the passage that begins {counted.text[:60]!r} has {found} tokens and was taken for "
                f"{counted.tokens}: please report this."
            )

    def _unit(self, vectors: FloatMatrix, numbers: Sequence[int]) -> FloatMatrix:
        """`vectors` made as long as 1: inner product is cosine only between unit vectors. Raises EncoderError where a
        text's has no direction."""
        norms = np.linalg.norm(vectors, axis=1, keepdims=True)
        for place, number in enumerate(numbers):
            norm = float(norms[place, 0])
            if not 0.0 < norm < np.inf:
                raise EncoderError(
                    f"encoder {self.description.id} gave a vector of length {norm:.6g} for text {number}: "
                    "its weights are damaged or it is not a text encoder; choose another with --encoder."
                )
        unit: FloatMatrix = vectors / norms
        return unit
