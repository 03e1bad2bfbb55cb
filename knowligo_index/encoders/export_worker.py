"""The process that exports a model: `python -m knowligo_index.encoders.export_worker`, with an ExportTask on standard
input. The same model is always exported to the same bytes."""

import json
import os
import sys
from dataclasses import replace
from pathlib import Path

import msgspec

from knowligo_index.encoders.e5_folder import EMBEDDINGS_FILE as SHIPPED_EMBEDDINGS_FILE
from knowligo_index.encoders.embedding_cut import cut_embeddings
from knowligo_index.encoders.export import ExportFailure, ExportTask
from knowligo_index.encoders.export_texts import calibration_texts, check_texts
from knowligo_index.encoders.exported import (
    COMPILED_FILE,
    EMBEDDINGS_FILE,
    MODEL_FILE,
    TOKENIZER_FILE,
    WEIGHTS_FILE,
    ExportedEncoder,
    seal_exported,
)
from knowligo_index.encoders.exported_files import ExportedFiles, ModelFiles
from knowligo_index.encoders.model_folder import padding_id, tokenizer_definition
from knowligo_index.encoders.offline import go_offline
from knowligo_index.encoders.packaged_models import as_model_folder
from knowligo_index.encoders.protocol import EncoderDescription
from knowligo_index.encoders.token_embeddings import TokenEmbeddings
from knowligo_index.encoders.tokenizer import ModelTokenizer
from knowligo_index.errors import EncoderError, MissingExtraError


def main() -> None:
    """Export the model of the task on standard input. Where that fails, write an ExportFailure to standard output."""
    task = msgspec.json.decode(sys.stdin.buffer.read(), type=ExportTask)
    # Libraries print to standard output, which must hold nothing but the failure: they write to standard error.
    reply = os.dup(1)
    os.dup2(2, 1)
    go_offline()
    try:
        with as_model_folder(Path(os.fsdecode(task.model))) as folder:
            _export(folder, Path(os.fsdecode(task.target)), task.description)
    except EncoderError as error:
        failure = ExportFailure(str(error))
    except ModuleNotFoundError as error:
        missing = MissingExtraError.for_package("exporting an encoder", error.name)
        failure = ExportFailure(str(missing), missing_package=True)
    else:
        return
    os.write(reply, msgspec.json.encode(failure))
    sys.exit(1)


def _export(folder: Path, target: Path, description: EncoderDescription) -> None:
    import openvino as ov

    from knowligo_index.encoders.conversion import convert, quantize, write_embeddings
    from knowligo_index.encoders.export_check import check_export, unrelated_cosine
    from knowligo_index.encoders.torch_engine import load_module

    definition, padding = tokenizer_definition(folder), padding_id(folder)
    tokenizer = ModelTokenizer(folder, json.dumps(definition), description, padding)
    module = load_module(folder, tokenizer)
    model = convert(module)
    table = cut_embeddings(model)
    layout = None
    if table is not None:
        layout = write_embeddings(table, folder / SHIPPED_EMBEDDINGS_FILE, target, description.precision)
    if description.precision == "int8":
        embeddings = TokenEmbeddings(target / EMBEDDINGS_FILE, layout) if layout else None
        inputs = tokenizer.inputs([description.passage_prompt + text for text in calibration_texts()])
        model = quantize(model, inputs, embeddings)
    for number, node in enumerate(model.get_ordered_ops()):
        # The converter numbers its names with a counter, so that they differ from one run to the next.
        node.set_friendly_name(f"node{number}")
    # float16 has 3 more bits of mantissa than bfloat16: nothing is lost, in half the bytes on disk and in memory.
    ov.save_model(model, target / MODEL_FILE, compress_to_fp16=description.precision == "bfloat16")
    (target / TOKENIZER_FILE).write_text(json.dumps(definition, ensure_ascii=False), encoding="utf-8")
    compiled_for = _compile(target, description.precision) if description.precision == "int8" else None
    exported = ExportedEncoder(target, description, padding, layout, compiled_for=compiled_for)
    encoder = exported.load(threads=1, tokenizer=tokenizer)
    check_export(encoder, module, tokenizer, check_texts())
    seal_exported(replace(exported, unrelated_cosine=unrelated_cosine(encoder, check_texts())))


def _compile(target: Path, precision: str) -> str | None:
    """Write the compiled model next to the model, and return the platform that it is for. Where the platform is not
    known, write nothing and return None."""
    from knowligo_index.encoders.openvino_engine import compiled_model, this_platform

    platform = this_platform()
    if platform is not None:
        model = ModelFiles(ExportedFiles(target, None), MODEL_FILE, WEIGHTS_FILE, None)
        (target / COMPILED_FILE).write_bytes(compiled_model(model, precision))
    return platform


if __name__ == "__main__":
    main()
