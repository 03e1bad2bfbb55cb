"""Token counters small enough to count along by hand, on real tokenizers."""

from collections.abc import Sequence

import numpy as np
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from knowligo_index.system.arrays import IntVector

_CLS, _SEP, _UNK = "[CLS]", "[SEP]", "[UNK]"
_SPECIAL = {_CLS: 0, _SEP: 1, _UNK: 2}
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"


class WordCounter:
    """A token is what white space separates, and an input has two more: [CLS] and [SEP]."""

    def __init__(self, max_tokens: int = 64, prompt: str = "") -> None:
        self.max_tokens = max_tokens
        self._prompt = prompt
        self._tokenizer = self._make_tokenizer()
        self._tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{_CLS} $A {_SEP}", special_tokens=[(_CLS, _SPECIAL[_CLS]), (_SEP, _SPECIAL[_SEP])]
        )

    def _make_tokenizer(self) -> Tokenizer:
        tokenizer = Tokenizer(models.WordLevel(_SPECIAL, unk_token=_UNK))
        tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        return tokenizer

    def count_inputs(self, inputs: Sequence[str]) -> list[int]:
        encodings = self._tokenizer.encode_batch([self._prompt + text for text in inputs])
        return [len(encoding) for encoding in encodings]

    def token_starts(self, text: str) -> IntVector:
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        return np.array([start for start, _ in encoding.offsets], dtype=np.int64)


class LetterCounter(WordCounter):
    """A WordPiece where each letter of a word and each mark is a token, but "qu" and "ll" are one: a word that is
    cut may so count more than the whole. A word of more than 100 letters is one [UNK], as in BERT."""

    def _make_tokenizer(self) -> Tokenizer:
        pieces = [*_SPECIAL, *_LETTERS, "qu", "ll", *(f"##{piece}" for piece in [*_LETTERS, "qu", "ll"])]
        vocabulary = {piece: number for number, piece in enumerate(pieces)}
        tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token=_UNK, max_input_chars_per_word=100))
        tokenizer.normalizer = normalizers.BertNormalizer()
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        return tokenizer
