"""ROC AUC with a 95 % interval from a bootstrap over speakers (or recordings).

Utterances of one speaker are alike, so that an interval over utterances would be too narrow: whole speakers are drawn.
With few speakers the percentile interval of the bootstrap is itself too narrow; its distances from the estimate are
multiplied by sqrt(G/(G-1)) · t(0.975, G-1) / z(0.975), the usual small-sample correction for G clusters (Cameron,
Gelbach and Miller 2008, "Bootstrap-based improvements for inference with clustered errors"). From a single speaker
nothing can be known about others: the interval is 0 to 1.

A bootstrap also knows nothing of what it never drew: where every pair is ranked right, all resamples are 1. So the interval
is never narrower than Newcombe's for independent utterances (2006, "Confidence intervals for an effect size measure based
on the Mann–Whitney statistic. Part 2", method 5), which stays open at 0 and 1 as Wilson's does for a share.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tonewise.evaluation.auc import roc_auc, wins
from tonewise.records import Interval

if TYPE_CHECKING:
    import numpy as np

#: Independent pairs: positives, negatives, and the weight of their AUC in the mean.
Stratum = tuple[int, int, float]

RESAMPLES = 2000
MATRIX_GROUPS = 1500  # up to here one G × G matrix of pair counts makes every resample a product


def roc_auc_interval(
    scores: np.ndarray,
    positive: np.ndarray,
    groups: np.ndarray,
    *,
    grouped_by: str = "speaker",
    seed: int = 0,
) -> Interval:
    """ROC AUC of `scores` for `positive`, with its interval.

    Args:
        scores: `(n,)`, larger = more positive.
        positive: `(n,)` bool.
        groups: `(n,)` names of what is drawn together.
        grouped_by: what a group is, kept in the result.
        seed: of the bootstrap.

    Returns:
        The interval; its AUC is None where only one class is present.
    """
    import numpy as np

    positive = np.asarray(positive, dtype=bool)
    group_of, count = numbered(groups)
    n, positives = len(positive), int(positive.sum())
    auc = roc_auc(scores, positive)
    if auc is None:
        return Interval(None, None, None, n, positives, count, grouped_by)
    low, high = bootstrap_bounds(auc, resampled_aucs(scores, positive, group_of, count, seed), count)
    alone = newcombe(auc, [(positives, n - positives, 1.0)])
    return Interval(auc, min(low, alone[0]), max(high, alone[1]), n, positives, count, grouped_by)


def numbered(names: np.ndarray | Sequence[str]) -> tuple[np.ndarray, int]:
    """Names as numbers from 0, int `(n,)`, and how many different ones there are."""
    import numpy as np

    known, numbers = np.unique(np.asarray(names, dtype=str), return_inverse=True)
    return numbers, len(known)


def newcombe(auc: float, strata: Sequence[Stratum]) -> tuple[float, float]:
    """95 % interval of a (weighted mean of) AUC of independent utterances: the θ whose standard error reaches the estimate.

    Args:
        auc: 0..1.
        strata: one or more; their weights are together 1.
    """
    from scipy.optimize import brentq
    from scipy.stats import norm

    z = float(norm.ppf(0.975))

    def excess(theta: float) -> float:
        alike = (1 - theta) / (2 - theta) + theta / (1 + theta)
        spread = sum(share**2 * (1 + ((m + n) / 2 - 1) * alike) / (m * n) for m, n, share in strata)
        return float((theta - auc) ** 2 - z**2 * theta * (1 - theta) * spread)

    hair = 1e-9  # at 0 and 1 the estimate itself is a root, and the other one is meant
    low = 0.0 if auc <= hair else float(brentq(excess, 0.0, auc * (1 - hair)))
    high = 1.0 if auc >= 1 - hair else float(brentq(excess, auc + (1 - auc) * hair, 1.0))
    return low, high


def bootstrap_bounds(
    value: float, resampled: np.ndarray, groups: int, bounds: tuple[float, float] = (0.0, 1.0)
) -> tuple[float, float]:
    """95 % interval of an estimate from resamples of whole groups, widened for few of them.

    Args:
        value: the estimate.
        resampled: the same of each resample.
        groups: how many were drawn from; of fewer than two nothing is known of others.
        bounds: the least and the most that the estimate can be.
    """
    import numpy as np
    from scipy.stats import norm, t

    if groups < 2 or not len(resampled):
        return bounds
    widen = float(np.sqrt(groups / (groups - 1)) * t.ppf(0.975, groups - 1) / norm.ppf(0.975))
    low, high = np.quantile(resampled, [0.025, 0.975])
    # A bootstrap may sit beside its estimate; an interval that leaves its own estimate out would be absurd.
    low, high = min(float(low), value), max(float(high), value)
    return max(bounds[0], value - widen * (value - low)), min(bounds[1], value + widen * (high - value))


def resampled_aucs(scores: np.ndarray, positive: np.ndarray, group_of: np.ndarray, count: int, seed: int) -> np.ndarray:
    """AUCs of resamples of whole groups, numbered by `group_of`; those with one class only are left out."""
    import numpy as np

    random = np.random.default_rng(seed)
    if count <= MATRIX_GROUPS:
        drawn = random.multinomial(count, np.full(count, 1 / count), size=RESAMPLES).astype(np.float64)
        return _by_pair_counts(scores, positive, group_of, count, drawn)
    weights = random.multinomial(count, np.full(count, 1 / count), size=RESAMPLES // 4)
    return _by_weights(scores, positive, group_of, weights)


def _by_pair_counts(
    scores: np.ndarray, positive: np.ndarray, group_of: np.ndarray, count: int, drawn: np.ndarray
) -> np.ndarray:
    """AUC of a draw c of groups is (c·W·c) / (c·P)(c·N): W[g, h] counts the pairs that g's positives win of h."""
    import numpy as np

    won_of = np.zeros((count, count))
    order = np.argsort(scores[positive], kind="stable")
    ranked, owners = scores[positive][order], group_of[positive][order]
    for group in range(count):
        beaten = wins(ranked, scores[~positive & (group_of == group)])
        won_of[:, group] = np.bincount(owners, weights=beaten, minlength=count)
    positives = np.bincount(group_of[positive], minlength=count)
    negatives_of = np.bincount(group_of[~positive], minlength=count)
    pairs = (drawn @ positives) * (drawn @ negatives_of)
    won = np.einsum("rg,gh,rh->r", drawn, won_of, drawn, optimize=True)
    rates: np.ndarray = won[pairs > 0] / pairs[pairs > 0]
    return rates


def _by_weights(scores: np.ndarray, positive: np.ndarray, group_of: np.ndarray, weights: np.ndarray) -> np.ndarray:
    import numpy as np
    from sklearn.metrics import roc_auc_score

    found = []
    for draw in weights:
        weight = draw[group_of].astype(np.float64)
        if weight[positive].any() and weight[~positive].any():
            found.append(roc_auc_score(positive, scores, sample_weight=weight))
    return np.array(found)
