"""Search an index for golden questions, and print the ranks of the expected document and of the expected passage.

    python -m benchmarks.golden_questions [--questions knowledge/questions.jsonl] [--index indexes] [--mode hybrid]

The ranks are those of `knowligo-index evaluate`: of the document among the documents found, and of the passage among
the passages found ("-": not found). The score is that of the first passage. Then follow the number of questions for
which each is within the first 5, and first; and in hybrid mode, how many questions are declined of those with an answer
and of those without.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from knowligo_index.evaluation.golden_questions import read_golden_questions
from knowligo_index.evaluation.measures import DEPTH, evaluate_hits
from knowligo_index.evaluation.results import declined
from knowligo_index.search.reader import IndexReader

FIRST_PAGE = 5


def rank_counts(ranks: Sequence[int | None]) -> tuple[int, int]:
    """How many of the ranks are within the first page, and how many are 1."""
    return sum(rank is not None and rank <= FIRST_PAGE for rank in ranks), sum(rank == 1 for rank in ranks)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--questions", type=Path, default=Path("knowledge/questions.jsonl"))
    arguments.add_argument("--index", type=Path, default=Path("indexes"))
    arguments.add_argument("--mode", choices=["hybrid", "dense", "lexical"], default="hybrid")
    options = arguments.parse_args()
    questions = read_golden_questions(options.questions)
    with IndexReader(options.index) as reader:
        hit_lists = reader.search_batch([question.question for question in questions], DEPTH, options.mode)
        print(f"version {reader.version}, mode {options.mode}")
        fusion = reader.manifest.fusion if options.mode == "hybrid" else None
    evaluation = evaluate_hits(questions, hit_lists, fusion)
    print("document passage  score  question")
    for result, hits in zip(evaluation.results, hit_lists, strict=True):
        ranks = f"{result.document_rank or '-':>8} {result.answer_rank or '-':>7}"
        score = f"{hits[0].score:.3f}" if hits else "-"
        print(f"{ranks}  {score:>5}  {result.question}  ({result.source or 'no document answers it'})")
    answerable = evaluation.answerable
    for name, all_ranks in (
        ("expected document", [result.document_rank for result in answerable]),
        ("expected passage", [result.answer_rank for result in answerable]),
    ):
        within, first = rank_counts(all_ranks)
        print(f"{name}: within {FIRST_PAGE} for {within} of {len(answerable)}, first for {first}")
    for name, results in (("with an answer", answerable), ("without", evaluation.unanswerable)):
        count = declined(results)
        if count.declined is not None:
            print(f"declined: {count.declined} of {count.questions} {name}")


if __name__ == "__main__":
    main()
