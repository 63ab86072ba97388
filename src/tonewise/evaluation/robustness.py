"""What a change of the sound did to scores, and whether that is within stated limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tonewise.errors import InputError
from tonewise.evaluation.comparing import compare_scores
from tonewise.evaluation.intervals import RESAMPLES, bootstrap_bounds, numbered, roc_auc_interval
from tonewise.records import Interval

if TYPE_CHECKING:
    import numpy as np

#: A tone that moved by less counts as unchanged, on the scale from 0 to 1: audEERING's ser-tests draw the line there.
UNCHANGED = 0.05
SIDES = 0.5  # where negative becomes positive


@dataclass(frozen=True, slots=True)
class Limits:
    """What is still allowed.

    Attributes:
        change: mean absolute change of the tone, 0..1; it must be smaller.
        correlation: Spearman's, of the tones before and after; it must be larger. A model that says the same of everything
            never changes, and has no order to keep: this is what it fails.
        auc_drop: fall of the gold AUC; it must be smaller.
    """

    change: float
    correlation: float
    auc_drop: float


#: By how much of a change people hear (`tonewise.audio.perturb.Level`). Of a subtle one nothing should come: no more than
#: `UNCHANGED` on average, and one pair of clips in seven in another order (a correlation of 0.9 means that, by Kendall's
#: τ = 2/π · arcsin r). What anybody hears may move a tone by a tenth of its scale and turn one pair in four around (0.7),
#: since something of the tone is lost for people as well. The order by gold must hold in either case: ser-tests allow the
#: concordance with people's ratings to fall by 0.05, and so do we the AUC.
LIMITS: Mapping[str, Limits] = {
    "subtle": Limits(change=UNCHANGED, correlation=0.9, auc_drop=0.05),
    "plain": Limits(change=2 * UNCHANGED, correlation=0.7, auc_drop=0.05),
}


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over clips with its 95 % interval from a bootstrap over speakers; None where it is undefined."""

    value: float | None
    ci_low: float | None = None
    ci_high: float | None = None


@dataclass(frozen=True, slots=True)
class Stability:
    """How tones stood a change.

    Attributes:
        n: clips that could be heard before and after; `groups` speakers (or recordings) said them.
        change: mean absolute change of the tone.
        shift: mean change, towards positive where it is above 0.
        unchanged: share of clips that moved by less than `UNCHANGED`.
        flipped: share of clips that changed sides at `SIDES`.
        correlation: Spearman's, None where either tone never varies. Its interval holds the ranks fixed.
        clean_auc, auc: by gold, before and after, of the same clips; None where there is no gold.
        drop: how much the AUC fell, with the paired interval; None as above.
        failed: limits that were broken, in plain words; empty = passed.
        certain: whether the whole 95 % interval of the fall lies on one side of its limit; None without gold.
    """

    n: int
    groups: int
    change: Estimate
    shift: Estimate
    unchanged: Estimate
    flipped: Estimate
    correlation: Estimate
    clean_auc: Interval | None = None
    auc: Interval | None = None
    drop: Estimate | None = None
    failed: tuple[str, ...] = ()
    certain: bool | None = None

    @property
    def passed(self) -> bool:
        """Whether no limit was broken."""
        return not self.failed


def stability(
    clean: np.ndarray,
    changed: np.ndarray,
    groups: np.ndarray,
    *,
    limits: Limits,
    positive: np.ndarray | None = None,
    grouped_by: str = "speaker",
    seed: int = 0,
) -> Stability:
    """Compare the tones of the same clips before and after a change.

    Args:
        clean, changed: `(n,)` tones, 0..1; clips with NaN in either are left out.
        groups: `(n,)` speakers or recordings, drawn together by the bootstrap.
        limits: what is allowed.
        positive: `(n,)` bool, gold; None = there is none.
        grouped_by: what a group is.
        seed: of the bootstrap.

    Raises:
        InputError: no clip was heard before and after.
    """
    import numpy as np

    heard = np.isfinite(clean) & np.isfinite(changed)
    if not heard.any():
        raise InputError("no clip could be heard before and after the change: nothing can be compared")
    clean, changed, groups = clean[heard], changed[heard], np.asarray(groups, dtype=str)[heard]
    draws = _Draws(groups, seed)
    moved = changed - clean
    found = Stability(
        n=len(clean),
        groups=draws.count,
        change=draws.mean(np.abs(moved), 0.0, 1.0),
        shift=draws.mean(moved, -1.0, 1.0),
        unchanged=draws.mean(np.abs(moved) < UNCHANGED, 0.0, 1.0),
        flipped=draws.mean((clean >= SIDES) != (changed >= SIDES), 0.0, 1.0),
        correlation=draws.rank_correlation(clean, changed),
    )
    gold = None if positive is None else np.asarray(positive, dtype=bool)[heard]
    if gold is not None and 0 < gold.sum() < len(gold):
        found = _with_gold(found, clean, changed, gold, groups, grouped_by, seed)
    return _judged(found, limits)


def _with_gold(
    found: Stability,
    clean: np.ndarray,
    changed: np.ndarray,
    gold: np.ndarray,
    groups: np.ndarray,
    grouped_by: str,
    seed: int,
) -> Stability:
    paired = compare_scores(clean, changed, gold, groups, seed=seed)
    return replace(
        found,
        clean_auc=roc_auc_interval(clean, gold, groups, grouped_by=grouped_by, seed=seed),
        auc=roc_auc_interval(changed, gold, groups, grouped_by=grouped_by, seed=seed),
        drop=Estimate(paired.difference, paired.ci_low, paired.ci_high),
    )


def _judged(found: Stability, limits: Limits) -> Stability:
    """The same with what it broke."""
    failed = []
    if found.change.value is not None and found.change.value >= limits.change:
        failed.append("change")
    if found.correlation.value is None or found.correlation.value <= limits.correlation:
        failed.append("order")
    drop = found.drop
    if drop is not None and drop.value is not None and drop.value >= limits.auc_drop:
        failed.append("gold")
    certain = None
    if drop is not None and drop.ci_low is not None and drop.ci_high is not None:
        certain = not drop.ci_low < limits.auc_drop <= drop.ci_high
    return replace(found, failed=tuple(failed), certain=certain)


class _Draws:
    """Resamples of whole groups, as sums over them: every mean of a resample is one product."""

    def __init__(self, groups: np.ndarray, seed: int) -> None:
        import numpy as np

        self._group_of, self.count = numbered(groups)
        rng = np.random.default_rng(seed)
        self._drawn = rng.multinomial(self.count, np.full(self.count, 1 / self.count), size=RESAMPLES)
        self._sizes = self._sums(np.ones(len(groups)))

    def mean(self, values: np.ndarray, least: float, most: float) -> Estimate:
        """The mean of values that lie between `least` and `most`."""
        return self._estimate(float(values.mean()), self._means(values), least, most)

    def rank_correlation(self, first: np.ndarray, second: np.ndarray) -> Estimate:
        """Spearman's correlation."""
        import numpy as np
        from scipy.stats import rankdata

        x, y = rankdata(first), rankdata(second)
        if np.ptp(x) == 0 or np.ptp(y) == 0:
            return Estimate(None)
        x, y = (x - x.mean()) / x.std(), (y - y.mean()) / y.std()
        mean_x, mean_y = self._means(x), self._means(y)
        spread = (self._means(x**2) - mean_x**2) * (self._means(y**2) - mean_y**2)
        usable = spread > 1e-12  # a resample of one clip only has none
        shared = self._means(x * y) - mean_x * mean_y
        return self._estimate(float((x * y).mean()), shared[usable] / np.sqrt(spread[usable]), -1.0, 1.0)

    def _sums(self, values: np.ndarray) -> np.ndarray:
        import numpy as np

        return np.bincount(self._group_of, weights=values, minlength=self.count)

    def _means(self, values: np.ndarray) -> np.ndarray:
        means: np.ndarray = (self._drawn @ self._sums(values)) / (self._drawn @ self._sizes)
        return means

    def _estimate(self, value: float, resampled: np.ndarray, least: float, most: float) -> Estimate:
        """With the widening for few groups that intervals of AUCs have."""
        return Estimate(value, *bootstrap_bounds(value, resampled, self.count, (least, most)))
