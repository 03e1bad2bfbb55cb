"""The tokenizer that comes with the encoder's weights: it counts, and it makes what the model is fed."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from tokenizers import Encoding, Tokenizer

from knowligo_index.encoders.protocol import EncoderDescription
from knowligo_index.errors import EncoderError
from knowligo_index.system.arrays import IntVector

# Of a text that is read, so many of its tokens may be unknown, at the most; of one in another script about half are,
# and the others are white space and signs.
_MOST_UNKNOWN = 0.25

# A letter of Linear A, which nobody can read, and an Anatolian hieroglyph. Characters for private use would not do: the
# tokenizers of the BERT family leave them out. The last of their UTF-8 bytes differ, lest one that spells seem to know
# one token for both.
_IN_NO_VOCABULARY = ("\U00010601", "\U00014402")


class ModelTokenizer:
    """A TokenCounter that also gives the tokens. `definition` is the JSON of the tokenizer.json in `folder` without
    truncation and padding, `padding_id` the number of the token that fills a row up."""

    def __init__(self, folder: Path, definition: str, description: EncoderDescription, padding_id: int) -> None:
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
        """Vocabulary numbers of the tokens of each text, without special tokens and prompt."""
        return _ids(self._tokenizer.encode_batch_fast(list(texts), add_special_tokens=False))

    def reads(self, texts: Sequence[str]) -> list[bool]:
        """Whether the vocabulary has the words of each text. Where it lacks a script, each word of it is one unknown
        token, and to the model all such words are the same."""
        unknown = self._unknown
        return [unknown is None or _MOST_UNKNOWN * len(ids) >= ids.count(unknown) for ids in self.pieces(texts)]

    def inputs(self, texts: Sequence[str]) -> list[list[int]]:
        """Vocabulary numbers as the model is fed them, special tokens included; longer texts are cut to its limit."""
        return [
            row if len(row) <= self.max_tokens else self._cutting.encode(text).ids
            for row, text in zip(self.whole_inputs(texts), texts, strict=True)
        ]

    def whole_inputs(self, texts: Sequence[str]) -> list[list[int]]:
        """`inputs`, but longer texts are as long as they are."""
        return _ids(self._tokenizer.encode_batch_fast(list(texts)))

    @cached_property
    def _unknown(self) -> int | None:
        """Vocabulary number of the token for what is not in the vocabulary; None where everything can be spelt."""
        first, second = (ids[-1:] for ids in self.pieces(_IN_NO_VOCABULARY))
        return first[0] if first and first == second else None

    @cached_property
    def _cutting(self) -> Tokenizer:
        """The same, but what it gives is cut so that the special tokens at the end stay."""
        tokenizer = Tokenizer.from_str(self._tokenizer.to_str())
        tokenizer.enable_truncation(self.max_tokens)
        return tokenizer


def _ids(encodings: Sequence[Encoding]) -> list[list[int]]:
    return [encoding.ids for encoding in encodings]
