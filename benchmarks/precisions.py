"""Compare the search quality and the speed of the encoder's engines and precisions.

    python -m benchmarks.precisions ../shared/data/xquad/en ../shared/data/xquad/es [--threads 2]

Encodes the documents of each folder, which is in the layout of BEIR (corpus.jsonl, queries.jsonl, qrels/test.tsv), with
the default encoder, and prints for each engine and precision: nDCG@10 of a dense search, the mean and the lowest cosine
between the vectors of a document and those that the torch engine gives it, and the tokens of documents encoded per
second. The time of exporting the encoder is not included.
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.beir import mean_ndcg, read_retrieval_set
from knowligo_index.encoders import EncoderOptions, find_encoder
from knowligo_index.encoders.exported import open_exported
from knowligo_index.system.arrays import FloatMatrix
from knowligo_index.system.cpu import default_threads, limit_threads

OPTIONS = (
    EncoderOptions(engine="torch"),
    EncoderOptions(engine="openvino", precision="float32"),
    EncoderOptions(engine="openvino", precision="bfloat16"),
    EncoderOptions(engine="openvino", precision="int8"),
)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("folders", type=Path, nargs="+", help="folder in the layout of BEIR")
    arguments.add_argument("--threads", type=int, default=default_threads(), help="threads of the encoder")
    options = arguments.parse_args()
    limit_threads(options.threads)
    print("| documents | engine | precision | nDCG@10 | mean cosine | lowest cosine | tokens/s |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    sets = {folder: read_retrieval_set(folder) for folder in options.folders}
    # The first options are those of torch, the reference.
    reference: dict[Path, FloatMatrix] = {}
    for encoder_options in OPTIONS:
        model = find_encoder(encoder_options)
        with tempfile.TemporaryDirectory() as target:
            model.export(Path(target))
            encoder = model.load(open_exported(Path(target)), options.threads)
        # The first call compiles the model, which is not measured.
        encoder.encode_passages(["warm-up"])
        for folder, data in sets.items():
            texts = list(data.documents.values())
            tokens = sum(min(count, encoder.description.max_tokens) for count in model.tokenizer().count_inputs(texts))
            start = time.perf_counter()
            documents = encoder.encode_passages(texts)
            seconds = time.perf_counter() - start
            quality = mean_ndcg(data, documents, encoder.encode_queries(data.question_texts))
            cosines = np.sum(documents * reference.setdefault(folder, documents), axis=1)
            print(
                f"| {folder.parent.name}/{folder.name} | {encoder.description.engine} | "
                f"{encoder.description.precision} | {quality:.4f} | {cosines.mean():.5f} | {cosines.min():.5f} | "
                f"{tokens / seconds:,.0f} |"
            )


if __name__ == "__main__":
    main()
