"""The choice of the engine that runs the encoder, and of its precision."""

from collections.abc import Set as AbstractSet
from typing import Literal

from knowligo_index.errors import SettingError

Engine = Literal["torch", "openvino"]
Precision = Literal["float32", "bfloat16", "int8"]

DEFAULT_WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""of the file of the default encoder"""
MINILM_WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"

# For these weights it was measured that search in int8 is as good as in float32 (docs/performance.md). For others this
# is unknown, so int8 is used only where the settings name it.
_INT8_MEASURED = frozenset({DEFAULT_WEIGHTS_SHA256, MINILM_WEIGHTS_SHA256})

# Without these CPU features a precision is no faster than the next wider one. With AMX, bfloat16 is as fast as int8:
# most of the time then goes into operations other than matrix products, which are faster in bfloat16
# (docs/performance.md).
_INT8_FEATURES = frozenset({"avx512_vnni", "avx_vnni"})
BFLOAT16_FEATURES = frozenset({"avx512_bf16", "amx_bf16"})
_AMX_BFLOAT16 = "amx_bf16"


def choose_engine(
    engine: Engine | Literal["auto"],
    precision: Precision | Literal["auto"],
    weights_sha256: str,
    features: AbstractSet[str],
) -> tuple[Engine, Precision]:
    """The engine and precision of the settings; for "auto", the fastest on a CPU with these features
    (`cpu.cpu_features`) among those whose search quality is known for these weights.

    Raises SettingError where the engine does not have the precision.
    """
    if engine == "torch":
        if precision not in ("auto", "float32"):
            raise SettingError(
                f"--precision {precision} cannot be used with --engine torch, which computes in float32: leave out one "
                "of the two settings."
            )
        return "torch", "float32"
    if precision != "auto":
        return "openvino", precision
    if weights_sha256 in _INT8_MEASURED and features & _INT8_FEATURES and _AMX_BFLOAT16 not in features:
        return "openvino", "int8"
    return "openvino", "bfloat16" if features & BFLOAT16_FEATURES else "float32"
