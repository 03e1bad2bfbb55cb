"""The reference engine: sentence-transformers on torch, CPU, float32."""

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from knowligo_index.arrays import FloatMatrix
from knowligo_index.encoders.tokens import ModelTokenCounter
from knowligo_index.errors import EncoderError
from knowligo_index.types import EncoderDescription

# A float32 row that sentence-transformers normalised is off by rounding alone, some 1e-7.
_UNIT_TOLERANCE = 1e-4

# Case, accents, punctuation, digits, other scripts: where two readings of a tokenizer part.
_TOKENIZER_SAMPLES = ("¿Qué INCLUYE el plan Ñandú?", "don't re-start E-4012: $ 1.500,50", "naïve  ﬁle №5 日本 🤓")


class TorchEncoder:
    """An Encoder. Inputs longer than the model reads are the caller's mistake; the build counts them first."""

    def __init__(self, folder: Path, description: EncoderDescription, *, batch_size: int, threads: int) -> None:
        self.description = description
        self._counter = ModelTokenCounter(folder, description)
        self._batch_size = batch_size
        torch.set_num_threads(threads)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._model = SentenceTransformer(
                    str(folder), device="cpu", local_files_only=True, model_kwargs={"use_safetensors": True}
                )
        except Exception as error:
            # What transformers raises on a broken model folder is anything at all.
            what = " ".join(str(error).split())[:200]
            raise EncoderError(
                f"the model in {folder} cannot be loaded ({type(error).__name__}: {what}): "
                "copy its folder again or choose another with --encoder."
            ) from error
        # The tokenizer's own file may cut earlier than the model reads.
        self._model.max_seq_length = description.max_tokens
        self._model.eval()
        self._check_tokenizer(folder)

    def encode_passages(self, inputs: Sequence[str], progress: Callable[[int], object] | None = None) -> FloatMatrix:
        return self._encode(inputs, self.description.passage_prompt, progress)

    def encode_queries(self, queries: Sequence[str]) -> FloatMatrix:
        return self._encode(queries, self.description.query_prompt, None)

    def count_pieces(self, texts: Sequence[str]) -> list[int]:
        return [len(self._counter.token_starts(text)) for text in texts]

    def _encode(self, texts: Sequence[str], prompt: str, progress: Callable[[int], object] | None) -> FloatMatrix:
        vectors = np.empty((len(texts), self.description.dimension), dtype=np.float32)
        # Texts of like length share a batch, so that little of it is padding. The order is stable.
        order = sorted(range(len(texts)), key=lambda row: len(texts[row]), reverse=True)
        for start in range(0, len(order), self._batch_size):
            rows = order[start : start + self._batch_size]
            vectors[rows] = self._model.encode(
                [texts[row] for row in rows],
                prompt=prompt or None,
                batch_size=self._batch_size,
                show_progress_bar=False,
                convert_to_numpy=True,
                normalize_embeddings=True,
            )
            if progress is not None:
                progress(len(rows))
        self._check_unit(vectors)
        return vectors

    def _check_tokenizer(self, folder: Path) -> None:
        """Raises EncoderError where sentence-transformers cuts texts otherwise than the tokenizer that counts them.

        transformers builds some tokenizers from tokenizer_config.json instead of tokenizer.json.
        """
        for text in _TOKENIZER_SAMPLES:
            fed = self._model.tokenizer(text, add_special_tokens=False)["input_ids"]
            if list(fed) != self._counter.token_ids(text):
                raise EncoderError(
                    f"tokenizer.json and tokenizer_config.json in {folder} disagree (they cut {text!r} in different "
                    "ways): tokens could not be counted; copy the model's folder again or choose another."
                )

    def _check_unit(self, vectors: FloatMatrix) -> None:
        """Raises EncoderError where a row is not a finite unit vector: inner product is cosine only between those."""
        norms = np.linalg.norm(vectors, axis=1)
        bad = np.flatnonzero(~(np.abs(norms - 1.0) <= _UNIT_TOLERANCE))
        if bad.size:
            raise EncoderError(
                f"encoder {self.description.id} gave a vector of length {norms[bad[0]]:.6g} for text {bad[0]}: "
                "its weights are damaged or it is not a text encoder; choose another with --encoder."
            )
