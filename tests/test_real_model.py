"""The embedded default encoder. The figures were obtained from sentence-transformers 6.2 and torch 2.13 directly."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pytest
from conftest import Exports
from sentence_transformers import SentenceTransformer

from knowligo_index.arrays import FloatMatrix
from knowligo_index.encoders import EncoderModel, EncoderOptions, find_encoder
from knowligo_index.encoders.location import DEFAULT_WEIGHTS_SHA256
from knowligo_index.encoding import Encoder
from knowligo_index.hashing import hash_file

pytestmark = pytest.mark.model

SHA256_OF_THE_DESIGN = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

COSINES = [
    ("How do I reset my password?", "I forgot my password and cannot log in.", 0.797),
    ("How do I reset my password?", "The cat sleeps in the sun.", 0.109),
    ("¿Qué incluye el plan profesional?", "El plan profesional incluye soporte las 24 horas.", 0.752),
    ("¿Qué incluye el plan profesional?", "La impresora no tiene papel.", 0.379),
    ("the VPN session expired", "la sesión VPN venció", 0.450),
]

TOKENS = {
    "": 2,
    "¿Qué incluye el plan profesional?": 13,
    "la sesión VPN venció el año pasado: E-4012": 20,
    "mañana — 20 € «según» pingüino": 14,
    "sesio\u0301n": 4,
    "🔑 clave\n\n| a | b |": 10,
    "palabra " * 200: 602,
}


# What the least alike of some texts must have in common with float32 in torch, as cosine; and how near the canonical
# cosines of two texts must be.
ENGINES: list[tuple[EncoderOptions, float, float]] = [
    (EncoderOptions(engine="torch"), 0.999999, 0.0006),
    (EncoderOptions(precision="float32"), 0.9999, 0.0006),
    (EncoderOptions(precision="bfloat16"), 0.999, 0.004),
    (EncoderOptions(precision="int8"), 0.98, 0.02),
]

TEXTS = [
    # The empty text is no passage and no query; int8 has nothing to go by there.
    *filter(None, TOKENS),
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
        return self.model.load(self.export, threads)

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
    found = SentenceTransformer(str(find_encoder(EncoderOptions()).folder), device="cpu")
    found.max_seq_length = 256
    return np.asarray(found.encode(TEXTS, normalize_embeddings=True))


def test_it_is_the_model_whose_hash_is_trusted(model: EncoderModel) -> None:
    assert DEFAULT_WEIGHTS_SHA256 == SHA256_OF_THE_DESIGN
    assert (
        model.description.weights_sha256 == SHA256_OF_THE_DESIGN == hash_file(model.folder / "model.safetensors").sha256
    )


def test_it_reads_256_tokens_and_gives_384_dimensions(model: EncoderModel) -> None:
    description = model.description
    assert (description.max_tokens, description.dimension, description.pooling) == (256, 384, "mean_tokens")
    assert (description.query_prompt, description.passage_prompt) == ("", "")


def test_named_by_its_folder_it_has_the_same_fingerprint(model: EncoderModel) -> None:
    assert (
        find_encoder(EncoderOptions(str(model.folder), engine="torch")).description.fingerprint
        == model.description.fingerprint
    )


def test_tokens_are_counted_as_transformers_does(model: EncoderModel) -> None:
    """Beyond 128, where the tokenizer's own file cuts, and beyond 256, so that the build sees what is too long."""
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
    (vector,) = engine.encoder.encode_passages(["How do I reset my password?"])
    canonical = [0.00690, -0.06302, -0.07204, -0.03250, -0.04271]
    np.testing.assert_allclose(vector[:5], canonical, atol=1e-4 if engine.floor > 0.9999 else 0.01)


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


def test_questions_and_probes_are_the_passages_but_for_rounding(engine: Engine) -> None:
    vectors = engine.encoder.encode_passages(TEXTS)
    for others in (engine.encoder.encode_queries(TEXTS), engine.encoder.encode_probes(TEXTS)):
        assert float(np.min(np.sum(vectors * others, axis=1))) >= 0.9999


def test_all_of_256_tokens_are_read(encoder: Encoder) -> None:
    """The 250th word makes a difference: nothing cuts at the 128 tokens of the tokenizer's own file."""
    words = ["sol"] * 253
    changed = [*words[:249], "password", *words[250:]]
    one, other = encoder.encode_passages([" ".join(words), " ".join(changed)])
    assert float(one @ other) < 0.999


def test_a_query_that_is_too_long_is_cut(encoder: Encoder) -> None:
    one, other = encoder.encode_queries(["sol " * 254, "sol " * 254 + "password"])
    np.testing.assert_array_equal(one, other)
