"""Ask the golden questions and report where the expected document and passage came.

    python -m benchmarks.golden_questions [--questions knowledge/questions.jsonl] [--index indexes] [--mode hybrid]

For each question: the rank of the first of 5 hits from the expected document, and of the first that also holds the
expected text ("-": not among them), and the best score. Then how many were within 5, and how many first; and in hybrid
mode, how many of these questions and of those that nothing answers are declined.
"""

import argparse
from pathlib import Path

from knowligo_index.evaluation.golden_questions import GoldenQuestion, read_golden_questions
from knowligo_index.evaluation.measures import declined, evaluate_hits
from knowligo_index.search.hit import Hit
from knowligo_index.search.reader import IndexReader

DEPTH = 5


def document_rank(question: GoldenQuestion, hits: list[Hit]) -> int | None:
    """Rank of the first hit from the expected document."""
    return next((hit.rank for hit in hits if question.judged_name(hit.source)), None)


def passage_rank(question: GoldenQuestion, hits: list[Hit]) -> int | None:
    """Rank of the first hit from the expected document that holds the expected text."""
    return next((hit.rank for hit in hits if question.is_answered_by(hit.source, hit.text)), None)


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
        evaluation = evaluate_hits(questions, found, reader.manifest.fusion if options.mode == "hybrid" else None)
    answerable = [pair for pair in zip(questions, found, strict=True) if pair[0].source is not None]
    documents = [document_rank(question, hits) for question, hits in answerable]
    passages = [passage_rank(question, hits) for question, hits in answerable]
    print("document passage  score  question")
    for question, hits in zip(questions, found, strict=True):
        ranks = f"{document_rank(question, hits) or '-':>8} {passage_rank(question, hits) or '-':>7}"
        score = f"{hits[0].score:.3f}" if hits else "-"
        print(f"{ranks}  {score:>5}  {question.question}  ({question.source or 'nothing answers it'})")
    for name, found_ranks in (("expected document", documents), ("expected passage", passages)):
        within = sum(rank is not None for rank in found_ranks)
        first = sum(rank == 1 for rank in found_ranks)
        print(f"{name}: within {DEPTH} for {within} of {len(answerable)}, first for {first}")
    for name, results in (("with an answer", evaluation.answerable), ("without", evaluation.unanswerable)):
        count = declined(results)
        if count.declined is not None:
            print(f"declined: {count.declined} of {count.questions} {name}")


if __name__ == "__main__":
    main()
