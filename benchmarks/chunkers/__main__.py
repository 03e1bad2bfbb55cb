"""Compare our chunks with those of other splitters by what a search finds in them.

    make .venv-peers/.done
    .venv/bin/python -m benchmarks.chunkers ../shared/data [--chunk-tokens 256] [--peers-python PATH]

Documents are the FastAPI pages and the PDFs, as text: of Markdown the file, of a PDF what our parser reads. Questions
are those of questions/*.jsonl with a marked answer, written before anything was measured. Those of the first two files
are split in halves by the hash of the question: options may be chosen on the first ("tune"). The second is held out,
and so are all of the third file, which was written later.

All chunks are encoded by the same encoder, and searched by the same hybrid search. Hits are read
until 1,000 tokens are full; the last one as far as it fits.

    recall     share of the answer's characters among what was read
    precision  share of the characters read that are the answer's
"""

import argparse
import json
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from benchmarks.retrieval import QUESTIONS
from knowligo_index.chunking.chunked_document import ChunkedDocument
from knowligo_index.chunking.chunker import chunk_document
from knowligo_index.chunking.options import ChunkingOptions
from knowligo_index.encoders import EncoderModel, EncoderOptions, find_encoder
from knowligo_index.encoders.exported import ExportedEncoder, open_exported
from knowligo_index.encoders.packaged_models import as_model_folder
from knowligo_index.encoders.protocol import Encoder
from knowligo_index.errors import ParseError
from knowligo_index.evaluation.golden_questions import read_golden_questions
from knowligo_index.parsers import parse, suffixes
from knowligo_index.search.cosine_baseline import CosineBaseline
from knowligo_index.search.fusion import ANSWERED, DENSE_WEIGHT
from knowligo_index.search.hybrid import HybridSearch
from knowligo_index.search.lexical import LexicalSearch
from knowligo_index.sources.inventory import take_inventory
from knowligo_index.store.chunks import ChunkStore
from knowligo_index.store.chunks_writer import write_chunk_store
from knowligo_index.store.manifest import Fusion
from knowligo_index.store.vectors import VectorIndex
from knowligo_index.system.cpu import available_cpus
from knowligo_index.types import Chunk, Document

FILES = ("fastapi", "pdf", "fastapi-held-out")

BUDGET = 1000
"""tokens that are read"""
HITS = 30
"""more than fit into them"""


@dataclass(frozen=True, slots=True)
class Answer:
    """A question, and where its answer stands."""

    question: str
    source: str
    char_start: int
    char_end: int
    is_held_out: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading the hits of a question gave."""

    recall: float
    precision: float


def read_documents(folders: Iterable[Path]) -> dict[str, Document]:
    """Every document below the folders that can be read, by name."""
    found: dict[str, Document] = {}
    for folder in folders:
        for source in take_inventory(folder, suffixes()).sources:
            try:
                found[source.name] = parse(source, source.path.read_bytes())
            except ParseError:
                continue
    return found


def locate(files: Iterable[Path], documents: Mapping[str, Document]) -> list[Answer]:
    """Where the marked answers stand."""
    answers: list[Answer] = []
    for path in files:
        for question in read_golden_questions(path):
            text = question.contains or ""
            start = documents[question.source or ""].text.index(text)
            held_out = "held-out" in path.stem or zlib.crc32(question.question.encode()) % 2 == 1
            answers.append(Answer(question.question, question.source or "", start, start + len(text), held_out))
    return answers


def chunks_of_spans(document: Document, spans: Sequence[tuple[int, int]], counts: Sequence[int]) -> tuple[Chunk, ...]:
    """Chunks that are nothing but these spans of the text."""
    return tuple(
        Chunk(document.text[start:end], start, end, (), "", None, None, None, None, count)
        for (start, end), count in zip(spans, counts, strict=True)
    )


def measure(
    chunked: Sequence[ChunkedDocument],
    answers: Sequence[Answer],
    encoder: Encoder,
    export: ExportedEncoder,
    folder: Path,
) -> list[Reading]:
    """Build an index of the chunks, ask the questions, and read."""
    counter = export.tokenizer()
    chunks = [chunk for item in chunked for chunk in item.chunks]
    path = folder / "chunks.sqlite"
    path.unlink(missing_ok=True)
    write_chunk_store(path, chunked)
    vectors = VectorIndex.of(encoder.encode_passages([chunk.encoder_input for chunk in chunks]))
    texts = [answer.question for answer in answers]
    readings: list[Reading] = []
    with closing(ChunkStore(path)) as store:
        both = HybridSearch(vectors, LexicalSearch(store, len(chunks)), CosineBaseline(vectors.rows, store.languages()))
        fusion = Fusion(DENSE_WEIGHT, export.unrelated_cosine, ANSWERED)
        for answer, vector in zip(answers, encoder.encode_queries(texts), strict=True):
            ranked = both.candidates(answer.question, vector, HITS).fused(fusion)
            hits = store.passages([key for key, _ in ranked[:HITS]])
            covered: set[int] = set()
            characters = tokens = 0
            for hit in hits:
                starts = counter.token_starts(hit.text)
                left = BUDGET - tokens
                end = hit.char_end if len(starts) <= left else hit.char_start + int(starts[left])
                tokens += min(len(starts), left)
                characters += end - hit.char_start
                if hit.source == answer.source:
                    covered.update(range(max(hit.char_start, answer.char_start), min(end, answer.char_end)))
                if tokens >= BUDGET:
                    break
            size = answer.char_end - answer.char_start
            readings.append(Reading(len(covered) / size, len(covered) / max(characters, 1)))
    return readings


def other_spans(
    documents: Mapping[str, Document], model: EncoderModel, python: Path, folder: Path
) -> dict[str, dict[str, list[tuple[int, int]]]]:
    """Where the other splitters cut, by splitter and document."""
    texts, spans = folder / "texts.json", folder / "spans.json"
    texts.write_text(json.dumps({name: document.text for name, document in documents.items()}), encoding="utf-8")
    with as_model_folder(model.path) as model_folder:
        command = [python, Path(__file__).with_name("split.py"), texts, model_folder, spans]
        subprocess.run(command, check=True)
    found: dict[str, dict[str, list[tuple[int, int]]]] = json.loads(spans.read_text(encoding="utf-8"))
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("data", type=Path)
    arguments.add_argument("--chunk-tokens", type=int, nargs="+", default=[256])
    arguments.add_argument("--peers-python", type=Path, default=Path(".venv-peers/bin/python"))
    options = arguments.parse_args()
    if not options.peers_python.is_file():
        sys.exit(f"There is no {options.peers_python}: `make .venv-peers/.done` makes it.")
    documents = read_documents([options.data / "fastapi-docs", options.data / "pdf"])
    answers = locate([QUESTIONS / f"{name}.jsonl" for name in FILES], documents)
    model = find_encoder(EncoderOptions())
    counter = model.tokenizer()
    heads = (f"{'recall':>6} {'precision':>9} {half:<5}" for half in ("tune", "held", "all"))
    print(f"{'splitter':<42} {'chunks':>6}  {'   '.join(heads)}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "encoder").mkdir()
        model.export(folder / "encoder")
        export = open_exported(folder / "encoder")
        encoder = model.load(export, available_cpus())
        ways: dict[str, list[ChunkedDocument]] = {}
        for tokens in options.chunk_tokens:
            chunking = ChunkingOptions(chunk_tokens=tokens)
            ways[f"knowligo-index, {tokens} tokens"] = [
                ChunkedDocument(document, "", tuple(chunk_document(document, chunking, counter)))
                for document in documents.values()
            ]
        for splitter, spans in other_spans(documents, model, options.peers_python, folder).items():
            ways[splitter] = [
                ChunkedDocument(
                    document,
                    "",
                    chunks_of_spans(
                        document,
                        spans[key],
                        counter.count_inputs([document.text[start:end] for start, end in spans[key]]),
                    ),
                )
                for key, document in documents.items()
            ]
        for way, chunked in ways.items():
            readings = measure(chunked, answers, encoder, export, folder)
            print_row(way, sum(len(item.chunks) for item in chunked), answers, readings)


def print_row(way: str, chunks: int, answers: Sequence[Answer], readings: Sequence[Reading]) -> None:
    cells = []
    for halves in ((False,), (True,), (False, True)):
        ours = [each for answer, each in zip(answers, readings, strict=True) if answer.is_held_out in halves]
        recall, precision = fmean(each.recall for each in ours), fmean(each.precision for each in ours)
        cells.append(f"{recall:>6.3f} {precision:>9.4f} n={len(ours):<3}")
    print(f"{way:<42} {chunks:>6}  {'   '.join(cells)}", flush=True)


if __name__ == "__main__":
    main()
