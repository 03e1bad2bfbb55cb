"""How certain a measure is: confidence intervals and significance tests, over the values of the single questions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SIGNIFICANT = 0.05
"""a difference is significant if its p-value is below this"""

_RESAMPLES = 9_999
_SEED = 20_251


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over the questions and its 95 % confidence interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """The mean difference of a measure between two versions, over the same questions."""

    mean: float
    p: float
    """two-sided p-value: the probability of a difference at least as large if there were only chance differences"""

    @property
    def is_significant(self) -> bool:
        return self.p < SIGNIFICANT


def estimate(values: Sequence[float]) -> Estimate:
    """The mean of the values, and its 95 % confidence interval by the percentile bootstrap, with 9,999 resamples."""
    # It takes half a second to import, and is needed only for an interval.
    from scipy.stats import bootstrap

    mean = float(np.mean(values))
    if len(set(values)) == 1:
        return Estimate(mean, mean, mean)
    interval = bootstrap(
        (np.array(values),), np.mean, n_resamples=_RESAMPLES, method="percentile", rng=np.random.default_rng(_SEED)
    ).confidence_interval
    return Estimate(mean, float(interval.low), float(interval.high))


def difference(before: Sequence[float], after: Sequence[float]) -> Difference:
    """The mean of `after` minus `before`, question by question, and its p-value by the paired permutation test.

    Smucker, Allan and Carterette, "A Comparison of Statistical Significance Tests for Information Retrieval Evaluation"
    (2007), recommend this test.
    """
    from scipy.stats import permutation_test

    changes = np.array(after) - np.array(before)
    nonzero_changes = changes[changes != 0]
    mean = float(changes.mean()) if len(changes) else 0.0
    if len(nonzero_changes) < 2:
        # A single question shows nothing, and SciPy needs two values.
        return Difference(mean, 1.0)
    test = permutation_test(
        (nonzero_changes,),
        np.mean,
        permutation_type="samples",
        vectorized=True,
        n_resamples=_RESAMPLES,
        rng=np.random.default_rng(_SEED),
    )
    return Difference(mean, float(test.pvalue))
