"""Ask the golden questions and report where the expected document and passage came.

    python -m benchmarks.golden_questions [--questions knowledge/questions.jsonl] [--index indexes] [--mode hybrid]

For each question: the rank of the first of 5 hits from the expected document, and of the first that also holds the
expected text ("-": not among them). Then how many were within 5, and how many first.
"""

import argparse
from pathlib import Path

from knowligo_index.golden_questions import GoldenQuestion, read_golden_questions
from knowligo_index.hit import Hit
from knowligo_index.reader import IndexReader

DEPTH = 5


def document_rank(question: GoldenQuestion, hits: list[Hit]) -> int | None:
    """Rank of the first hit from the expected document."""
    return next((hit.rank for hit in hits if hit.source == question.source), None)


def passage_rank(question: GoldenQuestion, hits: list[Hit]) -> int | None:
    """Rank of the first hit from the expected document that holds the expected text."""
    text = question.contains or ""
    return next((hit.rank for hit in hits if hit.source == question.source and text in hit.text), None)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--questions", type=Path, default=Path("knowledge/questions.jsonl"))
    arguments.add_argument("--index", type=Path, default=Path("indexes"))
    arguments.add_argument("--mode", choices=["hybrid", "dense", "lexical"], default="hybrid")
    options = arguments.parse_args()
    questions = read_golden_questions(options.questions)
    with IndexReader(options.index) as reader:
        found = reader.search_batch([question.question for question in questions], k=DEPTH, mode=options.mode)
        print(f"version {reader.version}, mode {options.mode}")
    documents = [document_rank(question, hits) for question, hits in zip(questions, found, strict=True)]
    passages = [passage_rank(question, hits) for question, hits in zip(questions, found, strict=True)]
    print("document passage  question")
    for question, document, passage in zip(questions, documents, passages, strict=True):
        print(f"{document or '-':>8} {passage or '-':>7}  {question.question}  ({question.source})")
    for name, ranks in (("expected document", documents), ("expected passage", passages)):
        within = sum(rank is not None for rank in ranks)
        first = sum(rank == 1 for rank in ranks)
        print(f"{name}: within {DEPTH} for {within} of {len(questions)}, first for {first}")


if __name__ == "__main__":
    main()
