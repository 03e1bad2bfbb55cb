"""Which texts an encoder's vocabulary has the words of."""

from pathlib import Path

import pytest
from tokenizers import Tokenizer, decoders, pre_tokenizers
from tokenizers.models import BPE, WordPiece
from tokenizers.normalizers import BertNormalizer

from knowligo_index.encoders import EncoderOptions, find_encoder
from knowligo_index.encoders.protocol import EncoderDescription
from knowligo_index.encoders.tokenizer import ModelTokenizer

READ = [
    "¿Cuánto cuesta el plan profesional?",
    "How much is the professional plan?",
    "Πόσο κοστίζει το επαγγελματικό πρόγραμμα;",
    "😀 🎉 👍",
    "2026 1.500,50 42",
    "E-4012 — «VPN» 20 €",
    # One name in another script is not the question's.
    "¿Quién es Иван Петров, el técnico de la mesa de ayuda de Rosario?",
]

UNREAD = ["Сколько стоит профессиональный план?", "专业版的价格是多少？", "كم تكلفة الخطة المهنية؟"]

NOTHING = ["", "  \n"]


def tokenizer_of(tokenizer: Tokenizer) -> ModelTokenizer:
    description = EncoderDescription(
        "id", "0" * 64, "0" * 64, "0" * 64, 8, 128, "mean_tokens", "", "", "torch", "float32"
    )
    return ModelTokenizer(Path(), tokenizer.to_str(), description, padding_id=0)


def word_piece(characters: str) -> ModelTokenizer:
    """One that spells words of these characters, as the tokenizers of the BERT family do."""
    pieces = ["[PAD]", "[UNK]", *(prefix + character for character in characters for prefix in ("", "##"))]
    tokenizer = Tokenizer(WordPiece({piece: place for place, piece in enumerate(pieces)}, unk_token="[UNK]"))
    tokenizer.normalizer = BertNormalizer(lowercase=False, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return tokenizer_of(tokenizer)


def byte_level() -> ModelTokenizer:
    """One that knows bytes and no more, as those of the GPT family where no word is known."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(BPE({piece: place for place, piece in enumerate(alphabet)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer_of(tokenizer)


@pytest.mark.model
def test_the_default_encoder_reads_latin_greek_signs_and_digits_and_no_other_script() -> None:
    tokenizer = find_encoder(EncoderOptions()).tokenizer()
    assert dict(zip([*READ, *UNREAD, *NOTHING], tokenizer.reads([*READ, *UNREAD, *NOTHING]), strict=True)) == {
        **dict.fromkeys(READ, True),
        **dict.fromkeys(UNREAD, False),
        **dict.fromkeys(NOTHING, True),
    }


def test_word_pieces_of_every_letter_read_every_text() -> None:
    tokenizer = word_piece("".join(sorted({character for text in [*READ, *UNREAD] for character in text})))
    assert tokenizer.reads([*READ, *UNREAD, *NOTHING]) == [True] * 12


def test_word_pieces_of_spanish_letters_read_no_other_script() -> None:
    """A word in another one is a single unknown token, which characters for private use are not."""
    tokenizer = word_piece("".join(sorted(set(READ[0] + READ[4]))))
    assert tokenizer.pieces(["план", "\ue000"]) == [[1], []]
    assert tokenizer.reads([READ[0], READ[4], *UNREAD, *NOTHING]) == [True, True, False, False, False, True, True]


def test_bytes_read_every_text() -> None:
    assert byte_level().reads([*READ, *UNREAD, *NOTHING]) == [True] * 12


def test_a_quarter_of_the_words_may_be_unknown() -> None:
    tokenizer = word_piece("plan")
    assert tokenizer.reads(["n a p план", "n a план", "n p план план a a a a", "план"]) == [True, False, True, False]
