"""Estimates whose errors repeat in two ways, by voice and by what is said, with intervals that respect both.

An AUC under held-out words is uncertain by the words as well as by the voices: twenty sentences are twenty sentences,
however many people say them. Every estimate here is kept with what each row adds to its error (its influence: for an AUC
the placements of DeLong, DeLong and Clarke-Pearson 1988), so that differences and shares of estimates on the same clips are
as easily judged as the estimates themselves. The variance is that of Cameron, Gelbach and Miller (2011, "Robust inference
with multiway clustering"): by voices, plus by words, minus by both together, and never less than either alone; Student's t
has as many degrees of freedom as the rarer of the two allows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonewise.evaluation.auc import wins
from tonewise.evaluation.intervals import newcombe, numbered
from tonewise.records import Interval

if TYPE_CHECKING:
    import numpy as np

CHANCE = 0.5  # AUC of scores that know nothing

#: Where the ends of the interval of a share are looked for, and how finely.
SHARES = (-2.0, 4.0)
SHARE_STEP = 0.005


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure with its 95 % interval over voices and words; `n` clips. None where undefined."""

    value: float | None
    ci_low: float | None
    ci_high: float | None
    n: int


@dataclass(frozen=True, slots=True, eq=False)
class Clusters:
    """Who speaks and what is said in each row, as numbers from 0; int `(n,)` each."""

    speakers: np.ndarray
    contents: np.ndarray

    @classmethod
    def of(cls, speakers: Sequence[str] | np.ndarray, contents: Sequence[str] | np.ndarray) -> Clusters:
        """From names."""
        return cls(*(numbered(names)[0] for names in (speakers, contents)))

    def counts(self, used: np.ndarray) -> tuple[int, int]:
        """How many voices and how many contents the rows `used`, bool `(n,)`, have."""
        import numpy as np

        return len(np.unique(self.speakers[used])), len(np.unique(self.contents[used]))


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """An estimate and what each row adds to its error.

    Attributes:
        value: the estimate.
        influence: float64 `(n,)`, sums to 0; 0 in rows that had no part.
        used: bool `(n,)`, rows that had a part.
        positives: of them.
    """

    value: float
    influence: np.ndarray
    used: np.ndarray
    positives: int = 0

    def minus(self, other: Linear, factor: float = 1.0) -> Linear:
        """This estimate less `factor` times another one of the same rows."""
        return Linear(
            self.value - factor * other.value,
            self.influence - factor * other.influence,
            self.used | other.used,
            self.positives,
        )


def ranked(scores: np.ndarray, positive: np.ndarray, strata: np.ndarray) -> Linear | None:
    """AUC of pairs within strata: how often the positive one of two rows of one stratum has the higher score.

    Scores of different models are not comparable, so that pairs are made within what one model was tested on.

    Args:
        scores: `(n,)`; NaN = not tested.
        positive: bool `(n,)`.
        strata: int `(n,)`; below 0 = has no part.

    Returns:
        None where no stratum has both classes.
    """
    import numpy as np

    positive = np.asarray(positive, dtype=bool)
    won = np.zeros(len(scores))  # pairs each row wins, if positive, or loses, if negative
    pairs = np.zeros(len(scores))
    for rows in _strata(scores, strata):
        ups, downs = rows[positive[rows]], rows[~positive[rows]]
        if len(ups) and len(downs):
            won[ups], pairs[ups] = wins(scores[ups], scores[downs]), len(downs)
            won[downs], pairs[downs] = len(ups) - wins(scores[downs], scores[ups]), len(ups)
    used = pairs > 0
    total = pairs[positive].sum()
    if not total:
        return None
    value = float(won[positive].sum() / total)
    return Linear(value, (won - value * pairs) / total, used, int(positive[used].sum()))


def explained(values: np.ndarray, predicted: np.ndarray) -> Linear | None:
    """Share of the variance of `values` `(n,)` that was predicted: 1 − squared errors over squared deviations.

    Rows with NaN have no part. Out of fold it may be negative: then a constant predicts better. None without variance.
    """
    import numpy as np

    used = np.isfinite(values) & np.isfinite(predicted)
    errors, spread = np.zeros(len(values)), np.zeros(len(values))
    errors[used] = (values[used] - predicted[used]) ** 2
    spread[used] = (values[used] - values[used].mean()) ** 2 if used.any() else 0.0
    if not spread.sum() > 0:
        return None
    value = float(1 - errors.sum() / spread.sum())
    return Linear(value, ((1 - value) * spread - errors) / spread.sum(), used)


def deviation(influence: np.ndarray, used: np.ndarray, clusters: Clusters) -> tuple[float, float] | None:
    """Standard error and the t that makes 95 % of it; None from a single voice or a single content."""
    import numpy as np
    from scipy.stats import t

    found = [_clustered(influence[used], codes) for codes in _codes(used, clusters)]
    fewest = min(count for _, count in found[:2])
    if fewest < 2:
        return None
    by_speaker, by_content, by_both = (variance for variance, _ in found)
    variance = max(by_speaker + by_content - by_both, by_speaker, by_content)
    return float(np.sqrt(variance)), float(t.ppf(0.975, fewest - 1))


def estimate(found: Linear | None, clusters: Clusters) -> Estimate | None:
    """A difference or share with its interval; None where the estimate is undefined."""
    if found is None:
        return None
    n = int(found.used.sum())
    spread = deviation(found.influence, found.used, clusters)
    if spread is None:
        return Estimate(found.value, None, None, n)
    reach = spread[0] * spread[1]
    return Estimate(found.value, found.value - reach, found.value + reach, n)


def auc_interval(found: Linear | None, clusters: Clusters, tested: np.ndarray, grouped_by: str = "speaker") -> Interval:
    """An AUC with its interval, never narrower than Newcombe's for independent utterances; undefined = None.

    Args:
        found: of `ranked`.
        clusters: voices and contents.
        tested: bool `(n,)`, the rows that were to be judged, told where the AUC is undefined.
        grouped_by: what a voice is: speaker or recording.
    """
    used = tested if found is None else found.used
    n, groups = int(used.sum()), clusters.counts(used)[0]
    if found is None:
        return Interval(None, None, None, n, 0, groups, grouped_by)
    spread = deviation(found.influence, found.used, clusters)
    low, high = newcombe(found.value, [(found.positives, n - found.positives, 1.0)])
    if spread is None:
        low, high = 0.0, 1.0
    else:
        reach = spread[0] * spread[1]
        low, high = max(0.0, min(low, found.value - reach)), min(1.0, max(high, found.value + reach))
    return Interval(found.value, low, high, n, found.positives, groups, grouped_by)


def kept_share(before: Linear, after: Linear, clusters: Clusters) -> Estimate | None:
    """How much of the skill (AUC above chance) of `before` is left in `after`: 1 = all, 0 = none.

    The interval holds every share k for which `after` − k · `before` may be 0 (Fieller 1954). It is None unless `before` is
    above chance by its own interval: a share of nothing is undefined.
    """
    import numpy as np

    base = deviation(before.influence, before.used, clusters)
    skill, left = before.value - CHANCE, after.value - CHANCE
    if base is None or skill <= base[0] * base[1]:
        return None
    used = before.used | after.used
    shares = np.arange(SHARES[0], SHARES[1] + SHARE_STEP, SHARE_STEP)
    spread = np.sqrt(_variances(before, after, shares, used, clusters))
    value = left / skill
    open_ = shares[np.abs(left - shares * skill) <= base[1] * spread]
    return Estimate(value, float(min([*open_, value])), float(max([*open_, value])), int(used.sum()))


def _variances(before: Linear, after: Linear, shares: np.ndarray, used: np.ndarray, clusters: Clusters) -> np.ndarray:
    """Variance of `after` − k · `before` for each share k, as `deviation` takes it."""
    import numpy as np

    def clustered(codes: np.ndarray) -> np.ndarray:
        _, dense = np.unique(codes, return_inverse=True)
        first, second = (np.bincount(dense, weights=each.influence[used]) for each in (before, after))
        scale = len(first) / max(len(first) - 1, 1)
        variance: np.ndarray = scale * (second @ second - 2 * shares * (first @ second) + shares**2 * (first @ first))
        return variance

    by_speaker, by_content, by_both = (clustered(codes) for codes in _codes(used, clusters))
    variances: np.ndarray = np.maximum.reduce([by_speaker + by_content - by_both, by_speaker, by_content])
    return variances


def _codes(used: np.ndarray, clusters: Clusters) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Voices, contents, and both together, of the rows used."""
    import numpy as np

    speakers, contents = clusters.speakers[used], clusters.contents[used]
    return speakers, contents, speakers.astype(np.int64) * (int(clusters.contents.max()) + 1) + contents


def _clustered(influence: np.ndarray, codes: np.ndarray) -> tuple[float, int]:
    """Variance of a sum whose terms go together by `codes`, and the number of clusters."""
    import numpy as np

    _, dense = np.unique(codes, return_inverse=True)
    sums = np.bincount(dense, weights=influence)
    count = len(sums)
    return float((sums**2).sum()) * count / max(count - 1, 1), count


def _strata(scores: np.ndarray, strata: np.ndarray) -> list[np.ndarray]:
    """Rows of each stratum that have a score."""
    import numpy as np

    rows = np.flatnonzero((strata >= 0) & np.isfinite(scores))
    rows = rows[np.argsort(strata[rows], kind="stable")]
    return [each for each in np.split(rows, np.flatnonzero(np.diff(strata[rows])) + 1) if len(each)]
