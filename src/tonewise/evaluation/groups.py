"""Results by group (language, sex, corpus, any column), and which groups lag.

The rule: a group lags where the interval of its AUC lies wholly below the AUC of all other utterances. The more groups are
looked at, the likelier it is that one of them is below by chance. So that interval is as wide as it must be to hold for all
of them at once (Bonferroni): it reaches as far above the estimate as the 95 % interval does, times t(1 − 0.025/k) / t(0.975)
of k groups that can be judged and Student's t for their speakers. A group of fewer than ten positive or ten negative
utterances, or of fewer than three speakers, is too few to tell: it is neither cleared nor accused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonewise.evaluation.auc import roc_auc
from tonewise.evaluation.intervals import roc_auc_interval
from tonewise.records import GroupResult, Interval

if TYPE_CHECKING:
    import numpy as np

FEW_UTTERANCES = 10  # of either class
FEW_GROUPS = 3  # speakers (or recordings)


def by_group(
    scores: np.ndarray,
    positive: np.ndarray,
    groups: np.ndarray,
    values: np.ndarray,
    *,
    grouped_by: str = "speaker",
    seed: int = 0,
) -> tuple[GroupResult, ...]:
    """Judge each value of a column by itself, beside all others.

    Args:
        scores: `(n,)`, finite.
        positive: `(n,)` bool.
        groups: `(n,)` names of speakers (or recordings), drawn together.
        values: `(n,)` of the column; rows without one (None, NaN) are left out.
        grouped_by: what a group is, kept in the intervals.
        seed: of the bootstrap.

    Returns:
        A result a value, in their order; what is undefined in it is None.
    """
    import numpy as np
    import pandas as pd

    known = pd.notna(np.asarray(values, dtype=object))
    scores, positive, groups = (np.asarray(each)[known] for each in (scores, positive, groups))
    named = np.array([str(value) for value in np.asarray(values, dtype=object)[known]], dtype=str)
    found = {
        str(value): roc_auc_interval(
            scores[named == value], positive[named == value], groups[named == value], grouped_by=grouped_by, seed=seed
        )
        for value in np.unique(named)
    }
    looked_at = sum(_is_enough(auc) for auc in found.values())
    return tuple(
        _beside(value, auc, roc_auc(scores[named != value], positive[named != value]), looked_at)
        for value, auc in found.items()
    )


def _is_enough(auc: Interval) -> bool:
    return min(auc.positives, auc.n - auc.positives) >= FEW_UTTERANCES and auc.groups >= FEW_GROUPS


def _beside(value: str, auc: Interval, rest: float | None, looked_at: int) -> GroupResult:
    upper = _upper(auc, looked_at) if rest is not None and _is_enough(auc) else None
    return GroupResult(value, auc, rest, upper, None if upper is None or rest is None else upper < rest)


def _upper(auc: Interval, looked_at: int) -> float | None:
    """The upper end of an interval that holds for all groups at once."""
    from scipy.stats import t

    if auc.roc_auc is None or auc.ci_high is None:
        return None
    widen = float(t.ppf(1 - 0.025 / looked_at, auc.groups - 1) / t.ppf(0.975, auc.groups - 1))
    return min(1.0, auc.roc_auc + widen * (auc.ci_high - auc.roc_auc))
