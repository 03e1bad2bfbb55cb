"""What a version that is complete, and not published yet, must show: that its vectors are those of its passages, and
that golden questions are answered no worse than by the live one."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from knowligo_index.encoders.probes import PROBE_COSINE_FLOORS
from knowligo_index.evaluation.golden_questions import GoldenQuestion
from knowligo_index.evaluation.measures import DEPTH, Evaluation, declined_difference, evaluate_hits
from knowligo_index.evaluation.results import QuestionResult, declined
from knowligo_index.evaluation.significance import SIGNIFICANT, difference
from knowligo_index.gate.rules import GateOptions
from knowligo_index.search.open_version import OpenVersion
from knowligo_index.store.manifest import Manifest
from knowligo_index.system.arrays import FloatMatrix

# Worst of all questions first; the others are in `diff`.
_NAMED = 5

# Ranks that are no worse than each other to a person.
_FIRST_PAGE = 5


@dataclass(frozen=True, slots=True)
class AskedGolden:
    """The golden questions as an encoder sees them."""

    questions: Sequence[GoldenQuestion]
    vectors: FloatMatrix
    """float32 (n, dim), unit rows"""


@dataclass(frozen=True, slots=True)
class Reencoded:
    """Passages of the index encoded once more, by what its questions will be encoded with."""

    rows: Sequence[int] = ()
    texts: Sequence[str] = ()
    """with their breadcrumbs, as they are written"""
    vectors: FloatMatrix = field(default_factory=lambda: np.empty((0, 0), np.float32))
    """float32 (n, dim), unit rows"""
    probes: FloatMatrix = field(default_factory=lambda: np.empty((0, 0), np.float32))
    """of the probe texts, float32 (n, dim), unit rows"""


def wrong_vectors(opened: OpenVersion, again: Reencoded) -> list[str]:
    """Refuse a version that has other vectors than its encoder gives its passages: shuffled ones, those of another
    model, or of another precision."""
    floor = PROBE_COSINE_FLOORS[opened.manifest.encoder.precision]
    texts = opened.chunks.written(again.rows)
    cosines = [
        float(opened.vectors.scores(vector, [row])[0]) for row, vector in zip(again.rows, again.vectors, strict=True)
    ]
    wrong = [
        row
        for row, text, expected, cosine in zip(again.rows, texts, again.texts, cosines, strict=True)
        if text != expected or not cosine >= floor
    ]
    if not wrong:
        return []
    sentence = (
        f"{len(wrong)} of {len(again.rows)} passages that were encoded again have other vectors in the index (lowest "
        f"cosine {min(cosines):.5f}, {floor} needed): remove the cache folder of the index and build again."
    )
    return [sentence]


def wrong_encoder(live: Manifest | None, made: Manifest, query_probes: FloatMatrix) -> list[str]:
    """Refuse a version whose encoder, or the export of it that questions will be encoded with, gives the probe texts
    other vectors than the live version's did, if that has the same encoder. `query_probes`: the export's vectors,
    float32 (n, dim), unit rows."""
    vectors = np.array([probe.vector for probe in made.probes], np.float32)
    floor = PROBE_COSINE_FLOORS[made.encoder.precision]
    against = {"the encoder that questions are encoded with": query_probes}
    if live is not None and live.encoder.fingerprint == made.encoder.fingerprint:
        known = {probe.text: probe.vector for probe in live.probes}
        if all(probe.text in known for probe in made.probes):
            against[f"version {live.version}"] = np.array([known[probe.text] for probe in made.probes], np.float32)
    return [
        f"the encoder gives other vectors than {what} (cosine {lowest:.5f} on a probe text, {floor} needed), though it "
        "says that it is the same: remove its folder in encoders/ and build again."
        for what, others in against.items()
        if not (lowest := float(np.sum(vectors * others, axis=1).min())) >= floor
    ]


def evaluate_version(opened: OpenVersion, golden: AskedGolden) -> Evaluation:
    """How the version answers them."""
    k = min(DEPTH, opened.manifest.chunks)
    questions = [question.question for question in golden.questions]
    return evaluate_hits(golden.questions, opened.hybrid(questions, golden.vectors, k), opened.fusion)


def worse_answers(
    after: Evaluation, before: Evaluation | None, live: Manifest | None, options: GateOptions
) -> list[str]:
    """Refuse a version that finds too few answers, or significantly fewer than the live one, `before`."""
    refused: list[str] = []
    # Where nothing answers any of the questions there is no recall, and nothing to compare but what is declined.
    recall = after.means("answer").get("recall@5")
    if options.min_recall is not None and recall is not None and recall < options.min_recall:
        lost = [result for result in after.answerable if (result.answer_rank or DEPTH) > _FIRST_PAGE]
        refused.append(
            f"{len(after.answerable) - len(lost)} of {len(after.answerable)} golden questions are answered by one of "
            f"the first 5 passages ({recall:.3f}), and --min-recall {options.min_recall:g} asks for more: see to the "
            f"others ({_some([_quoted(result) for result in lost])})."
        )
    if before is not None and live is not None:
        change = difference(before.values["answer"]["ndcg@10"], after.values["answer"]["ndcg@10"])
        if change.mean < 0 and change.is_significant:
            old, new = (each.means("answer")["ndcg@10"] for each in (before, after))
            refused.append(
                f"golden questions are answered worse than by {live.version}: nDCG@10 {new:.3f} instead of {old:.3f} "
                f"(p = {change.p:.4f}, {SIGNIFICANT} is the limit): look at what changed, or go on with `rollback` to "
                f"this version ({_some(lost_answers(before, after))})."
            )
        refused += _fewer_declined(after, before, live)
    return refused


def _fewer_declined(after: Evaluation, before: Evaluation, live: Manifest) -> list[str]:
    """Refuse a version that significantly more often takes something for the answer to what nothing answers."""
    change = declined_difference(before, after)
    if not (change.mean < 0 and change.is_significant):
        return []
    old, new = (declined(each.unanswerable) for each in (before, after))
    lost = [
        f"{_quoted(now)}: first is {now.first_source}"
        for was, now in zip(before.unanswerable, after.unanswerable, strict=True)
        if was.declined and not now.declined
    ]
    sentence = (
        f"questions that nothing answers are declined less often than by {live.version}: {new.declined} of "
        f"{new.questions} instead of {old.declined} (p = {change.p:.4f}, {SIGNIFICANT} is the limit): look at what "
        f"changed, or go on with `rollback` to this version ({_some(lost)})."
    )
    return [sentence]


def lost_answers(before: Evaluation, after: Evaluation) -> list[str]:
    """The questions whose answer came later than before, those that lost most first, each with where it went."""
    pairs = [(old, new) for old, new in zip(before.results, after.results, strict=True) if _place(new) > _place(old)]
    pairs.sort(key=lambda pair: 1 / _place(pair[1]) - 1 / _place(pair[0]))
    return [
        f"{_quoted(new)}: {old.source} was {_rank(old)} and is {_rank(new)}, first is {new.first_source or 'nothing'}"
        for old, new in pairs
    ]


def _place(result: QuestionResult) -> int:
    return result.answer_rank or DEPTH + 1


def _rank(result: QuestionResult) -> str:
    return f"{result.answer_rank}." if result.answer_rank else f"not among {DEPTH}"


def _quoted(result: QuestionResult) -> str:
    return f'"{result.question}"'


def _some(sentences: Sequence[str]) -> str:
    more = len(sentences) - _NAMED
    return "; ".join(sentences[:_NAMED]) + (f"; and {more} more" if more > 0 else "")
