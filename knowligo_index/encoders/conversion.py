"""Convert a model from torch to OpenVINO and quantize it. This imports torch and NNCF."""

import shutil
import warnings
from pathlib import Path

import numpy as np
import openvino as ov
import torch

from knowligo_index.encoders.embedding_cut import MASK, TOKENS, input_names, model_inputs
from knowligo_index.encoders.embedding_table_layout import TableKind, TableLayout
from knowligo_index.encoders.exported import EMBEDDINGS_FILE
from knowligo_index.encoders.token_embeddings import TokenEmbeddings
from knowligo_index.encoders.torch_engine import SentenceEmbedding
from knowligo_index.system.arrays import FloatMatrix


def convert(module: SentenceEmbedding) -> ov.Model:
    """The model as OpenVINO's, with the inputs TOKENS and MASK, int64 (rows, length)."""
    example = {name: torch.ones(2, 16, dtype=torch.int64) for name in (TOKENS, MASK)}
    shapes = [(name, [-1, -1], np.int64) for name in example]
    with torch.no_grad(), warnings.catch_warnings():
        # torch's tracer warns of branches that depend on the input. Every input takes the same ones.
        warnings.simplefilter("ignore")
        return ov.convert_model(module, example_input=example, input=shapes)


def quantize(model: ov.Model, inputs: list[list[int]], embeddings: TokenEmbeddings | None) -> ov.Model:
    """The model with weights and activations of its matrix products in int8, calibrated on these inputs, which are
    vocabulary ids."""
    import nncf

    names = input_names(model)
    batches = [
        model_inputs(np.array([ids], dtype=np.int64), np.ones((1, len(ids)), dtype=np.int64), names, embeddings)
        for ids in inputs
    ]
    return nncf.quantize(
        model,
        nncf.Dataset(batches),
        model_type=nncf.ModelType.TRANSFORMER,
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(batches),
        # Bias correction takes a sixth of the time and changes the mean cosine to float32 by less than 0.00001.
        advanced_parameters=nncf.AdvancedQuantizationParameters(disable_bias_correction=True),
    )


def write_embeddings(table: FloatMatrix, shipped: Path, target: Path, precision: str) -> TableLayout:
    """Write the table that was cut out of the model into the folder `target`: as it was shipped where the file
    `shipped` exists, else in half precision, or in float32 where the encoder computes in float32."""
    if shipped.is_file():
        shutil.copyfile(shipped, target / EMBEDDINGS_FILE)
        return TableLayout("q4_0", table.shape[1])
    kind: TableKind = "float32" if precision == "float32" else "float16"
    table.astype(np.dtype(kind).newbyteorder("<")).tofile(target / EMBEDDINGS_FILE)
    return TableLayout(kind, table.shape[1])
