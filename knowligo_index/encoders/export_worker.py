"""The process that exports a model: `python -m knowligo_index.encoders.export_worker`, with an ExportTask on standard
input. The same model gives the same bytes."""

import json
import os
import shutil
import sys
import warnings
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from knowligo_index.encoders import go_offline
from knowligo_index.encoders.e5_folder import EMBEDDINGS_FILE as Q4_EMBEDDINGS_FILE
from knowligo_index.encoders.embedded import as_model_folder
from knowligo_index.encoders.embedding_cut import cut_embeddings, input_names, model_inputs
from knowligo_index.encoders.export import ExportFailure, ExportTask
from knowligo_index.encoders.exported import (
    COMPILED_FILE,
    EMBEDDINGS_FILE,
    MODEL_FILE,
    TOKENIZER_FILE,
    ExportedEncoder,
    seal_exported,
)
from knowligo_index.encoders.int8_texts import calibration_texts
from knowligo_index.encoders.model_folder import padding_id, tokenizer_definition
from knowligo_index.encoders.protocol import Encoder, EncoderDescription
from knowligo_index.encoders.table_layout import TableKind, TableLayout
from knowligo_index.encoders.token_embeddings import TokenEmbeddings
from knowligo_index.encoders.tokens import ModelTokenizer
from knowligo_index.errors import EncoderError
from knowligo_index.system.arrays import FloatMatrix

if TYPE_CHECKING:
    import openvino as ov

    from knowligo_index.encoders.torch_engine import SentenceEmbedding

# What the worst of some calibration texts must reach, as cosine to the model in torch. Of the default encoder the
# worst of all the texts has 1.00000, 0.99998 and 0.998.
_COSINE_FLOORS = {"float32": 0.9999, "bfloat16": 0.999, "int8": 0.95}
_CHECKED_TEXTS = 16

# A question has about as many words.
_QUESTION_WORDS = 10


def main() -> None:
    """Export what standard input says."""
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=ExportTask)
    # What a library prints must not get between the words of the reply.
    reply = os.dup(1)
    os.dup2(2, 1)
    go_offline()
    try:
        _export(task)
    except EncoderError as error:
        failure = ExportFailure(str(error))
    except ModuleNotFoundError as error:
        failure = ExportFailure(
            f"exporting an encoder needs the package {error.name}: install it with "
            "`pip install 'knowligo-index[build]'`.",
            missing_package=True,
        )
    else:
        return
    os.write(reply, msgspec.json.encode(failure))
    sys.exit(1)


def _export(task: ExportTask) -> None:
    with as_model_folder(Path(task.model)) as folder:
        _export_folder(folder, Path(task.target), task.description)


def _export_folder(folder: Path, target: Path, description: EncoderDescription) -> None:
    import openvino as ov

    from knowligo_index.encoders.torch_engine import load_module

    definition, padding = tokenizer_definition(folder), padding_id(folder)
    tokenizer = ModelTokenizer(folder, json.dumps(definition), description, padding)
    module = load_module(folder, tokenizer)
    model = _convert(module)
    layout = _write_embeddings(cut_embeddings(model), folder / Q4_EMBEDDINGS_FILE, target, description.precision)
    texts = calibration_texts()
    if description.precision == "int8":
        embeddings = TokenEmbeddings(target / EMBEDDINGS_FILE, layout) if layout else None
        inputs = tokenizer.inputs([description.passage_prompt + text for text in texts])
        model = _quantised(model, inputs, embeddings)
    for number, node in enumerate(model.get_ordered_ops()):
        # Names that the converter draws from a counter differ from one run to the next.
        node.set_friendly_name(f"node{number}")
    # A weight in 16 bits has 3 more of mantissa than bfloat16 has: half the bytes, in an image and in memory.
    ov.save_model(model, target / MODEL_FILE, compress_to_fp16=description.precision == "bfloat16")
    (target / TOKENIZER_FILE).write_text(json.dumps(definition, ensure_ascii=False), encoding="utf-8")
    compiled_for = _compile(target, description.precision) if description.precision == "int8" else None
    exported = ExportedEncoder(target, description, padding, layout, compiled_for=compiled_for)
    encoder = exported.load(threads=1, tokenizer=tokenizer)
    check_export(encoder, module, tokenizer, texts[:: len(texts) // _CHECKED_TEXTS])
    seal_exported(replace(exported, unrelated_cosine=unrelated_cosine(encoder, texts)))


def _compile(target: Path, precision: str) -> str | None:
    """Put the compiled model beside the model. The platform that it is for; None where that cannot be told, and nothing
    is written."""
    from knowligo_index.encoders.openvino_engine import compiled_model, this_platform

    platform = this_platform()
    if platform is not None:
        (target / COMPILED_FILE).write_bytes(compiled_model(target / MODEL_FILE, precision))
    return platform


def _write_embeddings(table: FloatMatrix | None, shipped: Path, target: Path, precision: str) -> TableLayout | None:
    """Put the table that was cut out of a model beside it: as it was shipped, where it came in a file of its own, else
    in half precision, unless everything is computed in float32."""
    if table is None:
        return None
    if shipped.is_file():
        shutil.copyfile(shipped, target / EMBEDDINGS_FILE)
        return TableLayout("q4_0", table.shape[1])
    kind: TableKind = "float32" if precision == "float32" else "float16"
    table.astype(np.dtype(kind).newbyteorder("<")).tofile(target / EMBEDDINGS_FILE)
    return TableLayout(kind, table.shape[1])


def _convert(module: "SentenceEmbedding") -> "ov.Model":
    import openvino as ov
    import torch

    example = {name: torch.ones(2, 16, dtype=torch.int64) for name in ("input_ids", "attention_mask")}
    shapes = [(name, [-1, -1], np.int64) for name in example]
    with torch.no_grad(), warnings.catch_warnings():
        # The tracer's, about branches that every input takes the same way.
        warnings.simplefilter("ignore")
        return ov.convert_model(module, example_input=example, input=shapes)


def _quantised(model: "ov.Model", inputs: list[list[int]], embeddings: TokenEmbeddings | None) -> "ov.Model":
    """`model` with weights and activations of its matrix products in int8, calibrated on these token ids."""
    import nncf

    data = [
        model_inputs(
            np.array([ids], dtype=np.int64), np.ones((1, len(ids)), dtype=np.int64), input_names(model), embeddings
        )
        for ids in inputs
    ]
    return nncf.quantize(
        model,
        nncf.Dataset(data),
        model_type=nncf.ModelType.TRANSFORMER,
        preset=nncf.QuantizationPreset.MIXED,
        subset_size=len(data),
        # Correcting biases takes a sixth of the time and moves no cosine to float32 by more than 0.00001 on average.
        advanced_parameters=nncf.AdvancedQuantizationParameters(disable_bias_correction=True),
    )


def check_export(encoder: Encoder, module: "SentenceEmbedding", tokenizer: ModelTokenizer, texts: list[str]) -> None:
    """Raises EncoderError where the export gives other vectors than the model in torch."""
    from knowligo_index.encoders.model_encoder import ModelEncoder
    from knowligo_index.encoders.torch_engine import TorchSession

    description = encoder.description
    expected = ModelEncoder(description, tokenizer, TorchSession(module, threads=1)).encode_passages(texts)
    found = encoder.encode_passages(texts)
    worst = float(np.min(np.sum(expected * found, axis=1)))
    floor = _COSINE_FLOORS[description.precision]
    if not worst >= floor:
        raise EncoderError(
            f"encoder {description.id} in {description.precision} gives other vectors than in float32 (cosine "
            f"{worst:.4f}, {floor} needed): choose another --precision, or --engine torch."
        )


def unrelated_cosine(encoder: Encoder, texts: Sequence[str]) -> float:
    """Mean cosine of a question and a passage that has nothing to do with it, to three places: of the first words of
    some texts with all of the others. A property of the encoder: some give nothing below 0.7."""
    some = texts[:: max(1, len(texts) // _CHECKED_TEXTS)]
    questions = encoder.encode_queries([" ".join(text.split()[:_QUESTION_WORDS]) for text in some])
    cosines = questions @ encoder.encode_passages(some).T
    return round(float(cosines[~np.eye(len(some), dtype=bool)].mean()), 3) if len(some) > 1 else 0.0


if __name__ == "__main__":
    main()
