"""Compare an export with the model in torch, and measure what its cosines mean."""

from collections.abc import Sequence

import numpy as np

from knowligo_index.encoders.model_encoder import ModelEncoder
from knowligo_index.encoders.probes import is_below, lowest_cosine
from knowligo_index.encoders.protocol import Encoder
from knowligo_index.encoders.tokenizer import ModelTokenizer
from knowligo_index.encoders.torch_engine import SentenceEmbedding, TorchSession
from knowligo_index.errors import EncoderError

# By precision, the lowest cosine to the vectors of the model in torch that is accepted. The lowest ones of the default
# encoder are 1.00000, 0.99998 and 0.998.
_COSINE_FLOORS = {"float32": 0.9999, "bfloat16": 0.999, "int8": 0.95}

# A typical question has about this many words.
_QUESTION_WORDS = 10


def check_export(encoder: Encoder, module: SentenceEmbedding, tokenizer: ModelTokenizer, texts: Sequence[str]) -> None:
    """Raises EncoderError where the export gives these texts other vectors than the model in torch."""
    description = encoder.description
    reference = ModelEncoder(description, tokenizer, TorchSession(module, threads=1))
    cosine = lowest_cosine(encoder.encode_passages(texts), reference.encode_passages(texts))
    floor = _COSINE_FLOORS[description.precision]
    if is_below(cosine, floor):
        raise EncoderError(
            f"encoder {description.id} in {description.precision} gives other vectors than in float32 (cosine "
            f"{cosine:.4f}, {floor} needed): choose another --precision, or --engine torch."
        )


def unrelated_cosine(encoder: Encoder, texts: Sequence[str]) -> float:
    """The mean cosine between a question and an unrelated passage, to three decimal places: the first words of each
    text are the question, and all other texts are the passages. With some encoders it is above 0.7."""
    questions = encoder.encode_queries([" ".join(text.split()[:_QUESTION_WORDS]) for text in texts])
    cosines = questions @ encoder.encode_passages(texts).T
    return round(float(cosines[~np.eye(len(texts), dtype=bool)].mean()), 3)
