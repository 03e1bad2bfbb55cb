"""How well the whole pipeline finds, from files to hits: one table.

    python -m benchmarks.retrieval ../shared/data [--sets xquad-es sample] [--encoder ID-OR-PATH] [--chunk-tokens N]

Eight sets, each built as a person would build it, with the default settings:

    xquad-en, xquad-es   240 paragraphs, a file each; 1,190 questions in the language of the paragraphs
    es-to-en             the Spanish questions asked of the English paragraphs
    fastapi              280 pages of the FastAPI documentation; 70 questions (questions/fastapi.jsonl)
    fastapi-held-out     the same pages; 60 questions written later, by a rule (questions/fastapi-held-out.jsonl)
    fastapi-es           the same pages; 60 questions in Spanish, in people's own words (questions/fastapi-es.jsonl)
    pdf                  the PDFs; 60 questions (questions/pdf.jsonl)
    sample               knowledge/; its golden questions

Our questions were written from the pages before any search, and have not been changed since. By mode are printed:
nDCG@10 of the documents found, with its 95 % confidence interval; of how many questions the right document was the
first of those found, and within the first five; and of how many the answering passage was. --half tune and --half
held-out ask every other question alone.
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

_HEADER = (
    f"{'set':<17} {'mode':<8} {'nDCG@10':>7} {'95 %':>13}  {'document first, in 5':>20} {'passage first, in 5':>20}"
)


@dataclass(frozen=True, slots=True)
class RetrievalTask:
    """Questions to ask of the documents of that name."""

    name: str
    documents: str
    questions: list[GoldenQuestion]


def documents(data: Path) -> dict[str, Callable[[Path], Path]]:
    """By name, what puts the documents into an empty folder, or names the one they are in."""
    return {
        "xquad-en": lambda folder: write_paragraphs(data / "xquad" / "en", folder),
        "xquad-es": lambda folder: write_paragraphs(data / "xquad" / "es", folder),
        "fastapi": lambda _: data / "fastapi-docs",
        "pdf": lambda _: data / "pdf",
        "sample": lambda _: SAMPLE,
    }


def tasks(data: Path) -> list[RetrievalTask]:
    """All of them, those of the same documents one after the other."""
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
    """A text file for each paragraph, by its id."""
    for line in (beir / "corpus.jsonl").read_text(encoding="utf-8").splitlines():
        row = msgspec.json.decode(line)
        (folder / f"{row['_id']}.txt").write_text(row["text"].strip("\ufeff \n") + "\n", encoding="utf-8", newline="")
    return folder


def row(task: RetrievalTask, mode: SearchMode, found: Evaluation) -> str:
    """A line of the table."""
    ndcg = found.estimates("document")["ndcg@10"]
    ranks = ([result.document_rank for result in found.answerable], [result.answer_rank for result in found.answerable])
    counts = [
        f"{sum(rank == 1 for rank in each):>5}, {sum(rank is not None and rank <= 5 for rank in each):>5}"
        for each in ranks
    ]
    interval = f"{ndcg.low:.3f}-{ndcg.high:.3f}"
    return f"{task.name:<17} {mode:<8} {ndcg.mean:>7.4f} {interval:>13}  {counts[0]:>20} {counts[1]:>20}"


def declined_row(found: Evaluation) -> str:
    """How many questions the documents are said not to answer."""
    parts = [
        f"{count.declined} of {count.questions} {what}"
        for count, what in (
            (declined(found.answerable), "that they do"),
            (declined(found.unanswerable), "that they do not"),
        )
        if count.questions
    ]
    return f"{'':<17} said not to be answered: {', '.join(parts)}"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("data", type=Path)
    arguments.add_argument("--sets", nargs="+")
    arguments.add_argument("--encoder")
    arguments.add_argument("--chunk-tokens", type=int)
    arguments.add_argument("--half", choices=["tune", "held-out"])
    options = arguments.parse_args()
    encoder = EncoderOptions(id=options.encoder) if options.encoder else EncoderOptions()
    chunking = ChunkingOptions(chunk_tokens=options.chunk_tokens)
    gate = GateOptions(allow_secrets=True, max_failed=1, allow_shrink=True)
    print(_HEADER)
    with tempfile.TemporaryDirectory() as folder:
        # An encoder is exported once, and kept for all.
        index = Path(folder) / "index"
        built = ""
        for task in tasks(options.data):
            if options.sets and task.name not in options.sets:
                continue
            if task.documents != built:
                texts = Path(folder) / task.documents
                texts.mkdir()
                knowledge = documents(options.data)[task.documents](texts)
                # No golden questions: another set would be compared with them.
                none = Path(folder) / "questions.jsonl"
                none.touch()
                build(Settings(knowledge, index, none, encoder=encoder, chunking=chunking, gate=gate))
                built = task.documents
            asked = task.questions
            if options.half:
                asked = asked[0 if options.half == "tune" else 1 :: 2]
            with IndexReader(index, threads=2) as reader:
                for mode in get_args(SearchMode):
                    found = evaluate(reader, asked, mode)
                    print(row(task, mode, found), flush=True)
                    if mode == "hybrid":
                        print(declined_row(found), flush=True)


if __name__ == "__main__":
    main()
