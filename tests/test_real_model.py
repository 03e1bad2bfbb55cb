"""The embedded default encoder. The figures were obtained from sentence-transformers 6.2 and torch 2.13 directly."""

from pathlib import Path

import numpy as np
import pytest

from knowligo_index.encoders import EncoderModel, EncoderOptions, find_encoder
from knowligo_index.encoders.location import DEFAULT_WEIGHTS_SHA256
from knowligo_index.hashing import hash_file
from knowligo_index.types import Encoder

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


@pytest.fixture(scope="module")
def model() -> EncoderModel:
    return find_encoder(EncoderOptions(engine="torch"))


@pytest.fixture(scope="module")
def encoder(model: EncoderModel) -> Encoder:
    return model.load(Path("none"), threads=1)


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
def test_cosines_are_the_canonical_ones(encoder: Encoder, first: str, second: str, cosine: float) -> None:
    (one,), (other,) = encoder.encode_queries([first]), encoder.encode_passages([second])
    assert float(one @ other) == pytest.approx(cosine, abs=0.0006)


def test_a_vector_is_the_canonical_one(encoder: Encoder) -> None:
    (vector,) = encoder.encode_passages(["How do I reset my password?"])
    np.testing.assert_allclose(vector[:5], [0.00690, -0.06302, -0.07204, -0.03250, -0.04271], atol=1e-4)


def test_all_of_256_tokens_are_read(encoder: Encoder) -> None:
    """The 250th word makes a difference: nothing cuts at the 128 tokens of the tokenizer's own file."""
    words = ["sol"] * 253
    changed = [*words[:249], "password", *words[250:]]
    one, other = encoder.encode_passages([" ".join(words), " ".join(changed)])
    assert float(one @ other) < 0.999
