"""How far a score can be read as a probability, and Platt's way to mend it on utterances that were held out.

What is fitted here is to be fitted on validation rows only: on training rows every model is too sure of itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonewise.errors import LabelError
from tonewise.evaluation.intervals import numbered
from tonewise.records import Calibration, ReliabilityBin

if TYPE_CHECKING:
    import numpy as np

BINS = 10
BIN_SIZE = 20  # utterances at least: a share of fewer says little

DRAWS = 200  # of labels that fit the scores

_EDGE = 1e-6  # probabilities are kept so far from 0 and 1, whose logits are infinite


@dataclass(frozen=True, slots=True)
class Platt:
    """Calibration by two numbers: p becomes 1 / (1 + exp(−(slope · logit(p) + intercept))).

    A slope of 1 and an intercept of 0 change nothing. A slope under 0 would turn the order round: the scores rank backwards
    on what it was fitted on.

    Source: J. Platt, "Probabilistic outputs for support vector machines" (1999).
    """

    slope: float
    intercept: float

    def apply(self, scores: np.ndarray) -> np.ndarray:
        """Calibrated probabilities of scores 0..1, float64 of the same shape; NaN stays NaN."""
        from scipy.special import expit

        calibrated: np.ndarray = expit(self.slope * _logit(scores) + self.intercept)
        return calibrated


def fit_platt(scores: np.ndarray, positive: np.ndarray, weights: np.ndarray | None = None) -> Platt:
    """Fit Platt's two numbers, with his smoothed targets, so that perfect scores of few do not become certain.

    Args:
        scores: `(n,)`, 0..1, of utterances that the model has not learned from.
        positive: `(n,)` bool.
        weights: `(n,)`, not negative; None = all alike.

    Raises:
        LabelError: one class only is present.
    """
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    positive, weights = _both_classes(positive, weights)
    yes, no = weights[positive].sum(), weights[~positive].sum()
    target = np.where(positive, (yes + 1) / (yes + 2), 1 / (no + 2))
    # A soft target is two rows: one of each class, weighted by its probability.
    rows = np.tile(_logit(scores), 2)[:, None]
    classes = np.repeat([1, 0], len(target))
    weight = np.concatenate([weights * target, weights * (1 - target)])
    fitted = LogisticRegression(C=1e6, max_iter=1000).fit(rows, classes, sample_weight=weight)
    return Platt(float(fitted.coef_[0, 0]), float(fitted.intercept_[0]))


def calibration(scores: np.ndarray, positive: np.ndarray, groups: np.ndarray, *, seed: int = 0) -> Calibration:
    """Brier score with its parts, expected calibration error and reliability curve.

    Bins hold about equal numbers of utterances, at most ten and each of 20 at least; equal scores share one. Intervals take
    groups as what was sampled (the ratio estimator's variance between groups, Student's t). Those of shares are never
    narrower than Wilson's for independent utterances; of one group all are 0 to 1.

    Args:
        scores: `(n,)`, 0..1.
        positive: `(n,)` bool.
        groups: `(n,)` names of speakers (or recordings).
        seed: of what is drawn.

    Source: A. Murphy, "A new vector partition of the probability score" (1973); D. Stephenson et al., "Two extra components
    in the Brier score decomposition" (2008); W. Cochran, "Sampling Techniques" (1977), section 6, for the ratio estimator.
    """
    import numpy as np

    scores, positive = np.asarray(scores, dtype=float), np.asarray(positive, dtype=bool)
    n = len(scores)
    if not n:
        return Calibration(0)
    group_of, _ = numbered(groups)
    bin_of = _bins(scores)
    counts, sums, hits = (np.bincount(bin_of, weights=each) for each in (np.ones(n), scores, positive))
    means, shares, rate = sums / counts, hits / counts, float(positive.mean())
    brier = float(((scores - positive) ** 2).mean())
    reliability = float((counts * (means - shares) ** 2).sum() / n)
    resolution = float((counts * (shares - rate) ** 2).sum() / n)
    low, high = _limits((scores - positive) ** 2, np.zeros(n, dtype=int), group_of)
    return Calibration(
        n,
        _curve(means, counts, positive, bin_of, group_of),
        brier=brier,
        brier_low=float(low[0]),
        brier_high=float(high[0]),
        reliability=reliability,
        resolution=resolution,
        uncertainty=rate * (1 - rate),
        within=brier - (reliability - resolution + rate * (1 - rate)),
        ece=float((counts * np.abs(means - shares)).sum() / n),
        ece_chance=_ece_chance(scores, bin_of, np.random.default_rng(seed)),
    )


def _both_classes(positive: np.ndarray, weights: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    import numpy as np

    positive = np.asarray(positive, dtype=bool)
    if not 0 < positive.sum() < len(positive):
        raise LabelError(
            f"a calibration needs positive and negative utterances, and there are {int(positive.sum())} positive of "
            f"{len(positive)}; validate on more of them"
        )
    return positive, np.ones(len(positive)) if weights is None else np.asarray(weights, dtype=float)


def _logit(scores: np.ndarray) -> np.ndarray:
    import numpy as np
    from scipy.special import logit

    found: np.ndarray = logit(np.clip(np.asarray(scores, dtype=float), _EDGE, 1 - _EDGE))
    return found


def _bins(scores: np.ndarray) -> np.ndarray:
    """Bins of about equal size by rising score, numbered from 0 without gaps; equal scores are in one."""
    import numpy as np

    number = int(np.clip(len(scores) // BIN_SIZE, 1, BINS))
    edges = np.unique(np.quantile(scores, np.arange(1, number) / number))
    _, bin_of = np.unique(np.searchsorted(edges, scores, side="left"), return_inverse=True)
    return bin_of


def _ece_chance(scores: np.ndarray, bin_of: np.ndarray, random: np.random.Generator) -> float:
    """Mean ECE of labels that are drawn with the scores as their probabilities."""
    import numpy as np

    found = []
    for _ in range(DRAWS):
        error = np.bincount(bin_of, weights=scores - (random.random(len(scores)) < scores))
        found.append(np.abs(error).sum() / len(scores))
    return float(np.mean(found))


def _limits(values: np.ndarray, bin_of: np.ndarray, group_of: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """95 % limits of the mean of `values` (0..1) in each bin, groups taken as what was sampled."""
    import numpy as np
    from scipy.stats import t

    groups, bins = int(group_of.max()) + 1, int(bin_of.max()) + 1
    if groups < 2:
        return np.zeros(bins), np.ones(bins)
    cell = group_of * bins + bin_of
    sums = np.bincount(cell, weights=values, minlength=groups * bins).reshape(groups, bins)
    sizes = np.bincount(cell, minlength=groups * bins).reshape(groups, bins)
    mean = sums.sum(axis=0) / sizes.sum(axis=0)
    spread = ((sums - mean * sizes) ** 2).sum(axis=0) * groups / (groups - 1)
    reach = t.ppf(0.975, groups - 1) * np.sqrt(spread) / sizes.sum(axis=0)
    return np.clip(mean - reach, 0, 1), np.clip(mean + reach, 0, 1)


def _curve(
    means: np.ndarray,
    counts: np.ndarray,
    positive: np.ndarray,
    bin_of: np.ndarray,
    group_of: np.ndarray,
) -> tuple[ReliabilityBin, ...]:
    low, high = _limits(positive.astype(float), bin_of, group_of)
    found = []
    for here, (mean, count) in enumerate(zip(means, counts, strict=True)):
        share = float(positive[bin_of == here].mean())
        alone = _wilson(share, int(count))
        found.append(
            ReliabilityBin(
                float(mean), share, min(float(low[here]), alone[0]), max(float(high[here]), alone[1]), int(count)
            )
        )
    return tuple(found)


def _wilson(share: float, n: int) -> tuple[float, float]:
    """95 % interval of a share of independent utterances (E. Wilson 1927)."""
    from scipy.stats import norm

    z = float(norm.ppf(0.975))
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    reach = z * (share * (1 - share) / n + z**2 / (4 * n**2)) ** 0.5 / (1 + z**2 / n)
    return max(0.0, middle - reach), min(1.0, middle + reach)
