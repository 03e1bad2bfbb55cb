"""Measure the speed of encoding by the shape of a batch: its number of rows, and the multiple to which the lengths of
its inputs are rounded up.

    python -m benchmarks.batch_shapes [--precision int8] [--threads 2] [--repeats 3] [FOLDER]

Encodes the passages of the Markdown files in FOLDER (default: knowledge) with the default encoder, in batches of each
shape in turn, and prints the tokens per second of each shape: the best of the repeats, padding not counted.
"""

import argparse
import tempfile
import time
from pathlib import Path

from knowligo_index import parsers
from knowligo_index.chunking.chunker import chunk_document
from knowligo_index.chunking.options import ChunkingOptions
from knowligo_index.encoders import EncoderOptions, find_encoder, model_encoder
from knowligo_index.encoders.batches import Shape
from knowligo_index.encoders.exported import open_exported
from knowligo_index.sources import SourceOptions
from knowligo_index.sources.inventory import take_inventory
from knowligo_index.system.cpu import default_threads, limit_threads

SHAPES = [(rows, step) for step in (8, 16, 32) for rows in (1, 2, 4, 8)]


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folder", type=Path, nargs="?", default=Path("knowledge"), help="folder with the documents")
    arguments.add_argument(
        "--precision", choices=["float32", "bfloat16", "int8"], default="int8", help="of the encoder"
    )
    arguments.add_argument("--threads", type=int, default=default_threads(), help="threads of the encoder")
    arguments.add_argument("--repeats", type=int, default=3, help="number of measurements of each shape")
    options = arguments.parse_args()
    limit_threads(options.threads)
    model = find_encoder(EncoderOptions(precision=options.precision))
    tokenizer = model.tokenizer()
    inventory = take_inventory(options.folder, parsers.suffixes(), options.folder / "questions.jsonl", SourceOptions())
    inputs = [
        chunk.encoder_input
        for source in inventory.sources
        if source.format == "markdown"
        for chunk in chunk_document(parsers.parse(source, source.path.read_bytes()), ChunkingOptions(), tokenizer)
    ]
    tokens = sum(tokenizer.count_inputs(inputs))
    with tempfile.TemporaryDirectory() as target:
        model.export(Path(target))
        encoder = model.load(open_exported(Path(target)), options.threads)
    seconds = {shape: float("inf") for shape in SHAPES}
    # The first round only compiles the model for each shape, and is not measured.
    for repeat in range(options.repeats + 1):
        for rows, step in SHAPES:
            vars(model_encoder)["PASSAGES"] = Shape(rows, step)
            start = time.perf_counter()
            encoder.encode_passages(inputs)
            if repeat:
                seconds[rows, step] = min(seconds[rows, step], time.perf_counter() - start)
    print(f"{len(inputs)} passages, {tokens:,} tokens, {options.precision}, {options.threads} threads")
    print("| rows | lengths rounded up to | tokens/s |")
    print("| --- | --- | --- |")
    for rows, step in SHAPES:
        print(f"| {rows} | {step} | {tokens / seconds[rows, step]:,.0f} |")


if __name__ == "__main__":
    main()
