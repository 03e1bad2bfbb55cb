"""The embedded default encoder. The figures were obtained from sentence-transformers 6.2 and torch 2.13 directly, on
the folder that is made of its file."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest
from sentence_transformers import SentenceTransformer
from support.exports import Exports

from knowligo_index.encoders import EncoderModel, EncoderOptions, find_encoder
from knowligo_index.encoders.engine_choice import DEFAULT_WEIGHTS_SHA256, MINILM_WEIGHTS_SHA256
from knowligo_index.encoders.exported import open_exported
from knowligo_index.encoders.packaged_models import MINILM_ENCODER, as_model_folder
from knowligo_index.encoders.protocol import Encoder
from knowligo_index.system.arrays import FloatMatrix
from knowligo_index.system.hashing import hash_file

pytestmark = pytest.mark.model

SHA256_OF_THE_FILE = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"

COSINES = [
    ("How do I reset my password?", "I forgot my password and cannot log in.", 0.8345),
    ("How do I reset my password?", "The cat sleeps in the sun.", 0.6541),
    ("¿Qué incluye el plan profesional?", "El plan profesional incluye soporte las 24 horas.", 0.8955),
    ("¿Qué incluye el plan profesional?", "La impresora no tiene papel.", 0.7549),
    ("the VPN session expired", "la sesión VPN venció", 0.8807),
    ("¿Cómo restablezco mi contraseña?", "I forgot my password and cannot log in.", 0.8369),
    ("¿Cómo restablezco mi contraseña?", "The cat sleeps in the sun.", 0.6978),
]

# With "passage: " before the text, which is two of them, and <s> and </s>.
TOKENS = {
    "": 4,
    "¿Qué incluye el plan profesional?": 11,
    "la sesión VPN venció el año pasado: E-4012": 16,
    "mañana — 20 € «según» pingüino": 15,
    "sesio\u0301n": 5,
    "🔑 clave\n\n| a | b |": 15,
    "πλάνο υποστήριξης": 8,
    # Three words that are none of its pieces.
    "пароль 密码 كلمة": 10,
    "palabra " * 200: 204,
    "palabra " * 600: 604,
}


# What the least alike of some texts must have in common with float32 in torch, as cosine; and how near the canonical
# cosines of two texts must be.
ENGINES: list[tuple[EncoderOptions, float, float]] = [
    (EncoderOptions(engine="torch"), 0.999999, 0.0006),
    (EncoderOptions(precision="float32"), 0.9999, 0.0006),
    (EncoderOptions(precision="bfloat16"), 0.999, 0.004),
    # Measured: 0.973, of a text of three unknown words, where there is nothing to go by; 0.984 of one word 200 times;
    # the others have 0.993 and more.
    (EncoderOptions(precision="int8"), 0.96, 0.02),
]

TEXTS = [
    # The empty text is no passage and no query; int8 has nothing to go by there. Longer ones than it reads are cut.
    *(text for text, count in TOKENS.items() if text and count <= 512),
    *(text for pair in COSINES for text in pair[:2]),
    *(" ".join(["la sesión VPN venció y no se puede restaurar la contraseña;"] * count) for count in range(1, 18)),
]


@dataclass(frozen=True)
class Engine:
    model: EncoderModel
    export: Path
    floor: float
    tolerance: float

    def load(self, threads: int) -> Encoder:
        return self.model.load(open_exported(self.export), threads)

    @cached_property
    def encoder(self) -> Encoder:
        return self.load(threads=1)


@pytest.fixture(scope="module", params=ENGINES, ids=lambda engine: f"{engine[0].engine}-{engine[0].precision}")
def engine(request: pytest.FixtureRequest, exports: Exports) -> Engine:
    options, floor, tolerance = request.param
    return Engine(find_encoder(options), exports.of(options), floor, tolerance)


@pytest.fixture(scope="module")
def encoder(engine: Engine) -> Encoder:
    return engine.encoder


@pytest.fixture(scope="module")
def model() -> EncoderModel:
    return find_encoder(EncoderOptions(engine="torch"))


@pytest.fixture(scope="module")
def reference() -> FloatMatrix:
    """What sentence-transformers itself makes of TEXTS."""
    with as_model_folder(find_encoder(EncoderOptions()).path) as folder:
        found = SentenceTransformer(str(folder), device="cpu")
    return np.asarray(found.encode_document(TEXTS, normalize_embeddings=True))


def test_it_is_the_model_whose_hash_is_trusted(model: EncoderModel) -> None:
    assert model.description.id == "intfloat/multilingual-e5-small"
    assert DEFAULT_WEIGHTS_SHA256 == SHA256_OF_THE_FILE == hash_file(model.path).sha256
    assert model.description.weights_sha256 == SHA256_OF_THE_FILE


def test_the_description_is_that_of_the_folder_that_is_made_of_it(model: EncoderModel) -> None:
    with as_model_folder(model.path) as folder:
        made = find_encoder(EncoderOptions(str(folder), engine="torch")).description
    description = model.description
    assert (description.max_tokens, description.dimension, description.pooling) == (512, 384, "mean_tokens")
    assert (description.query_prompt, description.passage_prompt) == ("query: ", "passage: ")
    assert description == replace(
        made, id=description.id, weights_sha256=SHA256_OF_THE_FILE, fingerprint=description.fingerprint
    )


def test_tokens_are_counted_as_transformers_does(model: EncoderModel) -> None:
    """Beyond 512, too, so that the build sees what is too long."""
    assert dict(zip(TOKENS, model.tokenizer().count_inputs(list(TOKENS)), strict=True)) == TOKENS


@pytest.mark.parametrize(("first", "second", "cosine"), COSINES)
def test_cosines_are_the_canonical_ones(engine: Engine, first: str, second: str, cosine: float) -> None:
    (one,), (other,) = engine.encoder.encode_queries([first]), engine.encoder.encode_passages([second])
    assert float(one @ other) == pytest.approx(cosine, abs=engine.tolerance)


def test_vectors_are_those_of_sentence_transformers(engine: Engine, reference: FloatMatrix) -> None:
    vectors = engine.encoder.encode_passages(TEXTS)
    assert (vectors.shape, str(vectors.dtype)) == ((len(TEXTS), 384), "float32")
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert float(np.min(np.sum(vectors * reference, axis=1))) >= engine.floor


def test_a_vector_is_the_canonical_one(engine: Engine) -> None:
    (passage,) = engine.encoder.encode_passages(["How do I reset my password?"])
    (question,) = engine.encoder.encode_queries(["How do I reset my password?"])
    tolerance = 1e-4 if engine.floor > 0.9999 else 0.01
    np.testing.assert_allclose(passage[:5], [0.07982, -0.00262, -0.00668, -0.07899, 0.05273], atol=tolerance)
    np.testing.assert_allclose(question[:5], [0.07002, -0.02129, 0.00045, -0.05261, 0.04745], atol=tolerance)


def test_a_vector_depends_neither_on_its_neighbours_nor_on_threads(engine: Engine) -> None:
    together = engine.encoder.encode_passages(TEXTS)
    alone = np.concatenate([engine.encoder.encode_passages([text]) for text in TEXTS])
    np.testing.assert_array_equal(alone, together)
    np.testing.assert_array_equal(engine.encoder.encode_passages(TEXTS[::-1])[::-1], together)
    np.testing.assert_array_equal(engine.load(threads=3).encode_passages(TEXTS), together)


def test_a_question_has_the_vector_that_it_has_among_others(engine: Engine) -> None:
    together = engine.encoder.encode_queries(TEXTS)
    alone = np.concatenate([engine.encoder.encode_queries([text]) for text in TEXTS])
    np.testing.assert_array_equal(alone, together)


def test_probes_are_the_passages_but_for_rounding(engine: Engine) -> None:
    vectors, probes = engine.encoder.encode_passages(TEXTS), engine.encoder.encode_probes(TEXTS)
    assert float(np.min(np.sum(vectors * probes, axis=1))) >= 0.9999


def test_all_of_512_tokens_are_read(encoder: Encoder) -> None:
    """The 500th word makes a difference."""
    words = ["sol"] * 508
    changed = [*words[:499], "password", *words[500:]]
    one, other = encoder.encode_passages([" ".join(words), " ".join(changed)])
    assert 0.9 < float(one @ other) < 0.9999


def test_a_query_that_is_too_long_is_cut(encoder: Encoder) -> None:
    one, other = encoder.encode_queries(["sol " * 508, "sol " * 508 + "password"])
    np.testing.assert_array_equal(one, other)


def test_the_other_encoder_that_a_package_carries_is_used_by_its_id(exports: Exports) -> None:
    """all-MiniLM-L6-v2, of the extra `minilm`; its figures as those above."""
    options = EncoderOptions(MINILM_ENCODER, precision="float32")
    model = find_encoder(options)
    description = model.description
    assert description.weights_sha256 == MINILM_WEIGHTS_SHA256 == hash_file(model.path / "model.safetensors").sha256
    assert (description.max_tokens, description.dimension, description.query_prompt) == (256, 384, "")
    # The tokenizer's own file cuts at 128.
    assert model.tokenizer().count_inputs(["la sesión VPN venció el año pasado: E-4012", "palabra " * 200]) == [20, 602]
    encoder = open_exported(exports.of(options)).load(threads=1)
    one, other, far = encoder.encode_queries(
        ["How do I reset my password?", "I forgot my password and cannot log in.", "The cat sleeps in the sun."]
    )
    assert [float(one @ other), float(one @ far)] == pytest.approx([0.797, 0.109], abs=0.0006)
    np.testing.assert_allclose(one[:5], [0.00690, -0.06302, -0.07204, -0.03250, -0.04271], atol=1e-4)
