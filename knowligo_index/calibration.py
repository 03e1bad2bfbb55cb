"""How the dense and the lexical search are weighed, by what the corpus shows.

A fixed recipe loses: where the encoder doesn't know the language of the documents its score is worth little, and where
documents and people use other words, the lexical score is. So questions whose answers are known are asked with every
weight, and the one with the best nDCG@10 is kept: questions that the corpus asks itself, and golden questions.

Few questions say little, and those of the corpus are no person's: they have more of the passages' words or fewer. So of
the weights that are not worse than the best one beyond doubt, that is by two standard errors of the difference, the one
nearest to the usual weight is taken, in the manner of the one-standard-error rule (Breiman, Friedman, Olshen and Stone,
"Classification and Regression Trees", 1984). A search that is better alone, beyond that doubt, is taken alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Literal

import numpy as np

from knowligo_index.hybrid_search import Candidates
from knowligo_index.manifest import Fusion, FusionEvidence, FusionWeights

WEIGHTS = tuple(step / 10 for step in range(11))
"""dense weights that are tried"""

_DEPTH = 10

# Golden questions are a person's own words, and count as so many that a corpus asks itself.
_GOLDEN_COUNTS = 4

# Standard errors that leave no doubt: one time in twenty chance alone makes as much of a difference.
_NO_DOUBT = 2

# Fewer questions, by what they count, move no weight: their own spread is not known well enough.
_LEAST_TO_LEARN = 16

Kind = Literal["known", "unknown"]


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """How good the answer to a question is by each of the weights."""

    kind: Kind
    golden: bool
    ndcg: tuple[float, ...]
    """nDCG@10, one for each of `WEIGHTS`"""


def ask(
    known: bool,
    candidates: Candidates,
    first: Callable[[list[tuple[int, float]], int], Sequence[tuple[int, float]]],
    is_answer: Callable[[Sequence[int]], Mapping[int, bool]],
    *,
    golden: bool,
) -> AskedQuestion:
    """Ask with every weight a question whose language is known, or not. `first` gives the best of a ranking;
    `is_answer` says which of these chunks answer. One answer is enough: the others count for nothing."""
    ranked = [[chunk_id for chunk_id, _ in first(candidates.fused(weight), _DEPTH)] for weight in WEIGHTS]
    answers = is_answer(sorted({chunk_id for ids in ranked for chunk_id in ids}))
    return AskedQuestion(
        "known" if known else "unknown", golden, tuple(_ndcg([answers[chunk_id] for chunk_id in ids]) for ids in ranked)
    )


def learn(asked: Sequence[AskedQuestion]) -> Fusion:
    """The weights for the two kinds of questions, and what they were chosen by."""
    usual = FusionWeights()
    known, known_evidence = _learn_one(asked, "known", usual.known)
    unknown, unknown_evidence = _learn_one(asked, "unknown", usual.unknown)
    return Fusion(FusionWeights(known, unknown), [known_evidence, unknown_evidence])


def _learn_one(asked: Sequence[AskedQuestion], kind: Kind, usual: float) -> tuple[float, FusionEvidence]:
    ours = [question for question in asked if question.kind == kind]
    golden = sum(question.golden for question in ours)
    if not ours:
        return usual, FusionEvidence(kind, 0, 0, {})
    counts = np.array([_GOLDEN_COUNTS if question.golden else 1 for question in ours], dtype=np.float64)
    values = np.array([question.ndcg for question in ours])
    shares = counts / counts.sum()
    means = shares @ values
    best = int(np.argmax(means))
    behind = values[:, [best]] - values
    # Of a mean whose terms have these shares.
    errors = np.sqrt(np.square(shares) @ np.square(behind - shares @ behind))
    good = [place for place, error in enumerate(errors) if means[best] - means[place] <= _NO_DOUBT * error]
    chosen = min(good, key=lambda place: (abs(WEIGHTS[place] - usual), -means[place]))
    ndcg = {str(weight): round(float(mean), 4) for weight, mean in zip(WEIGHTS, means, strict=True)}
    weight = WEIGHTS[chosen] if counts.sum() >= _LEAST_TO_LEARN else usual
    return weight, FusionEvidence(kind, len(ours) - golden, golden, ndcg)


def _ndcg(answers: Sequence[bool]) -> float:
    """nDCG where the first answer is the only one: Järvelin and Kekäläinen, "Cumulated Gain-Based Evaluation of IR
    Techniques" (2002)."""
    return next((1 / log2(rank + 1) for rank, answer in enumerate(answers, start=1) if answer), 0.0)
