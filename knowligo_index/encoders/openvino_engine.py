"""The fast engine: OpenVINO on an export of the model. Imports neither torch nor transformers.

Call `go_offline` before this is imported: openvino sends telemetry where it can.
"""

import contextlib
import io
from collections import deque
from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from pathlib import Path

import numpy as np
import openvino as ov

from knowligo_index.encoders.batches import TokenBatch
from knowligo_index.encoders.choice import BFLOAT16_FEATURES
from knowligo_index.encoders.embedding_cut import input_names, model_inputs
from knowligo_index.encoders.token_embeddings import TokenEmbeddings
from knowligo_index.system.arrays import FloatMatrix
from knowligo_index.system.cpu import cpu_features
from knowligo_index.system.hashing import canonical_sha256


def precision_hint(precision: str, features: AbstractSet[str]) -> str:
    """What is computed in where the model itself doesn't say: in int8, everything but the matrix products. On a CPU
    without bfloat16 that is float32: OpenVINO would imitate the other slowly or, without AVX-512, refuse the model."""
    return "bf16" if precision == "bfloat16" and features & BFLOAT16_FEATURES else "f32"


def this_platform() -> str | None:
    """A hash of what a compiled model is good for: this release of OpenVINO on a CPU of these features. None where the
    features are not known."""
    features = cpu_features()
    return canonical_sha256([ov.get_version(), sorted(features)]) if features else None


def compiled_model(model: Path, precision: str) -> bytes:
    """The model at `model` compiled, to be opened by an OpenVinoSession on the same platform, in a third of the time
    that compiling takes. The same model gives the same bytes."""
    compiled = ov.Core().compile_model(model, "CPU", _properties(precision, threads=1))
    with io.BytesIO() as stream:
        compiled.export_model(stream)
        return stream.getvalue()


class OpenVinoSession:
    """A Session on an exported model. Each of the `threads` computes a batch of its own, so that no batch is computed
    by two, and none waits for the other."""

    def __init__(
        self,
        model: Path,
        precision: str,
        threads: int,
        embeddings: TokenEmbeddings | None,
        compiled: Path | None = None,
    ) -> None:
        """`embeddings` is the table that was cut out of the model, if it was; `compiled` is what `compiled_model` gave
        for the model on this platform, if that is there."""
        self._embeddings = embeddings
        opened = _opened(model, compiled, _properties(precision, threads))
        self._inputs = input_names(opened)
        # Twice as many as can run, so that the next batch is there when a thread comes free.
        self._requests = [opened.create_infer_request() for _ in range(2 * threads if threads > 1 else 1)]

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


def _properties(precision: str, threads: int) -> dict[str, object]:
    """What OpenVINO is asked for."""
    return {
        "NUM_STREAMS": str(threads),
        "INFERENCE_NUM_THREADS": threads,
        "INFERENCE_PRECISION_HINT": precision_hint(precision, cpu_features()),
        # Pinned to cores, streams of two processes would share some cores and leave others idle.
        "ENABLE_CPU_PINNING": False,
    }


def _opened(model: Path, compiled: Path | None, properties: dict[str, object]) -> ov.CompiledModel:
    core = ov.Core()
    if compiled is not None:
        # Where the plugin does not take it after all, all that is lost is the time to compile the model.
        with contextlib.suppress(RuntimeError):
            return core.import_model(compiled.read_bytes(), "CPU", properties)
    return core.compile_model(model, "CPU", properties)


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
