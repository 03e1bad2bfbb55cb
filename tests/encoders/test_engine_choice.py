from typing import Literal

import pytest

from knowligo_index.encoders.engine_choice import (
    DEFAULT_WEIGHTS_SHA256,
    MINILM_WEIGHTS_SHA256,
    Precision,
    choose_engine,
)
from knowligo_index.encoders.openvino_engine import precision_hint
from knowligo_index.errors import SettingError

OTHER = "0" * 64


@pytest.mark.parametrize(
    ("weights", "features", "precision"),
    [
        (DEFAULT_WEIGHTS_SHA256, {"avx512_vnni", "avx512_bf16"}, "int8"),
        (DEFAULT_WEIGHTS_SHA256, {"avx_vnni"}, "int8"),
        (DEFAULT_WEIGHTS_SHA256, {"avx512_bf16"}, "bfloat16"),
        (DEFAULT_WEIGHTS_SHA256, {"avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8"}, "bfloat16"),
        (DEFAULT_WEIGHTS_SHA256, {"avx2"}, "float32"),
        (MINILM_WEIGHTS_SHA256, {"avx512_vnni", "avx512_bf16"}, "int8"),
        # Nobody has measured what int8 does to it.
        (OTHER, {"avx512_vnni", "avx512_bf16"}, "bfloat16"),
        (OTHER, {"avx512_vnni"}, "float32"),
        (OTHER, set(), "float32"),
    ],
)
def test_auto_is_the_fastest_whose_quality_is_known(weights: str, features: set[str], precision: str) -> None:
    assert choose_engine("auto", "auto", weights, features) == ("openvino", precision)
    assert choose_engine("openvino", "auto", weights, features) == ("openvino", precision)


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "int8"])
def test_what_is_asked_for_is_taken_on_any_cpu(precision: Precision) -> None:
    assert choose_engine("auto", precision, OTHER, set()) == ("openvino", precision)


@pytest.mark.parametrize("precision", ["auto", "float32"])
def test_torch_is_the_reference(precision: Literal["auto", "float32"]) -> None:
    assert choose_engine("torch", precision, DEFAULT_WEIGHTS_SHA256, {"avx512_vnni"}) == ("torch", "float32")


def test_torch_in_another_precision_is_refused() -> None:
    with pytest.raises(SettingError) as refused:
        choose_engine("torch", "int8", OTHER, set())
    assert str(refused.value) == (
        "--precision int8 cannot be used with --engine torch, which computes in float32: leave out one of the two "
        "settings."
    )


@pytest.mark.parametrize(
    ("precision", "features", "hint"),
    [
        ("bfloat16", {"avx512_bf16"}, "bf16"),
        ("bfloat16", {"amx_bf16"}, "bf16"),
        # An index that was built elsewhere opens here, too.
        ("bfloat16", {"avx512f", "avx512_vnni"}, "f32"),
        ("bfloat16", {"avx2"}, "f32"),
        ("float32", {"avx512_bf16"}, "f32"),
        ("int8", {"avx512_bf16"}, "f32"),
    ],
)
def test_bfloat16_is_computed_in_where_the_cpu_has_it(precision: str, features: set[str], hint: str) -> None:
    assert precision_hint(precision, features) == hint
