"""From the embedded encoder's file to a folder of sentence-transformers: what is kept, and that nothing is changed."""

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import load_file
from sentence_transformers import SentenceTransformer
from support.e5_files import HIDDEN, SPECIAL, tensors_of, write_e5_file
from tokenizers import Tokenizer

from knowligo_index.encoders import DEFAULT_ENCODER, EncoderOptions, find_encoder
from knowligo_index.encoders.default_model import TOKENIZER_SHA256
from knowligo_index.encoders.e5_file import E5File, from_q4_0, read_e5_file
from knowligo_index.encoders.e5_folder import EMBEDDINGS_FILE, kept_pieces, tokenizer_definition_of, write_model_folder
from knowligo_index.encoders.exported import open_exported
from knowligo_index.encoders.packaged_models import embedded_path
from knowligo_index.system.arrays import IntVector
from knowligo_index.system.hashing import canonical_sha256

UNKNOWN = SPECIAL.index("<unk>")

KEPT = ["▁gato", "ñ", "αβ", "Ω", "º", "µ", "ᵃ", "\u0301", "e\u0301", "1", "٣", "_", "€", "🔑", "▁", "№", "½"]
DROPPED = ["日本", "▁пар", "a日", "ー", "ℵ", "ａ", "क", "\u0941", "كلمة"]


def test_pieces_with_a_letter_or_mark_of_another_script_are_left_out() -> None:
    pieces = (*SPECIAL, *(piece for pair in zip(KEPT, DROPPED, strict=False) for piece in pair), *KEPT[len(DROPPED) :])
    kept = kept_pieces(pieces)
    assert [pieces[number] for number in kept] == [*SPECIAL, *KEPT]
    assert str(kept.dtype) == "int64"


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder that was made of a small file; of six pieces the third is left out."""
    path = write_e5_file(tmp_path / "model.bin", ["▁", "▁gato", "日", "▁sol", "a", "e"], [-9.0, -3, -1, -4, -8, -8])
    (tmp_path / "folder").mkdir()
    write_model_folder(path, tmp_path / "folder")
    return tmp_path / "folder"


def test_the_folder_has_the_files_weights(small: Path) -> None:
    weights, written = load_file(small / "model.safetensors"), tensors_of(11)
    words = np.frombuffer(written["emb.word"][2], np.uint8).reshape(11, 1, 18)[[0, 1, 2, 3, 4, 5, 7, 8, 9]]
    np.testing.assert_array_equal(weights["embeddings.word_embeddings.weight"], from_q4_0(words))
    assert (small / EMBEDDINGS_FILE).read_bytes() == words.tobytes()
    for name, short in (("intermediate.dense", "fi"), ("attention.self.key", "k"), ("attention.output.dense", "ao")):
        data = np.frombuffer(written[f"l0.{short}.w"][2], np.uint8).reshape(-1, 1, 18)
        np.testing.assert_array_equal(weights[f"encoder.layer.0.{name}.weight"], from_q4_0(data))
        assert weights[f"encoder.layer.0.{name}.bias"].tobytes() == written[f"l0.{short}.b"][2]
    assert weights["encoder.layer.0.output.LayerNorm.weight"].tobytes() == written["l0.oln.w"][2]


def test_sentence_transformers_reads_the_folder_with_its_prompts(small: Path) -> None:
    model = SentenceTransformer(str(small), device="cpu", local_files_only=True)
    assert (model.prompts["query"], model.prompts["document"]) == ("query: ", "passage: ")
    assert list(model.tokenizer("gato sol")["input_ids"]) == [0, 5, 6, 2]
    encoder = find_encoder(EncoderOptions(str(small), engine="torch")).load(None, threads=1)
    assert (encoder.description.max_tokens, encoder.description.dimension) == (16, HIDDEN)
    found = encoder.encode_queries(["gato sol", "sol"])
    np.testing.assert_allclose(found, model.encode_query(["gato sol", "sol"]), atol=1e-6)


def test_the_export_has_the_embeddings_as_they_were_shipped(small: Path, tmp_path: Path) -> None:
    model = find_encoder(EncoderOptions(str(small), precision="float32"))
    target = tmp_path / "export"
    target.mkdir()
    model.export(target)
    assert (target / "embeddings.bin").read_bytes() == (small / EMBEDDINGS_FILE).read_bytes()
    record = json.loads((target / "encoder.json").read_text())
    assert record["embeddings"] == {"kind": "q4_0", "dimension": HIDDEN}
    texts = ["gato sol", "sol a e", "日"]
    expected = SentenceTransformer(str(small), device="cpu").encode_document(texts)
    np.testing.assert_allclose(open_exported(target).load(1).encode_passages(texts), expected, atol=1e-5)


@dataclass(frozen=True)
class Vocabularies:
    """The real file's tokenizer as the folder has it, and with every piece."""

    file: E5File
    kept: IntVector
    trimmed: Tokenizer
    whole: Tokenizer

    def both(self, text: str) -> tuple[list[int], list[int]]:
        """Numbers of the pieces in the whole vocabulary, as either tokenizer cuts."""
        return self.kept[self.trimmed.encode(text).ids].tolist(), self.whole.encode(text).ids


@pytest.fixture(scope="module")
def vocabularies() -> Vocabularies:
    path = embedded_path(DEFAULT_ENCODER)
    assert path is not None
    file = read_e5_file(path)
    kept = kept_pieces(file.pieces)
    every = np.arange(len(file.pieces))
    trimmed, whole = (Tokenizer.from_str(json.dumps(tokenizer_definition_of(file, some))) for some in (kept, every))
    return Vocabularies(file, kept, trimmed, whole)


@pytest.mark.model
def test_half_of_the_vocabulary_is_kept(vocabularies: Vocabularies) -> None:
    assert (len(vocabularies.file.pieces), len(vocabularies.kept)) == (250_002, 120_797)
    # What an unknown character costs goes by the least likely piece.
    scores = vocabularies.file.scores
    assert scores[vocabularies.kept].min() == scores.min()


@pytest.mark.model
def test_the_tokenizers_hash_is_the_one_that_is_trusted(vocabularies: Vocabularies) -> None:
    definition = tokenizer_definition_of(vocabularies.file, vocabularies.kept)
    assert canonical_sha256(definition) == TOKENIZER_SHA256


TEXTS = [
    "",
    "¿Qué incluye el plan Ñandú? Soporte 24/7, 1.500,50 € al mes; pingüino, «según», 3.º piso.",
    "The quick brown fox doesn't re-start: don’t panic — “E-4012” (0x80070005), v2.13.0, 50% off & more…",
    "Το πλάνο υποστήριξης λήγει στις 12 Μαΐου· ΤΗΛ. 210-1234567;",
    "🔑 clave 🤓👩‍💻 ✅ → ½ № ™ © ✓ ▲",
    "sesio\u0301n an\u0303o pingu\u0308ino e\u0301\u0301 a\u0323\u0302",
    "ＶＰＮ １２３ ｆｕｌｌ－ｗｉｄｔｈ ﬁle ﬂow ㎏ ℃ Ⅷ ² µ ª",
    "```bash\nknowligo-agent diag vpn --output C:\\ProgramData\\x.log && curl https://portal.example/v2?a=1&b=ñ\n```",
    "| Código | Causa |\n| --- | --- |\n| E-4012 | la sesión venció |\t\u00a0\u200bfin\u00ad",
    "Straße, naïve, Łódź, İstanbul, Đà Nẵng, smørrebrød, þórr, ŝaŭmo",
    "<s> </s> <unk> <pad> no son de control ▁ __init__",
]


@pytest.mark.model
@pytest.mark.parametrize("text", TEXTS)
def test_a_text_in_latin_or_greek_script_is_cut_as_with_the_whole_vocabulary(
    vocabularies: Vocabularies, text: str
) -> None:
    found, expected = vocabularies.both(text)
    assert found == expected


def _characters() -> Sequence[str]:
    """Every character that is neither a letter nor a mark of another script, as the tokenizer normalises it."""
    found = []
    for number in range(0x20, 0x20000):
        character = chr(number)
        if unicodedata.category(character) in ("Cs", "Cn", "Co"):
            continue
        normal = unicodedata.normalize("NFKC", character)
        if len(kept_pieces((*SPECIAL, *normal))) == len(SPECIAL) + len(normal):
            found.append(character)
    return found


@pytest.mark.model
@settings(max_examples=300, deadline=None)
@given(text=st.text(st.one_of(st.sampled_from("aeiouñáéstrnl .,-0123456789"), st.sampled_from(_characters()))))
def test_no_text_of_these_scripts_is_cut_otherwise(vocabularies: Vocabularies, text: str) -> None:
    found, expected = vocabularies.both(text)
    assert found == expected


@pytest.mark.model
@pytest.mark.parametrize(
    ("word", "rest"),
    [
        *((word, []) for word in ("пароль", "密码", "パスワード", "비밀번호", "كلمة", "סיסמה")),
        ("пароль2026", ["20", "26"]),
    ],
)
def test_a_word_in_another_script_is_unknown(vocabularies: Vocabularies, word: str, rest: list[str]) -> None:
    text = f"clave {word} mes"
    found, whole = vocabularies.trimmed.encode(text), vocabularies.whole.encode(text)
    assert found.tokens == ["<s>", "▁clave", "▁", "пароль" if "2026" in word else word, *rest, "▁mes", "</s>"]
    assert [number for number, piece in enumerate(found.ids) if piece == UNKNOWN] == [3]
    assert UNKNOWN not in whole.ids


@pytest.mark.model
def test_the_embeddings_are_the_shipped_blocks_bit_for_bit(vocabularies: Vocabularies, tmp_path: Path) -> None:
    file, kept = vocabularies.file, vocabularies.kept
    write_model_folder(file.path, tmp_path)
    shipped = file.blocks("emb.word", file.rows, file.hidden)
    assert (tmp_path / EMBEDDINGS_FILE).stat().st_size == 120_797 * 216
    written = np.memmap(tmp_path / EMBEDDINGS_FILE, np.uint8, "r").reshape(-1, 12, 18)
    np.testing.assert_array_equal(written, shipped[kept])
    found = load_file(tmp_path / "model.safetensors")["embeddings.word_embeddings.weight"]
    some = np.arange(0, len(kept), 1000)
    np.testing.assert_array_equal(found[some], from_q4_0(shipped[kept[some]]))
