"""Search an index for golden questions, and print the ranks of the expected document and of the expected passage.

    python -m benchmarks.golden_questions [--questions knowledge/questions.jsonl] [--index indexes] [--mode hybrid]

The ranks are those of `knowligo-index evaluate`: that of the document among the documents of the hits, and that of the
passage among the hits; "-" means that it is not among them. The score is that of the first hit. At the end are printed
the numbers of questions for which the expected document, or passage, is among the first 5, and is the first; in hybrid
mode also how many answerable and how many unanswerable questions are declined.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

from knowligo_index.evaluation.golden_questions import read_golden_questions
from knowligo_index.evaluation.measures import DEPTH, evaluate_hits
from knowligo_index.evaluation.results import declined
from knowligo_index.search.reader import IndexReader

TOP = 5


def rank_counts(ranks: Sequence[int | None]) -> tuple[int, int]:
    """How many of the ranks are at most `TOP`, and how many are 1."""
    return sum(rank is not None and rank <= TOP for rank in ranks), sum(rank == 1 for rank in ranks)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument(
        "--questions", type=Path, default=Path("knowledge/questions.jsonl"), help="file with the golden questions"
    )
    arguments.add_argument("--index", type=Path, default=Path("indexes"), help="index folder")
    arguments.add_argument("--mode", choices=["hybrid", "dense", "lexical"], default="hybrid", help="search mode")
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
    for target, target_ranks in (
        ("document", [result.document_rank for result in answerable]),
        ("passage", [result.answer_rank for result in answerable]),
    ):
        top_count, first_count = rank_counts(target_ranks)
        print(
            f"expected {target}: among the first {TOP} for {top_count} of {len(answerable)} questions, "
            f"first for {first_count}"
        )
    for kind, results in (("answerable", answerable), ("unanswerable", evaluation.unanswerable)):
        count = declined(results)
        if count.declined is not None:
            print(f"declined: {count.declined} of {count.questions} {kind} questions")


if __name__ == "__main__":
    main()
