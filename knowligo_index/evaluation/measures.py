"""How well a version answers questions whose answers are known.

Two things are looked for: the right document among the documents found, and the answer itself, a passage of it that
holds the expected text, among the passages found. Recall, reciprocal rank and nDCG are those of trec_eval, by
ir-measures; intervals and tests are by SciPy: the bootstrap over questions, and the paired permutation test (Smucker,
Allan and Carterette, "A Comparison of Statistical Significance Tests for Information Retrieval Evaluation", 2007).

Some questions nothing answers. They are in none of these measures: counted is how many of them a hybrid search
declines, by the score of its best passage, and how many of the others, wrongly.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import ir_measures
import numpy as np
from ir_measures import RR, R, nDCG

from knowligo_index.evaluation.golden_questions import Declined, GoldenQuestion
from knowligo_index.search.hit import Hit
from knowligo_index.search.open_version import SearchMode
from knowligo_index.search.reader import IndexReader
from knowligo_index.store.manifest import Fusion

DEPTH = 50
"""passages that are asked for: enough for ten documents"""

MEASURES = {"recall@5": R @ 5, "recall@10": R @ 10, "mrr@10": RR @ 10, "ndcg@10": nDCG @ 10}

SIGNIFICANT = 0.05

_RESAMPLES = 9_999
_SEED = 20_251

Target = Literal["document", "answer"]

Values = dict[str, list[float]]
"""by measure, of each question that is answered by something"""


@dataclass(frozen=True, slots=True)
class QuestionResult:
    """Where the answer to a question came."""

    question: str
    source: str | None
    """None where nothing answers it"""
    document_rank: int | None
    """of the first right document among the documents found, from 1"""
    answer_rank: int | None
    """of the first passage that is the answer, among the passages found, from 1"""
    first_source: str | None
    """the document of the best passage"""
    declined: bool | None = None
    """whether the best passage's score says that the documents do not answer; None in another mode than hybrid"""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over the questions and its 95 % confidence interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """What another version has more than this one, over the same questions."""

    mean: float
    p: float
    """how likely so large a difference would be, one way or the other, if nothing but chance were at work"""

    @property
    def is_significant(self) -> bool:
        return self.p < SIGNIFICANT


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What `evaluate` found for one version."""

    results: list[QuestionResult]
    """of all questions, in their order"""
    values: dict[Target, Values]

    @property
    def answerable(self) -> list[QuestionResult]:
        """Those of the questions that something answers: `values` are of these."""
        return [result for result in self.results if result.source is not None]

    @property
    def unanswerable(self) -> list[QuestionResult]:
        """Those of the questions that nothing answers."""
        return [result for result in self.results if result.source is None]

    def means(self, target: Target) -> dict[str, float]:
        """By measure; empty where there is no question to measure by."""
        return {name: float(np.mean(values)) for name, values in self.values[target].items() if values}

    def estimates(self, target: Target) -> dict[str, Estimate]:
        """By measure; empty where there is no question to measure by."""
        return {name: estimate(values) for name, values in self.values[target].items() if values}


def evaluate(reader: IndexReader, questions: Sequence[GoldenQuestion], mode: SearchMode = "hybrid") -> Evaluation:
    """How well the version that is open answers them."""
    found = reader.search_batch([question.question for question in questions], DEPTH, mode)
    return evaluate_hits(questions, found, reader.manifest.fusion if mode == "hybrid" else None)


def evaluate_hits(
    questions: Sequence[GoldenQuestion], found: Sequence[Sequence[Hit]], fusion: Fusion | None = None
) -> Evaluation:
    """How good the hits of each question are: `DEPTH` of them, best first. `fusion`: of the version, where they are
    those of a hybrid search."""
    results = [_result(question, hits, fusion) for question, hits in zip(questions, found, strict=True)]
    documents: dict[str, dict[str, float]] = {}
    answers: dict[str, dict[str, float]] = {}
    judged: dict[str, list[str]] = {}
    for question, result, hits in zip(questions, results, found, strict=True):
        if question.source is not None:
            number = str(len(judged))
            judged[number] = [question.source, *question.also]
            documents[number] = _document_run(question, hits)
            answers[number] = _answer_run(result.answer_rank, len(hits))
    return Evaluation(
        results,
        {
            "document": _measured(judged, documents),
            "answer": _measured({number: ["answer"] for number in judged}, answers),
        },
    )


def declined(results: Sequence[QuestionResult]) -> Declined:
    """How many of these questions were declined."""
    told = [result.declined for result in results if result.declined is not None]
    return Declined(len(results), sum(told) if len(told) == len(results) else None)


def declined_difference(before: Evaluation, after: Evaluation) -> Difference:
    """What share of the questions that nothing answers another version declines more, both in a hybrid search."""
    was, now = ([float(result.declined or 0) for result in each.unanswerable] for each in (before, after))
    return difference(was, now)


def estimate(values: Sequence[float]) -> Estimate:
    """The mean, and its interval by 9,999 resamples of the questions."""
    # Half a second, which who asks for no interval need not wait.
    from scipy.stats import bootstrap

    mean = float(np.mean(values))
    if len(set(values)) == 1:
        return Estimate(mean, mean, mean)
    interval = bootstrap(
        (np.array(values),), np.mean, n_resamples=_RESAMPLES, method="percentile", rng=np.random.default_rng(_SEED)
    ).confidence_interval
    return Estimate(mean, float(interval.low), float(interval.high))


def difference(values: Sequence[float], others: Sequence[float]) -> Difference:
    """What the others have more, question by question; two-sided."""
    from scipy.stats import permutation_test

    changes = np.array(others) - np.array(values)
    changed = changes[changes != 0]
    mean = float(changes.mean()) if len(changes) else 0.0
    if len(changed) < 2:
        # One question says nothing, and SciPy wants two.
        return Difference(mean, 1.0)
    found = permutation_test(
        (changed,),
        np.mean,
        permutation_type="samples",
        vectorized=True,
        n_resamples=_RESAMPLES,
        rng=np.random.default_rng(_SEED),
    )
    return Difference(mean, float(found.pvalue))


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


def _document_run(question: GoldenQuestion, hits: Iterable[Hit]) -> dict[str, float]:
    """The documents found, under the names by which they were judged, with scores that keep their order."""
    names = dict.fromkeys(question.judged_name(hit.source) or hit.source for hit in hits)
    return {name: -float(rank) for rank, name in enumerate(names)}


def _answer_run(rank: int | None, count: int) -> dict[str, float]:
    """As many passages as were found, of which one is the answer."""
    return {("answer" if place == rank else str(place)): -float(place) for place in range(1, count + 1)}


def _measured(judged: Mapping[str, Sequence[str]], runs: Mapping[str, Mapping[str, float]]) -> Values:
    """The measures of each question, in the order of the questions."""
    judgements = {number: dict.fromkeys(names, 1) for number, names in judged.items()}
    # A question for which nothing was found has no measure to ir-measures, and 0 to us.
    values = {name: [0.0] * len(judged) for name in MEASURES}
    names = {measure: name for name, measure in MEASURES.items()}
    for metric in ir_measures.iter_calc(list(MEASURES.values()), judgements, runs):
        values[names[metric.measure]][int(metric.query_id)] = float(metric.value)
    return values
