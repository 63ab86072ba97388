"""One evaluation: scores against labels, with the baselines that they must beat."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonewise.evaluation.intervals import roc_auc_interval
from tonewise.records import Evaluation

if TYPE_CHECKING:
    import numpy as np

CURVE_POINTS = 200


def evaluate(
    scores: np.ndarray,
    positive: np.ndarray,
    groups: np.ndarray,
    *,
    words: np.ndarray | None = None,
    grouped_by: str = "speaker",
    seed: int = 0,
) -> Evaluation:
    """Judge scores.

    Args:
        scores: `(n,)`, 0..1, the model's belief that an utterance is positive.
        positive: `(n,)` bool, the truth.
        groups: `(n,)` speakers or recordings, drawn together by the bootstrap.
        words: `(n,)` the text labeller's scores of the same utterances (NaN = none, counted as 0), for the text-only
            baseline; None where there is no text or the truth was made from it.
        grouped_by: what a group is.
        seed: of the bootstrap.

    Returns:
        The evaluation; metrics that need two classes are None where there is one.
    """
    import numpy as np

    positive = np.asarray(positive, dtype=bool)
    auc = roc_auc_interval(scores, positive, groups, grouped_by=grouped_by, seed=seed)
    if auc.roc_auc is None:
        return Evaluation(auc)
    from sklearn.metrics import average_precision_score, balanced_accuracy_score

    said = scores >= 0.5
    rate = float(positive.mean())
    return Evaluation(
        auc=auc,
        pr_auc=float(average_precision_score(positive, scores)),
        positive_rate=rate,
        balanced_accuracy=float(balanced_accuracy_score(positive, said)),
        accuracy=float((said == positive).mean()),
        majority=max(rate, 1 - rate),
        words_auc=None
        if words is None
        else roc_auc_interval(np.nan_to_num(words), positive, groups, grouped_by=grouped_by, seed=seed),
        curve=_curve(scores, positive),
    )


def _curve(scores: np.ndarray, positive: np.ndarray) -> tuple[tuple[float, float], ...]:
    import numpy as np
    from sklearn.metrics import roc_curve

    false_positive, true_positive, _ = roc_curve(positive, scores)
    keep = np.unique(np.linspace(0, len(false_positive) - 1, CURVE_POINTS).round().astype(int))
    return tuple((float(x), float(y)) for x, y in zip(false_positive[keep], true_positive[keep], strict=True))
