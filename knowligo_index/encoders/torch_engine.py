"""The reference engine: the modules of sentence-transformers on torch, CPU, float32."""

import warnings
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer

from knowligo_index.encoders.batches import TokenBatch
from knowligo_index.encoders.tokens import ModelTokenizer
from knowligo_index.errors import EncoderError
from knowligo_index.system.arrays import FloatMatrix

# Case, accents, punctuation, digits, other scripts: where two readings of a tokenizer part.
_TOKENIZER_SAMPLES = ("¿Qué INCLUYE el plan Ñandú?", "don't re-start E-4012: $ 1.500,50", "naïve  ﬁle №5 日本 🤓")


class SentenceEmbedding(torch.nn.Module):  # type: ignore[misc]
    """The whole pipeline of a model folder, from token ids to the sentence embedding."""

    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self._model = model

    def forward(self, input_ids: Any, attention_mask: Any) -> Any:
        """int64 (rows, length) twice to float32 (rows, dimension)."""
        return self._model({"input_ids": input_ids, "attention_mask": attention_mask})["sentence_embedding"]


class TorchSession:
    """A Session."""

    def __init__(self, module: SentenceEmbedding, threads: int) -> None:
        self._module = module
        torch.set_num_threads(threads)

    def run(self, batches: Iterable[TokenBatch | None]) -> Iterator[FloatMatrix]:
        for batch in filter(None, batches):
            with torch.inference_mode():
                ids, mask = torch.from_numpy(batch.input_ids), torch.from_numpy(batch.attention_mask)
                vectors: FloatMatrix = self._module(ids, mask).numpy()
            yield vectors


def load_module(folder: Path, tokenizer: ModelTokenizer) -> SentenceEmbedding:
    """The model in `folder`.

    Raises EncoderError where it cannot be loaded, or cuts texts otherwise than `tokenizer`.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = SentenceTransformer(
                str(folder), device="cpu", local_files_only=True, model_kwargs={"use_safetensors": True}
            )
    except Exception as error:
        # What transformers raises on a broken model folder is anything at all.
        what = " ".join(str(error).split())[:200]
        raise EncoderError(
            f"the model in {folder} cannot be loaded ({type(error).__name__}: {what}): "
            "copy its folder again or choose another with --encoder."
        ) from error
    model.eval()
    _check_tokenizer(folder, model, tokenizer)
    return SentenceEmbedding(model)


def _check_tokenizer(folder: Path, model: SentenceTransformer, tokenizer: ModelTokenizer) -> None:
    """Raises EncoderError where sentence-transformers cuts texts otherwise than the tokenizer that counts them.

    transformers builds some tokenizers from tokenizer_config.json instead of tokenizer.json.
    """
    for text, counted in zip(_TOKENIZER_SAMPLES, tokenizer.pieces(_TOKENIZER_SAMPLES), strict=True):
        fed = model.tokenizer(text, add_special_tokens=False)["input_ids"]
        if list(fed) != counted:
            raise EncoderError(
                f"tokenizer.json and tokenizer_config.json in {folder} disagree (they cut {text!r} in different "
                "ways): tokens could not be counted; copy the model's folder again or choose another."
            )
