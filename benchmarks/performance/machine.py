"""The machine that the figures are from, and the peak speed of its arithmetic."""

import os
import platform
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from knowligo_index.encoders import go_offline
from knowligo_index.system.cpu import available_cpus, cpu_features

# The instructions that matter for matrix products.
_SHOWN_FEATURES = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "avx_vnni", "amx_int8", "amx_bf16")

# Rows, inputs and outputs of the matrix product whose speed counts as the peak. It is so large that its operands do not
# fit into the CPU caches.
_GEMM = (2048, 2048, 2048)

# Products that are computed one after the other, so that reading the input and writing the output of the whole takes a
# small share of the time.
_CHAIN = 8


@dataclass(frozen=True, slots=True)
class Machine:
    """What the head of the table says about the machine."""

    cpu: str
    """model name"""
    features: list[str]
    cpus: int
    """number of CPUs that this process may use"""
    memory_gb: float
    system: str


def this_machine() -> Machine:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    features = [feature for feature in _SHOWN_FEATURES if feature in cpu_features()]
    return Machine(name or platform.machine(), features, available_cpus(), round(memory, 1), platform.platform())


def gemm_peak(precision: str, threads: int, seconds: float = 3.0) -> float:
    """Operations per second of a large matrix product with constant weights in OpenVINO: the best of the products
    within `seconds`. A multiply-add counts as two operations; in int8 they are integer operations."""
    go_offline()
    import openvino as ov

    model = _matmul(precision)
    hint = "bf16" if precision == "bfloat16" else "f32"
    compiled = ov.Core().compile_model(
        model, "CPU", {"INFERENCE_PRECISION_HINT": hint, "INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": "1"}
    )
    request = compiled.create_infer_request()
    data = np.random.default_rng(0).standard_normal(_GEMM[:2]).astype(np.float32)
    request.infer({0: data})
    fastest = float("inf")
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        request.infer({0: data})
        fastest = min(fastest, time.perf_counter() - start)
    rows, inputs, outputs = _GEMM
    return 2 * rows * inputs * outputs * _CHAIN / fastest


def _matmul(precision: str) -> Any:
    import openvino as ov
    from openvino import opset13 as ops

    random = np.random.default_rng(0)
    rows, inputs, outputs = _GEMM
    parameter = ops.parameter([rows, inputs], np.float32, name="x")
    node = parameter
    for _ in range(_CHAIN):
        weights = (random.standard_normal((outputs, inputs)) / np.sqrt(inputs)).astype(np.float32)
        node = ops.matmul(node, ops.constant(weights), transpose_a=False, transpose_b=True)
    model = ov.Model([ops.result(node)], [parameter], "gemm")
    if precision != "int8":
        return model
    import nncf

    data = [random.standard_normal((rows, inputs)).astype(np.float32) for _ in range(2)]
    return nncf.quantize(model, nncf.Dataset(data), subset_size=2)
