"""The reference engine: the modules of sentence-transformers on torch, on the CPU, in float32."""

import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer

from knowligo_index.encoders.batches import TokenBatch
from knowligo_index.encoders.protocol import Flush
from knowligo_index.encoders.tokenizer import ModelTokenizer
from knowligo_index.errors import EncoderError
from knowligo_index.system.arrays import FloatMatrix

# Case, accents, punctuation, digits and other scripts, which two definitions of a tokenizer may treat differently.
_TOKENIZER_SAMPLES = ("¿Qué INCLUYE el plan Ñandú?", "don't re-start E-4012: $ 1.500,50", "naïve  ﬁle №5 日本 🤓")


class SentenceEmbedding(torch.nn.Module):  # type: ignore[misc]
    """The whole pipeline of a model folder, from token ids to the sentence embedding."""

    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self._model = model

    def forward(self, input_ids: Any, attention_mask: Any) -> Any:
        """Both are int64 (rows, length); the result is float32 (rows, dimension)."""
        return self._model({"input_ids": input_ids, "attention_mask": attention_mask})["sentence_embedding"]


class TorchSession:
    """A Session, which computes each batch before it takes the next."""

    def __init__(self, module: SentenceEmbedding, threads: int) -> None:
        self._module = module
        torch.set_num_threads(threads)

    def run(self, batches: Iterable[TokenBatch | Flush]) -> Iterator[FloatMatrix]:
        for batch in batches:
            if isinstance(batch, Flush):
                continue
            with torch.inference_mode():
                ids, mask = torch.from_numpy(batch.input_ids), torch.from_numpy(batch.attention_mask)
                embeddings: FloatMatrix = self._module(ids, mask).numpy()
            yield embeddings


def load_module(folder: Path, tokenizer: ModelTokenizer) -> SentenceEmbedding:
    """The model in `folder`.

    Raises EncoderError where it cannot be loaded, or tokenizes texts differently from `tokenizer`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = SentenceTransformer(
                str(folder), device="cpu", local_files_only=True, model_kwargs={"use_safetensors": True}
            )
    except Exception as error:
        # transformers raises exceptions of any type where a model folder is broken.
        reason = " ".join(str(error).split())[:200]
        raise EncoderError(
            f"the model in {folder} cannot be loaded ({type(error).__name__}: {reason}): "
            "copy its folder again or choose another with --encoder."
        ) from error
    model.eval()
    _check_tokenizer(folder, model, tokenizer)
    return SentenceEmbedding(model)


def _check_tokenizer(folder: Path, model: SentenceTransformer, tokenizer: ModelTokenizer) -> None:
    """Raises EncoderError where sentence-transformers tokenizes differently from the tokenizer that counts tokens:
    transformers builds some tokenizers from tokenizer_config.json instead of tokenizer.json."""
    for text, expected_ids in zip(_TOKENIZER_SAMPLES, tokenizer.pieces(_TOKENIZER_SAMPLES), strict=True):
        ids = model.tokenizer(text, add_special_tokens=False)["input_ids"]
        if list(ids) != expected_ids:
            raise EncoderError(
                f"tokenizer.json and tokenizer_config.json in {folder} disagree (they tokenize {text!r} differently), "
                "so tokens cannot be counted: copy the model's folder again or choose another with --encoder."
            )
