"""The tokenizer that comes with the encoder's weights. It counts tokens and makes the input of the model."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from tokenizers import Encoding, Tokenizer

from knowligo_index.encoders.protocol import EncoderDescription
from knowligo_index.errors import EncoderError
from knowligo_index.system.arrays import IntVector

# Maximum share of unknown tokens in a text that is read. Of a text in a script that the vocabulary lacks about half of
# the tokens are unknown; the others are white space and signs.
_MAX_UNKNOWN_SHARE = 0.25

# Two characters that no vocabulary has: a letter of Linear A, which is undeciphered, and an Anatolian hieroglyph.
# Characters for private use do not serve, since the tokenizers of the BERT family drop them. The last UTF-8 bytes of
# the two differ: otherwise a tokenizer that spells characters in bytes would end both with the same token.
_UNKNOWN_CHARACTERS = ("\U00010601", "\U00014402")


class ModelTokenizer:
    """A TokenCounter that also gives the tokens."""

    def __init__(self, folder: Path, definition: str, description: EncoderDescription, padding_id: int) -> None:
        """`definition` is the JSON of the tokenizer.json in `folder` without truncation and padding, `padding_id` the
        vocabulary id of the padding token. Raises EncoderError."""
        try:
            self._tokenizer = Tokenizer.from_str(definition)
        except Exception as error:
            # The tokenizers library raises bare Exceptions.
            raise EncoderError(
                f"{folder / 'tokenizer.json'} is not a tokenizer ({error}): copy the model's folder again."
            ) from error
        self._prompt = description.passage_prompt
        self.max_tokens = description.max_tokens
        self.padding_id = padding_id

    def count_inputs(self, inputs: Sequence[str]) -> list[int]:
        encodings = self._tokenizer.encode_batch_fast([self._prompt + text for text in inputs])
        return [len(encoding) for encoding in encodings]

    def token_starts(self, text: str) -> IntVector:
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        return np.array([start for start, _ in encoding.offsets], dtype=np.int64)

    def pieces(self, texts: Sequence[str]) -> list[list[int]]:
        """Vocabulary ids of the tokens of each text, without special tokens and prompt."""
        return _ids(self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False))

    def reads(self, texts: Sequence[str]) -> list[bool]:
        """Whether the vocabulary has the script of each text. Where it lacks a script, each word in it is one unknown
        token, and the model cannot distinguish such words.

        The texts are tokenized without a prompt, even if their inputs are tokenized elsewhere: a tokenizer may merge
        the end of a prompt with the first word, so their tokens cannot be taken from those of the inputs."""
        unknown = self._unknown_id
        if unknown is None:
            return [True] * len(texts)
        return [_MAX_UNKNOWN_SHARE * len(ids) >= ids.count(unknown) for ids in self.pieces(texts)]

    def inputs(self, texts: Sequence[str]) -> list[list[int]]:
        """Vocabulary ids of each text as the model takes them: with special tokens, truncated to `max_tokens`."""
        return [
            ids if len(ids) <= self.max_tokens else self._truncating.encode(text).ids
            for ids, text in zip(self.whole_inputs(texts), texts, strict=True)
        ]

    def whole_inputs(self, texts: Sequence[str]) -> list[list[int]]:
        """`inputs` without truncation."""
        return _ids(self._tokenizer.encode_batch_fast(list(texts)))

    @cached_property
    def _unknown_id(self) -> int | None:
        """Vocabulary id of the unknown token; None where the vocabulary can spell everything."""
        first, second = (ids[-1:] for ids in self.pieces(_UNKNOWN_CHARACTERS))
        return first[0] if first and first == second else None

    @cached_property
    def _truncating(self) -> Tokenizer:
        """The same tokenizer with truncation, which keeps the special tokens at the end."""
        tokenizer = Tokenizer.from_str(self._tokenizer.to_str())
        tokenizer.enable_truncation(self.max_tokens)
        return tokenizer


def _ids(encodings: Sequence[Encoding]) -> list[list[int]]:
    return [encoding.ids for encoding in encodings]
