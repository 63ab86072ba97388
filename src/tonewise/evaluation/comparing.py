"""One model against another on the same utterances, and one against chance.

Two models that hear the same utterances err together, so that their intervals may overlap where one is surely better: what
is judged is the difference. Where speakers say several utterances each, whole speakers are drawn, for both models the same
ones (paired cluster bootstrap), and the difference's standard error gets the small-sample correction and the Student t of
`tonewise.evaluation.intervals`. It is never smaller than DeLong's for independent utterances (E. DeLong, D. DeLong and
D. Clarke-Pearson 1988, "Comparing the areas under two or more correlated receiver operating characteristic curves: a
nonparametric approach"), which alone is used where every utterance is a group of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonewise.evaluation.auc import placements
from tonewise.evaluation.intervals import numbered, resampled_aucs
from tonewise.evaluation.permutation import chance
from tonewise.records import PairedComparison

if TYPE_CHECKING:
    import numpy as np

BOOTSTRAP, DELONG = "cluster bootstrap", "DeLong"

#: Groups from which on Student's t with one degree of freedom less than groups is of use: from one, nothing is known.
MINIMUM_GROUPS = 2


def compare_scores(
    first: np.ndarray, second: np.ndarray, positive: np.ndarray, groups: np.ndarray, *, seed: int = 0
) -> PairedComparison:
    """The difference of two ROC AUCs on the same utterances.

    Args:
        first, second: `(n,)` scores of two models, finite; larger = more positive. They need no common scale.
        positive: `(n,)` bool.
        groups: `(n,)` names of speakers (or recordings).
        seed: of the bootstrap.

    Returns:
        First less second, with a 95 % interval and a two-sided p-value; see `records.PairedComparison` for what is None.
    """
    import numpy as np

    positive = np.asarray(positive, dtype=bool)
    group_of, count = numbered(groups)
    n = len(positive)
    method = DELONG if count == n else BOOTSTRAP
    if not 0 < positive.sum() < n:
        return PairedComparison(None, None, None, None, n, count, method)
    areas = [placements(np.asarray(scores, dtype=float), positive) for scores in (first, second)]
    difference = float(areas[0][positive].mean() - areas[1][positive].mean())
    if count < MINIMUM_GROUPS:
        return PairedComparison(difference, -1.0, 1.0, None, n, count, method)
    error = _delong_error(areas[0] - areas[1], positive)
    if method == BOOTSTRAP:
        error = max(error, _bootstrap_error(first, second, positive, group_of, count, seed))
    return _told(difference, error, n, count, method)


def against_chance(scores: np.ndarray, positive: np.ndarray, groups: np.ndarray, *, seed: int = 0) -> float | None:
    """Two-sided p-value of an AUC: how often labels that are dealt anew are ranked as clearly, one way or the other.

    Labels change places within a speaker, or between speakers who were heard in one class only: a voice that is always
    positive counts as one (see `tonewise.evaluation.permutation`). It is about these speakers; the interval is about others.

    Args:
        scores: `(n,)`, finite.
        positive: `(n,)` bool.
        groups: `(n,)` names of speakers (or recordings).
        seed: of the deals that are drawn where they cannot all be counted; the smallest p-value is 0.0002 then.

    Returns:
        The p-value; None where one class only is present.
    """
    import numpy as np

    positive = np.asarray(positive, dtype=bool)
    if not 0 < positive.sum() < len(positive):
        return None
    scores = np.asarray(scores, dtype=float)
    strata = np.zeros(len(positive), dtype=int)
    auc = float(placements(scores, positive)[positive].mean())
    null = chance(scores, positive, np.asarray(groups, dtype=str), strata, np.ones(1), seed=seed)
    return min(1.0, 2 * min(null.at_least(auc), null.at_most(auc)))


def _delong_error(differences: np.ndarray, positive: np.ndarray) -> float:
    """Standard error of the difference of two AUCs of independent utterances, from the differences of placements."""
    variance = 0.0
    for kind in (True, False):
        here = differences[positive == kind]
        variance += float(here.var(ddof=1)) / len(here) if len(here) > 1 else 0.0
    return float(variance**0.5)


def _bootstrap_error(
    first: np.ndarray, second: np.ndarray, positive: np.ndarray, group_of: np.ndarray, count: int, seed: int
) -> float:
    """Standard error of the difference over resampled groups, corrected for their number."""
    # Equal seeds draw equal groups, and which draws have one class only does not depend on the scores: they are paired.
    differences = [resampled_aucs(scores, positive, group_of, count, seed) for scores in (first, second)]
    spread = differences[0] - differences[1]
    return float(spread.std(ddof=1)) * (count / (count - 1)) ** 0.5 if len(spread) > 1 else 0.0


def _told(difference: float, error: float, n: int, count: int, method: str) -> PairedComparison:
    from scipy.stats import t

    if error < 1e-12:  # equal scores, or two orders without any spread: those of a perfect model and of its reverse
        if abs(difference) > 1e-12:
            return PairedComparison(difference, None, None, None, n, count, method)
        return PairedComparison(0.0, 0.0, 0.0, 1.0, n, count, method)
    freedom = count - 1
    reach = float(t.ppf(0.975, freedom)) * error
    p_value = float(2 * t.sf(abs(difference) / error, freedom))
    return PairedComparison(
        difference, max(-1.0, difference - reach), min(1.0, difference + reach), p_value, n, count, method
    )
