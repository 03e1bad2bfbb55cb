"""An encoder that knows many languages, with a large unigram vocabulary and prompts, from files to hits."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer
from support.multilingual_model import PASSAGE_PROMPT, PIECES, QUERY_PROMPT, TRANSLATIONS, make_multilingual_model
from support.tiny_model import HIDDEN

from knowligo_index.build import build
from knowligo_index.encoders import EncoderOptions, find_encoder
from knowligo_index.encoders.exported import open_exported
from knowligo_index.search.reader import IndexReader
from knowligo_index.settings import Settings

SPANISH = {
    "precio.md": "# Precio\n\nEl precio por mes, la factura por mes, el precio en la factura del mes.\n",
    "red.md": "# Red\n\nLa impresora en la red, la red de la impresora, para la red de la oficina.\n",
    "clave.md": "# Sesión\n\nLa contraseña de la sesión, la sesión con contraseña, y la contraseña del buzón.\n",
    "gato.md": "# Gato\n\nEl gato con la leche, la leche del gato, el gato que duerme al sol con leche.\n",
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_multilingual_model(tmp_path_factory.mktemp("multilingual") / "model")


@pytest.fixture(scope="module")
def built(model: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("documents")
    for name, text in SPANISH.items():
        (folder / name).write_text(text, encoding="utf-8")
    settings = Settings(knowledge=folder, index=folder.parent / "index", encoder=EncoderOptions(str(model)))
    assert build(settings).status == "published"
    return settings


@pytest.fixture(scope="module")
def reader(built: Settings) -> Iterator[IndexReader]:
    with IndexReader(built.index) as opened:
        yield opened


def test_it_is_described_with_its_prompts(reader: IndexReader) -> None:
    encoder = reader.manifest.encoder
    assert (encoder.query_prompt, encoder.passage_prompt) == (QUERY_PROMPT, PASSAGE_PROMPT)
    assert (encoder.dimension, encoder.max_tokens, encoder.pooling) == (HIDDEN, 128, "mean_tokens")


def test_tokens_are_those_of_the_large_vocabulary_with_prompt_and_special_tokens(model: Path) -> None:
    tokenizer = find_encoder(EncoderOptions(str(model))).tokenizer()
    (pieces,) = tokenizer.pieces(["precio E-4012"])
    # "precio" is one piece; each letter of a word that is none is one, and the space before it.
    assert len(pieces) == 1 + 1 + len("E-4012")
    assert max(tokenizer.pieces(["precio"])[0]) < PIECES
    # <s>, "▁" and "query:" letter by letter but for the word, the prompt's and the text's words, </s>.
    (alone,) = tokenizer.count_inputs([""])
    assert tokenizer.count_inputs(["precio"]) == [alone + 1]


def test_vectors_are_those_of_sentence_transformers(model: Path, tmp_path: Path) -> None:
    """With the prompts of either side, and from the export as from torch."""
    reference = SentenceTransformer(str(model), device="cpu", local_files_only=True)
    passages, questions = list(SPANISH.values()), ["the price", "¿Qué es la red?"]
    expected = reference.encode(
        [PASSAGE_PROMPT + text for text in passages], prompt="", normalize_embeddings=True, convert_to_numpy=True
    )
    asked = reference.encode(questions, prompt_name="query", normalize_embeddings=True, convert_to_numpy=True)
    found_model = find_encoder(EncoderOptions(str(model), precision="float32"))
    found_model.export(tmp_path)
    encoder = found_model.load(open_exported(tmp_path), 1)
    np.testing.assert_allclose(encoder.encode_passages(passages), expected, atol=1e-5)
    np.testing.assert_allclose(encoder.encode_queries(questions), asked, atol=1e-5)


@pytest.mark.parametrize(
    ("question", "source"),
    [("price month invoice", "precio.md"), ("password session", "clave.md"), ("the cat milk", "gato.md")],
)
def test_it_finds_across_languages(reader: IndexReader, question: str, source: str) -> None:
    assert not reader.search(question, 4, "lexical")
    assert all(word in TRANSLATIONS or word == "the" for word in question.split())
    assert reader.search(question, 1, "dense")[0].source == source
    assert reader.search(question, 1)[0].source == source
