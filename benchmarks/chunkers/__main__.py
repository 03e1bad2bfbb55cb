"""Compare the chunker with the text splitters of other libraries, by what a search finds in their passages.

    make .venv-peers/.done
    .venv/bin/python -m benchmarks.chunkers ../shared/data [--chunk-tokens 256] [--peers-python PATH]

The documents are the FastAPI pages and the PDFs, all as text: of Markdown the file, of a PDF the canonical text. The
questions are those of three files in benchmarks/questions, whose answers are marked: fastapi, pdf and
fastapi-held-out. They were written before anything was measured. Questions of the first two files whose hash is even
are the tuning half ("tune"), on which options may be chosen; the other half and all of the third file, which was
written later, are held out ("held-out").

The passages of every splitter are encoded by the same encoder and searched by the same hybrid search. Hits are read
until 1,000 tokens are full; the last one as far as it fits. Printed are means over the questions:

    recall     share of the characters of the answer that were read
    precision  share of the characters read that belong to the answer
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean

from benchmarks.chunkers.answers import Answer, locate_answers, read_documents
from benchmarks.chunkers.reading import Reading, search_and_read
from benchmarks.retrieval import QUESTIONS
from knowligo_index.chunking.chunked_document import ChunkedDocument
from knowligo_index.chunking.chunker import chunk_document
from knowligo_index.chunking.options import ChunkingOptions
from knowligo_index.encoders import EncoderModel, EncoderOptions, find_encoder
from knowligo_index.encoders.exported import open_exported
from knowligo_index.encoders.packaged_models import as_model_folder
from knowligo_index.encoders.protocol import TokenCounter
from knowligo_index.system.cpu import available_cpus
from knowligo_index.types import Chunk, Document

FILES = ("fastapi", "pdf", "fastapi-held-out")

Spans = list[tuple[int, int]]
"""start and end of each passage, in characters"""


def main() -> None:
    arguments = argparse.ArgumentParser(
        prog="python -m benchmarks.chunkers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    arguments.add_argument("data", type=Path, help="folder with fastapi-docs and pdf")
    arguments.add_argument(
        "--chunk-tokens",
        type=int,
        nargs="+",
        default=[256],
        help="maximum numbers of tokens of a passage, for the chunker of this project",
    )
    arguments.add_argument(
        "--peers-python",
        type=Path,
        default=Path(".venv-peers/bin/python"),
        help="the interpreter of the environment with the other libraries",
    )
    options = arguments.parse_args()
    if not options.peers_python.is_file():
        sys.exit(f"There is no interpreter {options.peers_python}: run `make .venv-peers/.done` first.")
    documents = read_documents([options.data / "fastapi-docs", options.data / "pdf"])
    answers = locate_answers([QUESTIONS / f"{name}.jsonl" for name in FILES], documents)
    model = find_encoder(EncoderOptions())
    print_header()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "encoder").mkdir()
        model.export(folder / "encoder")
        export = open_exported(folder / "encoder")
        encoder = model.load(export, available_cpus())
        counter = model.tokenizer()
        peer_spans = run_peers(documents, model, options.peers_python, folder)
        for splitter, chunked in (
            *chunked_here(documents, options.chunk_tokens, counter),
            *chunked_by_peers(documents, peer_spans, counter),
        ):
            readings = search_and_read(chunked, answers, encoder, export, folder)
            print_row(splitter, sum(len(document.chunks) for document in chunked), answers, readings)


def chunked_here(
    documents: Mapping[str, Document], sizes: Sequence[int], counter: TokenCounter
) -> Iterator[tuple[str, list[ChunkedDocument]]]:
    """The name of each row of this project's chunker, and the documents as it cuts them."""
    for tokens in sizes:
        chunking = ChunkingOptions(chunk_tokens=tokens)
        yield (
            f"knowligo-index, {tokens} tokens",
            [
                ChunkedDocument(document, "", tuple(chunk_document(document, chunking, counter)))
                for document in documents.values()
            ],
        )


def chunked_by_peers(
    documents: Mapping[str, Document], spans: Mapping[str, Mapping[str, Spans]], counter: TokenCounter
) -> Iterator[tuple[str, list[ChunkedDocument]]]:
    """The name of each other splitter, and the documents as it cuts them; `spans` are by splitter and document."""
    for splitter, spans_by_document in spans.items():
        yield (
            splitter,
            [
                ChunkedDocument(document, "", chunks_of_spans(document, spans_by_document[name], counter))
                for name, document in documents.items()
            ],
        )


def chunks_of_spans(document: Document, spans: Spans, counter: TokenCounter) -> tuple[Chunk, ...]:
    """Chunks of these spans of the text, without headings or breadcrumb."""
    texts = [document.text[start:end] for start, end in spans]
    return tuple(
        Chunk(text, start, end, (), "", None, None, None, None, tokens)
        for text, (start, end), tokens in zip(texts, spans, counter.count_inputs(texts), strict=True)
    )


def run_peers(
    documents: Mapping[str, Document], model: EncoderModel, python: Path, folder: Path
) -> dict[str, dict[str, Spans]]:
    """The spans into which the other splitters cut the documents, by splitter and document."""
    texts_path, spans_path = folder / "texts.json", folder / "spans.json"
    texts_path.write_text(json.dumps({name: document.text for name, document in documents.items()}), encoding="utf-8")
    with as_model_folder(model.path) as model_folder:
        command = [python, Path(__file__).with_name("split.py"), texts_path, model_folder, spans_path]
        subprocess.run(command, check=True)
    spans: dict[str, dict[str, Spans]] = json.loads(spans_path.read_text(encoding="utf-8"))
    return spans


def print_header() -> None:
    columns = (f"{'recall':>6} {'precision':>9} {half:<8}" for half in ("tune", "held-out", "all"))
    print(f"{'splitter':<42} {'passages':>8}  {'   '.join(columns)}")


def print_row(splitter: str, chunks: int, answers: Sequence[Answer], readings: Sequence[Reading]) -> None:
    cells = []
    for halves in ((False,), (True,), (False, True)):
        counted = [reading for answer, reading in zip(answers, readings, strict=True) if answer.is_held_out in halves]
        recall = fmean(reading.recall for reading in counted)
        precision = fmean(reading.precision for reading in counted)
        size = f"n={len(counted)}"
        cells.append(f"{recall:>6.3f} {precision:>9.4f} {size:<8}")
    print(f"{splitter:<42} {chunks:>8}  {'   '.join(cells)}", flush=True)


if __name__ == "__main__":
    main()
