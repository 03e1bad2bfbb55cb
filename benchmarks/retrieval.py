"""How well the whole pipeline finds, from files to hits.

    python -m benchmarks.retrieval ../shared/data [--sets xquad-es fastapi] [--encoder ID-OR-PATH]

Six sets, each built as a person would build it, with the default settings:

    xquad-en, xquad-es   240 paragraphs, a file each; 1,190 questions in the language of the paragraphs
    es-to-en             the Spanish questions asked of the English paragraphs
    fastapi              280 pages of the FastAPI documentation; 70 questions of ours (questions/fastapi.jsonl)
    fastapi-held-out     the same pages; 60 questions written later, by a rule (questions/fastapi-held-out.jsonl)
    pdf                  the PDFs; 60 questions of ours (questions/pdf.jsonl)

Our questions were written from the pages before any search, and have not been changed since. Printed by mode: nDCG@10
of the document, recall@5 of the documents that answer, and recall@5 of the answer itself.
"""

import argparse
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import msgspec

from knowligo_index.build import build
from knowligo_index.encoders import EncoderOptions
from knowligo_index.evaluation import evaluate
from knowligo_index.gate import GateOptions
from knowligo_index.golden_questions import GoldenQuestion, read_golden_questions
from knowligo_index.open_version import SearchMode
from knowligo_index.reader import IndexReader
from knowligo_index.settings import Settings

QUESTIONS = Path(__file__).parent / "questions"


@dataclass(frozen=True, slots=True)
class RetrievalTask:
    """Documents, and questions to ask of them."""

    name: str
    write: Callable[[Path], Path]
    """puts the documents into an empty folder, or names the one they are in"""
    questions: list[GoldenQuestion]


def tasks(data: Path) -> list[RetrievalTask]:
    """All of them."""
    english, spanish = data / "xquad" / "en", data / "xquad" / "es"
    return [
        RetrievalTask("xquad-en", lambda folder: write_paragraphs(english, folder), read_golden_questions(english)),
        RetrievalTask("xquad-es", lambda folder: write_paragraphs(spanish, folder), read_golden_questions(spanish)),
        RetrievalTask("es-to-en", lambda folder: write_paragraphs(english, folder), read_golden_questions(spanish)),
        RetrievalTask("fastapi", lambda _: data / "fastapi-docs", read_golden_questions(QUESTIONS / "fastapi.jsonl")),
        RetrievalTask(
            "fastapi-held-out",
            lambda _: data / "fastapi-docs",
            read_golden_questions(QUESTIONS / "fastapi-held-out.jsonl"),
        ),
        RetrievalTask("pdf", lambda _: data / "pdf", read_golden_questions(QUESTIONS / "pdf.jsonl")),
    ]


def write_paragraphs(beir: Path, folder: Path) -> Path:
    """A text file for each paragraph, by its id."""
    for line in (beir / "corpus.jsonl").read_text(encoding="utf-8").splitlines():
        row = msgspec.json.decode(line)
        (folder / f"{row['_id']}.txt").write_text(row["text"].strip("\ufeff \n") + "\n", encoding="utf-8", newline="")
    return folder


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("data", type=Path)
    arguments.add_argument("--sets", nargs="+")
    arguments.add_argument("--encoder")
    options = arguments.parse_args()
    encoder = EncoderOptions(id=options.encoder) if options.encoder else EncoderOptions()
    print(f"{'set':<16} {'mode':<8} {'nDCG@10':>8} {'recall@5':>9} {'answer recall@5':>16}")
    for task in tasks(options.data):
        if options.sets and task.name not in options.sets:
            continue
        with tempfile.TemporaryDirectory() as folder:
            documents, index = Path(folder) / "documents", Path(folder) / "index"
            documents.mkdir()
            gate = GateOptions(allow_secrets=True, max_failed=1)
            build(Settings(knowledge=task.write(documents), index=index, encoder=encoder, gate=gate))
            with IndexReader(index, threads=2) as reader:
                for mode in get_args(SearchMode):
                    found = evaluate(reader, task.questions, mode)
                    document, answer = found.means("document"), found.means("answer")
                    print(
                        f"{task.name:<16} {mode:<8} {document['ndcg@10']:>8.4f} {document['recall@5']:>9.4f} "
                        f"{answer['recall@5']:>16.4f}",
                        flush=True,
                    )


if __name__ == "__main__":
    main()
