"""How well a version answers golden questions.

Two things are measured: whether the right document is among the documents found, and whether the answer itself, a
passage of that document with the expected text, is among the passages found. Recall, reciprocal rank and nDCG are
computed by ir-measures, as trec_eval defines them.

Questions that no document answers count in none of these measures. For them, a hybrid search should decline to answer,
by the score of its first passage: how many it declines is counted, and how many of the others it declines wrongly.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import ir_measures
import numpy as np
from ir_measures import RR, R, nDCG

from knowligo_index.evaluation.golden_questions import GoldenQuestion
from knowligo_index.evaluation.results import QuestionResult
from knowligo_index.evaluation.significance import Difference, Estimate, difference, estimate
from knowligo_index.search.hit import Hit
from knowligo_index.search.open_version import SearchMode
from knowligo_index.search.reader import IndexReader
from knowligo_index.store.manifest import Fusion

DEPTH = 50
"""number of passages to search for each question: in most cases they are from ten documents or more"""

MEASURES = {"recall@5": R @ 5, "recall@10": R @ 10, "mrr@10": RR @ 10, "ndcg@10": nDCG @ 10}

Target = Literal["document", "answer"]
"""what is looked for: a document that answers the question, or the passage that is the answer"""

Values = dict[str, list[float]]
"""by measure, its value for each question"""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well one version answers golden questions."""

    results: list[QuestionResult]
    """of all questions, in their order"""
    values: dict[Target, Values]
    """of the answerable questions, in their order"""

    @property
    def answerable(self) -> list[QuestionResult]:
        """The results of the questions that a document answers."""
        return [result for result in self.results if result.source is not None]

    @property
    def unanswerable(self) -> list[QuestionResult]:
        """The results of the questions that no document answers."""
        return [result for result in self.results if result.source is None]

    def means(self, target: Target) -> dict[str, float]:
        """By measure; empty if no question is answerable."""
        return {name: float(np.mean(values)) for name, values in self.values[target].items() if values}

    def estimates(self, target: Target) -> dict[str, Estimate]:
        """By measure; empty if no question is answerable."""
        return {name: estimate(values) for name, values in self.values[target].items() if values}


def evaluate(reader: IndexReader, questions: Sequence[GoldenQuestion], mode: SearchMode = "hybrid") -> Evaluation:
    """Search the reader's version for the questions, and evaluate the hits."""
    hit_lists = reader.search_batch([question.question for question in questions], DEPTH, mode)
    return evaluate_hits(questions, hit_lists, reader.manifest.fusion if mode == "hybrid" else None)


def evaluate_hits(
    questions: Sequence[GoldenQuestion], hit_lists: Sequence[Sequence[Hit]], fusion: Fusion | None = None
) -> Evaluation:
    """Evaluate the hits of each question, `DEPTH` of them, best first. `fusion` is that of the version if they are hits
    of a hybrid search."""
    results = [_result(question, hits, fusion) for question, hits in zip(questions, hit_lists, strict=True)]
    document_rankings: list[list[str]] = []
    answer_rankings: list[list[str]] = []
    judged_names: list[list[str]] = []
    for question, result, hits in zip(questions, results, hit_lists, strict=True):
        if question.source is not None:
            judged_names.append([question.source, *question.also])
            document_rankings.append(_document_ranking(question, hits))
            answer_rankings.append(_answer_ranking(result.answer_rank, len(hits)))
    return Evaluation(
        results,
        {
            "document": measure_rankings(judged_names, document_rankings),
            "answer": measure_rankings([["answer"]] * len(judged_names), answer_rankings),
        },
    )


def declined_difference(before: Evaluation, after: Evaluation) -> Difference:
    """The difference of the share of unanswerable questions that two versions decline, both by a hybrid search."""
    shares = [[float(result.declined or 0) for result in version.unanswerable] for version in (before, after)]
    return difference(*shares)


def measure_rankings(relevant: Sequence[Iterable[str]], rankings: Sequence[Sequence[str]]) -> Values:
    """The measures of rankings, for each question: `relevant` has the names of the relevant items, and `rankings` those
    of the items found, each once, best first."""
    judgements = {str(number): dict.fromkeys(names, 1) for number, names in enumerate(relevant)}
    runs = {
        str(number): {name: -float(rank) for rank, name in enumerate(ranking)}
        for number, ranking in enumerate(rankings)
    }
    # ir-measures returns nothing for a question without hits, for which all measures are 0.
    values = {name: [0.0] * len(judgements) for name in MEASURES}
    names_of_measures = {measure: name for name, measure in MEASURES.items()}
    for metric in ir_measures.iter_calc(list(MEASURES.values()), judgements, runs):
        values[names_of_measures[metric.measure]][int(metric.query_id)] = float(metric.value)
    return values


def _result(question: GoldenQuestion, hits: Sequence[Hit], fusion: Fusion | None) -> QuestionResult:
    documents = list(dict.fromkeys(hit.source for hit in hits))
    return QuestionResult(
        question.question,
        question.source,
        next((rank for rank, source in enumerate(documents, start=1) if question.judged_name(source)), None),
        next((hit.rank for hit in hits if question.is_answered_by(hit.source, hit.text)), None),
        hits[0].source if hits else None,
        None if fusion is None else not fusion.is_answered(hits),
    )


def _document_ranking(question: GoldenQuestion, hits: Iterable[Hit]) -> list[str]:
    """The documents of the hits, under the names that the question has for them."""
    return list(dict.fromkeys(question.judged_name(hit.source) or hit.source for hit in hits))


def _answer_ranking(answer_rank: int | None, count: int) -> list[str]:
    """The ranking of `count` passages, named by their ranks but for the one that is the answer."""
    return ["answer" if rank == answer_rank else str(rank) for rank in range(1, count + 1)]
