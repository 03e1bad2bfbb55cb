"""Measure search quality of the whole pipeline, from files to hits, on eight sets of questions.

    python -m benchmarks.retrieval ../shared/data [--sets xquad-es sample] [--encoder ID-OR-PATH] [--chunk-tokens N]

The settings are the defaults, except that the gate accepts secrets, failed documents and a smaller version:

    xquad-en, xquad-es   240 paragraphs, each in a file; 1,190 questions in the language of the paragraphs
    es-to-en             the English paragraphs; the Spanish questions
    fastapi              280 pages of the FastAPI documentation; 70 questions (questions/fastapi.jsonl)
    fastapi-held-out     the same pages; 60 questions written later, on pages chosen by a rule
                         (questions/fastapi-held-out.jsonl)
    fastapi-es           the same pages; 60 questions in Spanish, in the words of people at a help desk
                         (questions/fastapi-es.jsonl)
    pdf                  the PDFs; 60 questions (questions/pdf.jsonl)
    sample               knowledge/; its golden questions

The questions in questions/ were written from the documents before any search, and have not been changed since. Printed
for each set and search mode: nDCG@10 of the documents, with its 95 % confidence interval; the number of questions whose
expected document is the first, and is among the first five; and the same two numbers for the answering passage. For
hybrid search also the numbers of answerable and of unanswerable questions that are declined.
"""

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import msgspec

from knowligo_index.build import build
from knowligo_index.chunking.options import ChunkingOptions
from knowligo_index.encoders import EncoderOptions
from knowligo_index.evaluation.golden_questions import GoldenQuestion, read_golden_questions
from knowligo_index.evaluation.measures import Evaluation, evaluate
from knowligo_index.evaluation.results import declined
from knowligo_index.gate.options import GateOptions
from knowligo_index.search.open_version import SearchMode
from knowligo_index.search.reader import IndexReader
from knowligo_index.settings import Settings

QUESTIONS = Path(__file__).parent / "questions"
SAMPLE = Path(__file__).parents[1] / "knowledge"

TOP = 5

_HEADER = (
    f"{'set':<17} {'mode':<8} {'nDCG@10':>7} {'95 %':>13}  "
    f"{f'document first, top {TOP}':>21} {f'passage first, top {TOP}':>21}"
)


@dataclass(frozen=True, slots=True)
class RetrievalTask:
    """A set of questions, and the name of the corpus that answers them."""

    name: str
    corpus: str
    questions: list[GoldenQuestion]


def corpora(data: Path) -> dict[str, Callable[[Path], Path]]:
    """For each corpus a function that takes an empty folder and returns the folder with the documents: the empty one,
    into which it has written them, or the one in which they already are."""
    return {
        "xquad-en": lambda folder: write_paragraphs(data / "xquad" / "en", folder),
        "xquad-es": lambda folder: write_paragraphs(data / "xquad" / "es", folder),
        "fastapi": lambda _: data / "fastapi-docs",
        "pdf": lambda _: data / "pdf",
        "sample": lambda _: SAMPLE,
    }


def tasks(data: Path) -> list[RetrievalTask]:
    """All tasks; those with the same corpus follow each other, so that it is built once."""
    english, spanish = data / "xquad" / "en", data / "xquad" / "es"
    return [
        RetrievalTask("xquad-en", "xquad-en", read_golden_questions(english)),
        RetrievalTask("es-to-en", "xquad-en", read_golden_questions(spanish)),
        RetrievalTask("xquad-es", "xquad-es", read_golden_questions(spanish)),
        *(
            RetrievalTask(name, name.split("-", maxsplit=1)[0], read_golden_questions(QUESTIONS / f"{name}.jsonl"))
            for name in ("fastapi", "fastapi-held-out", "fastapi-es", "pdf")
        ),
        RetrievalTask("sample", "sample", read_golden_questions(SAMPLE / "questions.jsonl")),
    ]


def write_paragraphs(beir: Path, folder: Path) -> Path:
    """Write a text file for each paragraph, named after its id, and return `folder`."""
    for line in (beir / "corpus.jsonl").read_text(encoding="utf-8").splitlines():
        row = msgspec.json.decode(line)
        (folder / f"{row['_id']}.txt").write_text(row["text"].strip("\ufeff \n") + "\n", encoding="utf-8", newline="")
    return folder


def row(task: RetrievalTask, mode: SearchMode, evaluation: Evaluation) -> str:
    """A line of the table."""
    ndcg = evaluation.estimates("document")["ndcg@10"]
    results = evaluation.answerable
    counts = [
        f"{sum(rank == 1 for rank in ranks):>5}, {sum(rank is not None and rank <= TOP for rank in ranks):>5}"
        for ranks in ([result.document_rank for result in results], [result.answer_rank for result in results])
    ]
    interval = f"{ndcg.low:.3f}-{ndcg.high:.3f}"
    return f"{task.name:<17} {mode:<8} {ndcg.mean:>7.4f} {interval:>13}  {counts[0]:>21} {counts[1]:>21}"


def declined_row(evaluation: Evaluation) -> str:
    """The line below that of hybrid search: how many questions are declined."""
    parts = [
        f"{count.declined} of {count.questions} {kind}"
        for count, kind in (
            (declined(evaluation.answerable), "answerable"),
            (declined(evaluation.unanswerable), "unanswerable"),
        )
        if count.questions
    ]
    return f"{'':<17} declined: {', '.join(parts)}"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("data", type=Path, help="folder with xquad, fastapi-docs and pdf")
    arguments.add_argument("--sets", nargs="+", help="names of the sets to measure; default: all")
    arguments.add_argument("--encoder", help="id or folder of the encoder; default: that of the package")
    arguments.add_argument("--chunk-tokens", type=int, help="maximum number of tokens of a passage")
    arguments.add_argument(
        "--half",
        choices=["tune", "held-out"],
        help="ask only every other question: from the first (tune), to choose options, or from the second (held-out)",
    )
    options = arguments.parse_args()
    encoder = EncoderOptions(id=options.encoder) if options.encoder else EncoderOptions()
    chunking = ChunkingOptions(chunk_tokens=options.chunk_tokens)
    gate = GateOptions(allow_secrets=True, max_failed=1, allow_shrink=True)
    print(_HEADER)
    with tempfile.TemporaryDirectory() as folder:
        # One index folder for all sets, so that the encoder is exported once.
        index = Path(folder) / "index"
        built_corpus = ""
        for task in tasks(options.data):
            if options.sets and task.name not in options.sets:
                continue
            if task.corpus != built_corpus:
                empty_folder = Path(folder) / task.corpus
                empty_folder.mkdir()
                knowledge = corpora(options.data)[task.corpus](empty_folder)
                # Without golden questions the gate does not compare one corpus with another.
                no_questions = Path(folder) / "questions.jsonl"
                no_questions.touch()
                build(Settings(knowledge, index, no_questions, encoder=encoder, chunking=chunking, gate=gate))
                built_corpus = task.corpus
            questions = task.questions
            if options.half:
                questions = questions[0 if options.half == "tune" else 1 :: 2]
            with IndexReader(index, threads=2) as reader:
                for mode in get_args(SearchMode):
                    evaluation = evaluate(reader, questions, mode)
                    print(row(task, mode, evaluation), flush=True)
                    if mode == "hybrid":
                        print(declined_row(evaluation), flush=True)


if __name__ == "__main__":
    main()
