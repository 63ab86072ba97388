"""How often a positive utterance outranks a negative one, with what small samples need: exact tests, honest intervals.

Pairs are made within strata (languages) only, so that neither a language that is always scored higher nor a voice can pass
for tone. Strata are weighted as van Elteren does: by their pairs over their utterances plus one, which grows with a
stratum's size and not with its square.

Two intervals answer two questions. `Ranking.interval` is about further utterances like these, by the same voices: it takes
utterances as independent (`tonewise.evaluation.small_samples`). `Ranking.voices` is about other voices: it takes speakers as
what was sampled, and from a single speaker it is 0 to 1. It is never the narrower one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tonewise.evaluation.auc import placements, roc_auc
from tonewise.evaluation.intervals import Stratum, numbered, roc_auc_interval
from tonewise.evaluation.permutation import chance
from tonewise.evaluation.small_samples import assumption_free, auc_interval
from tonewise.records import Interval

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Ranking:
    """How well scores rank, and what chance would do. Figures are None where no stratum has both classes.

    Attributes:
        interval: AUC (over strata: their weighted mean) with its exact 95 % interval, of utterances.
        assumption_free: the 95 % interval that needs no model of the scores.
        voices: the same AUC with its interval over speakers.
        p_greater: one-sided p-value: how often chance ranks positive above negative as clearly as here.
        p_two_sided: twice the smaller one-sided one, at most 1.
        p_smallest: the one-sided p-value of the best order that counts, speakers and ties allow; where it is above 0.025
            nothing could have been shown, whatever the scores.
        exact: whether all ways of dealing out the labels were counted (else 10,000 of them were drawn).
        strata: how many had both classes.
    """

    interval: Interval
    voices: Interval
    assumption_free: tuple[float, float] | None = None
    p_greater: float | None = None
    p_two_sided: float | None = None
    p_smallest: float | None = None
    exact: bool | None = None
    strata: int = 0


def rank(
    scores: np.ndarray,
    positive: np.ndarray,
    groups: np.ndarray,
    strata: np.ndarray | None = None,
    *,
    grouped_by: str = "speaker",
    seed: int = 0,
) -> Ranking:
    """Judge how scores rank positive over negative.

    Args:
        scores: `(n,)`, finite; larger = more positive.
        positive: `(n,)` bool.
        groups: `(n,)` names of speakers (or recordings).
        strata: `(n,)` names of what pairs are made within; None = all is one. Those with one class only have no pairs and
            are left out.
        grouped_by: what a group is, kept in `voices`.
        seed: of the bootstrap, and of what is drawn where not all deals can be counted.
    """
    import numpy as np

    positive, groups = np.asarray(positive, dtype=bool), np.asarray(groups, dtype=str)
    names = np.zeros(len(positive)) if strata is None else np.asarray(strata, dtype=str)
    sample = _sample(np.asarray(scores, dtype=float), positive, groups, names)
    if sample is None:
        undefined = Interval(None, None, None, len(positive), int(positive.sum()), len(positive), "utterance")
        return Ranking(undefined, replace(undefined, groups=len(np.unique(groups)), grouped_by=grouped_by))
    low, high = auc_interval(sample.wins, sample.strata)
    n = len(sample.scores)
    alone = Interval(sample.auc, low, high, n, int(sample.positive.sum()), n, "utterance")
    null = chance(sample.scores, sample.positive, sample.groups, sample.codes, sample.shares, seed=seed)
    greater, less = null.at_least(sample.auc), null.at_most(sample.auc)
    return Ranking(
        interval=alone,
        voices=_no_narrower(_voices(sample, grouped_by, seed), alone),
        assumption_free=assumption_free(sample.auc, sample.strata),
        p_greater=greater,
        p_two_sided=min(1.0, 2 * min(greater, less)),
        p_smallest=null.smallest,
        exact=null.exact,
        strata=len(sample.strata),
    )


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """P-values adjusted for their number, by Holm (1979); None stays None and does not count."""
    known = sorted((p, place) for place, p in enumerate(p_values) if p is not None)
    adjusted: list[float | None] = [None] * len(p_values)
    worst = 0.0
    for done, (p, place) in enumerate(known):
        worst = max(worst, min(1.0, p * (len(known) - done)))
        adjusted[place] = worst
    return adjusted


@dataclass(frozen=True, slots=True, eq=False)
class _Sample:
    """The rows of strata with both classes: `codes` numbers the strata, `aucs` are theirs."""

    scores: np.ndarray
    positive: np.ndarray
    groups: np.ndarray
    codes: np.ndarray
    strata: list[Stratum]
    aucs: np.ndarray

    @property
    def shares(self) -> np.ndarray:
        import numpy as np

        return np.array([share for _, _, share in self.strata])

    @property
    def auc(self) -> float:
        return float(self.aucs @ self.shares)

    @property
    def wins(self) -> list[float]:
        return [float(auc) * m * n for auc, (m, n, _) in zip(self.aucs, self.strata, strict=True)]


def _sample(scores: np.ndarray, positive: np.ndarray, groups: np.ndarray, names: np.ndarray) -> _Sample | None:
    """What can be ranked; None where no stratum has both classes."""
    import numpy as np

    kept = np.zeros(len(positive), dtype=bool)
    for name in np.unique(names):
        rows = names == name
        kept[rows] = 0 < positive[rows].sum() < rows.sum()
    if not kept.any():
        return None
    scores, positive, groups = scores[kept], positive[kept], groups[kept]
    _, codes = np.unique(names[kept], return_inverse=True)
    m, n = np.bincount(codes, weights=positive), np.bincount(codes, weights=~positive)
    weights = m * n / (m + n + 1)  # van Elteren's: best where scores are alike in all strata
    strata = [(int(m_), int(n_), float(share)) for m_, n_, share in zip(m, n, weights / weights.sum(), strict=True)]
    aucs = np.array([roc_auc(scores[codes == code], positive[codes == code]) for code in range(len(strata))])
    return _Sample(scores, positive, groups, codes, strata, aucs)


def _voices(sample: _Sample, grouped_by: str, seed: int) -> Interval:
    """The interval over speakers: of one stratum the bootstrap's; of several by Obuchowski's variance (1997,
    "Nonparametric analysis of clustered ROC curve data") and Student's t for so few speakers."""
    import numpy as np
    from scipy.stats import t

    if len(sample.strata) == 1:
        return roc_auc_interval(sample.scores, sample.positive, sample.groups, grouped_by=grouped_by, seed=seed)
    group_of, count = numbered(sample.groups)
    n = len(group_of)
    low, high = 0.0, 1.0  # from one speaker nothing is known of others
    if count > 1:
        error = float(np.sqrt(count / (count - 1) * (np.bincount(group_of, weights=_influence(sample)) ** 2).sum()))
        reach = float(t.ppf(0.975, count - 1)) * error
        low, high = max(0.0, sample.auc - reach), min(1.0, sample.auc + reach)
    return Interval(sample.auc, low, high, n, int(sample.positive.sum()), count, grouped_by)


def _influence(sample: _Sample) -> np.ndarray:
    """What each utterance adds to the error of the mean AUC: its share of won pairs against the mean (DeLong 1988)."""
    import numpy as np

    found = np.zeros(len(sample.scores))
    for code, ((m, n, share), auc) in enumerate(zip(sample.strata, sample.aucs, strict=True)):
        rows = np.flatnonzero(sample.codes == code)
        positive = sample.positive[rows]
        found[rows] = share * (placements(sample.scores[rows], positive) - auc) / np.where(positive, m, n)
    return found


def _no_narrower(voices: Interval, alone: Interval) -> Interval:
    """`voices` at least as wide as `alone`: of other voices no less is unknown than of these."""
    if voices.ci_low is None or voices.ci_high is None or alone.ci_low is None or alone.ci_high is None:
        return voices
    return replace(voices, ci_low=min(voices.ci_low, alone.ci_low), ci_high=max(voices.ci_high, alone.ci_high))
