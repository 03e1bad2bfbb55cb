"""The fast engine: OpenVINO runs an export of the model. This imports neither torch nor transformers.

Call `go_offline` before this is imported, since OpenVINO sends telemetry.
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
from knowligo_index.encoders.embedding_cut import input_names, model_inputs
from knowligo_index.encoders.engine_choice import BFLOAT16_FEATURES
from knowligo_index.encoders.exported_files import ModelFiles
from knowligo_index.encoders.protocol import Flush
from knowligo_index.encoders.token_embeddings import TokenEmbeddings
from knowligo_index.system.arrays import FloatMatrix
from knowligo_index.system.cpu import cpu_features
from knowligo_index.system.hashing import canonical_sha256


def precision_hint(precision: str, features: AbstractSet[str]) -> str:
    """OpenVINO's precision for operations whose precision the model does not fix; in int8 it fixes that of the matrix
    products alone. On a CPU without bfloat16 the hint is float32: OpenVINO would emulate bfloat16 slowly or, without
    AVX-512, reject the model."""
    return "bf16" if precision == "bfloat16" and features & BFLOAT16_FEATURES else "f32"


def this_platform() -> str | None:
    """A hash of the platform on which a compiled model can be used: this release of OpenVINO on a CPU with these
    features. None where the features are not known."""
    features = cpu_features()
    return canonical_sha256([ov.get_version(), sorted(features)]) if features else None


def compiled_model(model: ModelFiles, precision: str) -> bytes:
    """A model, compiled for an OpenVinoSession on the same platform, which opens it in a third of
    the time of a compilation. The same model gives the same bytes."""
    core = ov.Core()
    compiled = core.compile_model(_read(core, model), "CPU", _properties(precision, threads=1))
    with io.BytesIO() as stream:
        compiled.export_model(stream)
        return stream.getvalue()


class OpenVinoSession:
    """A Session on an exported model. Each of the `threads` computes whole batches, so that no thread waits for
    another."""

    def __init__(
        self, model: ModelFiles, precision: str, threads: int, embeddings: TokenEmbeddings | None = None
    ) -> None:
        """`embeddings` is the table that was cut out of the model, if there is one. Raises DamagedIndexError."""
        self._embeddings = embeddings
        opened = _opened(model, _properties(precision, threads))
        self._inputs = input_names(opened)
        # Twice as many requests as can run, so that the next one is ready when a thread becomes free.
        self._requests = [opened.create_infer_request() for _ in range(2 * threads if threads > 1 else 1)]

    def run(self, batches: Iterable[TokenBatch | Flush]) -> Iterator[FloatMatrix]:
        free = deque(self._requests)
        running: deque[ov.InferRequest] = deque()
        try:
            for batch in batches:
                if isinstance(batch, Flush):
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
            # A caller may stop in the middle: no request may then compute into arrays that no longer exist.
            for request in running:
                request.wait()


def _properties(precision: str, threads: int) -> dict[str, object]:
    """The properties with which OpenVINO compiles a model."""
    return {
        "NUM_STREAMS": str(threads),
        "INFERENCE_NUM_THREADS": threads,
        "INFERENCE_PRECISION_HINT": precision_hint(precision, cpu_features()),
        # If they were pinned to cores, the streams of two processes would share some cores and leave others idle.
        "ENABLE_CPU_PINNING": False,
    }


def _opened(model: ModelFiles, properties: dict[str, object]) -> ov.CompiledModel:
    core = ov.Core()
    if model.compiled is not None:
        data = model.files.read(model.compiled)
        # Where the plugin rejects the compiled model, the only loss is the time of a compilation.
        with contextlib.suppress(RuntimeError):
            return core.import_model(data, "CPU", properties)
    return core.compile_model(_read(core, model), "CPU", properties)


def _read(core: ov.Core, model: ModelFiles) -> ov.Model:
    """The model, from the bytes that were compared with their hashes. OpenVINO maps the weights as long as the model is
    in use: not the file itself, which others can change, but a copy in memory."""
    files = model.files
    with contextlib.ExitStack() as to_close:
        copies = [files.sealed(model.model), files.sealed(model.weights)]
        paths = [to_close.enter_context(copy).path for copy in copies if copy is not None]
        if len(paths) == len(copies):
            return core.read_model(*paths)
    return core.read_model(files.read(model.model), files.read(model.weights))


def _take(running: deque[ov.InferRequest], free: deque[ov.InferRequest]) -> FloatMatrix:
    """Wait for the request that started first, and return its embeddings."""
    request = running.popleft()
    request.wait()
    free.append(request)
    # A copy, since the next batch overwrites the array of the request.
    return np.array(request.get_output_tensor().data, dtype=np.float32)


def engine_libraries() -> list[Path]:
    """The files of OpenVINO's code."""
    return sorted(Path(ov.__file__).parent.glob("libs/libopenvino*.so*"))
