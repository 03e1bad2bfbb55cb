"""How many rows a batch should have, and how lengths should be rounded.

    python -m benchmarks.batch_shapes [--precision int8] [--threads 2] [--repeats 3] [FOLDER]

Encodes the passages of FOLDER (default: knowledge) with the default encoder in batches of other shapes than the
package's own, in turns, and prints the tokens a second of each: best of the repeats, padding not counted.
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
    arguments.add_argument("folder", type=Path, nargs="?", default=Path("knowledge"))
    arguments.add_argument("--precision", choices=["float32", "bfloat16", "int8"], default="int8")
    arguments.add_argument("--threads", type=int, default=default_threads())
    arguments.add_argument("--repeats", type=int, default=3)
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
    # The first turn prepares the shapes.
    for turn in range(options.repeats + 1):
        for rows, step in SHAPES:
            vars(model_encoder)["PASSAGES"] = Shape(rows, step)
            start = time.perf_counter()
            encoder.encode_passages(inputs)
            if turn:
                seconds[rows, step] = min(seconds[rows, step], time.perf_counter() - start)
    print(f"{len(inputs)} passages, {tokens:,} tokens, {options.precision}, {options.threads} threads")
    print("| rows | lengths rounded up to | tokens/s |")
    print("| --- | --- | --- |")
    for rows, step in SHAPES:
        print(f"| {rows} | {step} | {tokens / seconds[rows, step]:,.0f} |")


if __name__ == "__main__":
    main()
