"""Which engine runs the encoder, and in which precision."""

from collections.abc import Set as AbstractSet
from typing import Literal

from knowligo_index.errors import SettingError

Engine = Literal["torch", "openvino"]
Precision = Literal["float32", "bfloat16", "int8"]

DEFAULT_WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""of the default encoder's file"""
MINILM_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

# Of these weights it was measured that int8 finds what float32 finds (docs/performance.md). Of any other encoder it
# is not known, and nobody is given int8 without having asked for it.
_INT8_MEASURED = frozenset({DEFAULT_WEIGHTS_SHA256, MINILM_WEIGHTS_SHA256})

# Instructions without which the precision is no faster than the next wider one. With AMX bfloat16 is as fast as int8:
# what is not a matrix product takes most of the time then, and is quicker in bfloat16 (docs/performance.md).
_INT8 = frozenset({"avx512_vnni", "avx_vnni"})
BFLOAT16_FEATURES = frozenset({"avx512_bf16", "amx_bf16"})
_NO_SLOWER_IN_BFLOAT16 = "amx_bf16"


def choose_engine(
    engine: Engine | Literal["auto"],
    precision: Precision | Literal["auto"],
    weights_sha256: str,
    features: AbstractSet[str],
) -> tuple[Engine, Precision]:
    """What is asked for; for "auto", the fastest on a CPU with these features (`cpu.cpu_features`) whose quality is
    known for these weights. Raises SettingError where the engine has no such precision."""
    if engine == "torch":
        if precision not in ("auto", "float32"):
            raise SettingError(
                f"--precision {precision} is not one of the torch engine, which is the reference and computes in "
                "float32: leave one of the two settings out."
            )
        return "torch", "float32"
    if precision != "auto":
        return "openvino", precision
    if weights_sha256 in _INT8_MEASURED and features & _INT8 and _NO_SLOWER_IN_BFLOAT16 not in features:
        return "openvino", "int8"
    return "openvino", "bfloat16" if features & BFLOAT16_FEATURES else "float32"
