"""Count tokens as the encoder will, with the tokenizer that comes with its weights."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from knowligo_index.arrays import IntVector
from knowligo_index.encoders.model_folder import tokenizer_definition
from knowligo_index.errors import EncoderError
from knowligo_index.types import EncoderDescription


class ModelTokenCounter:
    """The TokenCounter of a model folder."""

    def __init__(self, folder: Path, description: EncoderDescription) -> None:
        try:
            self._tokenizer = Tokenizer.from_str(json.dumps(tokenizer_definition(folder)))
        except Exception as error:
            # The tokenizers library raises bare Exceptions.
            raise EncoderError(
                f"{folder / 'tokenizer.json'} is not a tokenizer ({error}): copy the model's folder again."
            ) from error
        self._prompt = description.passage_prompt
        self.max_tokens = description.max_tokens

    def count_inputs(self, inputs: Sequence[str]) -> list[int]:
        encodings = self._tokenizer.encode_batch_fast([self._prompt + text for text in inputs])
        return [len(encoding) for encoding in encodings]

    def token_ids(self, text: str) -> list[int]:
        """Vocabulary numbers of the tokens of `text`, without special tokens and prompt."""
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def token_starts(self, text: str) -> IntVector:
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        return np.array([start for start, _ in encoding.offsets], dtype=np.int64)
