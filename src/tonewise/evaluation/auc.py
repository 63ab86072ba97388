"""The area under the ROC curve as what it counts: pairs of a positive and a negative row that are ranked right."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def roc_auc(scores: np.ndarray, positive: np.ndarray) -> float | None:
    """The share of pairs that are ranked right, 0..1; None where one class only is present."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(positive, scores)) if 0 < positive.sum() < len(positive) else None


def wins(mine: np.ndarray, others: np.ndarray) -> np.ndarray:
    """How many of `others` each of `mine` is above, ties counting one half; float64 as long as `mine`."""
    import numpy as np

    ordered = np.sort(others)
    return (np.searchsorted(ordered, mine, "left") + np.searchsorted(ordered, mine, "right")) / 2


def placements(scores: np.ndarray, positive: np.ndarray) -> np.ndarray:
    """The share of the other class that each row is ranked right against, float64 `(n,)`, 0..1; ties count one half.

    Args:
        scores: `(n,)`, finite.
        positive: bool `(n,)`, both classes.

    Source: E. DeLong, D. DeLong and D. Clarke-Pearson (1988), who call them so.
    """
    import numpy as np

    found = np.empty(len(scores))
    ups, downs = scores[positive], scores[~positive]
    found[positive] = wins(ups, downs) / len(downs)
    found[~positive] = 1 - wins(downs, ups) / len(ups)
    return found
