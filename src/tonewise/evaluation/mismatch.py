"""Where words and voice disagree, on a scale whose false alarms are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

FALSE_ALARMS = 0.05  # share of agreeing segments that may be called a mismatch
THRESHOLD = 1 - FALSE_ALARMS  # of the calibrated disagreement
POINTS = 101  # of the staircase that is kept
DIGITS = 6  # of a quantile that is kept: what is equal to so many is equal


def opposition(words: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """How much words and voice contradict each other: −1 (both clear, and alike) to 1 (both clear, and opposite).

    Minus the product of the words' score and of where the tone lies among other voices: small where either is near the
    middle, since who says nothing contradicts nothing.

    Args:
        words: `(n,)` −1..1, NaN = none.
        rank: `(n,)` 0..1, by `rank_among` the tones of held-out voices; NaN = not heard.
    """
    import numpy as np

    opposed: np.ndarray = -np.asarray(words, dtype=float) * (2 * np.asarray(rank, dtype=float) - 1)
    return opposed


def agreeing_quantiles(oppositions: np.ndarray) -> tuple[float, ...]:
    """What is kept of agreeing segments: quantiles of their opposition, rising; NaN is left out.

    The k-th of n sorted values stands for the share k / (n + 1), so that of 19 values or more a new agreeing segment lies
    above the 95 % point no more often than 5 % of the time, whatever the distribution (split conformal prediction: V. Vovk
    et al., "Algorithmic Learning in a Random World", 2005).
    """
    import numpy as np

    known = np.asarray(oppositions, dtype=float)
    known = np.sort(known[np.isfinite(known)])
    if not len(known):
        return ()
    found = np.quantile(known, np.linspace(0, 1, POINTS), method="weibull")
    return tuple(float(each) for each in found)


def rank_among(values: np.ndarray, quantiles: Sequence[float]) -> np.ndarray:
    """Share of others that are lower, `(n,)` 0..1; of those that are equal to a value one half counts as lower.

    Args:
        values: `(n,)`; NaN stays NaN.
        quantiles: of the others: evenly spaced, rising, one or more.
    """
    below, not_above = _shares(values, quantiles)
    middle: np.ndarray = (below + not_above) / 2
    return middle


def disagreement(oppositions: np.ndarray, quantiles: Sequence[float]) -> np.ndarray:
    """Share of agreeing segments that contradict themselves less, `(n,)` 0..1; NaN stays NaN.

    Those that contradict themselves as much do not count: where many are equal, none of them is called a mismatch for that.

    Args:
        oppositions: `(n,)`, by `opposition`.
        quantiles: one or more, by `agreeing_quantiles`.
    """
    import numpy as np

    oppositions = np.asarray(oppositions, dtype=float)
    return np.where(np.isfinite(oppositions), _shares(oppositions, quantiles)[0], np.nan)


def _shares(values: np.ndarray, quantiles: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
    """Share of others below each value, and below or equal: two numbers only where several quantiles equal it."""
    import numpy as np

    values, kept = np.asarray(values, dtype=float), np.asarray(quantiles, dtype=float)
    steps = np.linspace(0, 1, len(kept))
    between = np.interp(values, kept, steps)
    near, others = np.round(values, DIGITS), np.round(kept, DIGITS)
    first, last = np.searchsorted(others, near, "left"), np.searchsorted(others, near, "right") - 1
    equal = first < last
    return np.where(equal, steps[np.minimum(first, len(kept) - 1)], between), np.where(equal, steps[last], between)
