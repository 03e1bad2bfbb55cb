"""The fast engine: OpenVINO on an export of the model. Imports neither torch nor transformers.

Call `go_offline` before this is imported: openvino sends telemetry where it can.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

import numpy as np
import openvino as ov

from knowligo_index.arrays import FloatMatrix
from knowligo_index.cpu import cpu_features
from knowligo_index.encoders.batches import TokenBatch
from knowligo_index.encoders.choice import BFLOAT16_FEATURES
from knowligo_index.encoders.embedding_cut import input_names, model_inputs
from knowligo_index.encoders.token_embeddings import TokenEmbeddings


def precision_hint(precision: str, features: AbstractSet[str]) -> str:
    """What is computed in where the model itself doesn't say: in int8, everything but the matrix products. On a CPU
    without bfloat16 that is float32: OpenVINO would imitate the other slowly or, without AVX-512, refuse the model."""
    return "bf16" if precision == "bfloat16" and features & BFLOAT16_FEATURES else "f32"


class OpenVinoSession:
    """A Session on an exported model. Each of the `threads` computes a batch of its own, so that no batch is computed
    by two, and none waits for the other."""

    def __init__(self, model: Path, precision: str, threads: int, embeddings: TokenEmbeddings | None = None) -> None:
        """`embeddings` is the table that was cut out of the model, if it was."""
        self._embeddings = embeddings
        compiled = ov.Core().compile_model(
            model,
            "CPU",
            {
                "NUM_STREAMS": str(threads),
                "INFERENCE_NUM_THREADS": threads,
                "INFERENCE_PRECISION_HINT": precision_hint(precision, cpu_features()),
                # Pinned to cores, streams of two processes would share some cores and leave others idle.
                "ENABLE_CPU_PINNING": False,
            },
        )
        self._inputs = input_names(compiled)
        # Twice as many as can run, so that the next batch is there when a thread comes free.
        self._requests = [compiled.create_infer_request() for _ in range(2 * threads if threads > 1 else 1)]

    def run(self, batches: Iterable[TokenBatch | None]) -> Iterator[FloatMatrix]:
        free = deque(self._requests)
        running: deque[ov.InferRequest] = deque()
        try:
            for batch in batches:
                if batch is None:
                    while running:
                        yield _take(running, free)
                    continue
                if not free:
                    yield _take(running, free)
                request = free.popleft()
                request.start_async(model_inputs(batch.input_ids, batch.attention_mask, self._inputs, self._embeddings))
                running.append(request)
            while running:
                yield _take(running, free)
        finally:
            # Whoever stops in the middle must not leave a request computing into arrays that are gone.
            for request in running:
                request.wait()


def _take(running: deque[ov.InferRequest], free: deque[ov.InferRequest]) -> FloatMatrix:
    """The vectors of the request that started first, once it has ended."""
    request = running.popleft()
    request.wait()
    free.append(request)
    # A copy: the request's own array is the next batch's.
    return np.array(request.get_output_tensor().data, dtype=np.float32)


def engine_libraries() -> list[Path]:
    """The files of OpenVINO's code."""
    return sorted(Path(ov.__file__).parent.glob("libs/libopenvino*.so*"))
