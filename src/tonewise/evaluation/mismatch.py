"""Where words and voice disagree, on a scale whose false alarms are known."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

FALSE_ALARMS = 0.05  # share of agreeing segments that may be called a mismatch
THRESHOLD = 1 - FALSE_ALARMS  # of the calibrated disagreement
POINTS = 101  # of the staircase that is kept


def opposition(words: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """How much words and voice contradict each other: −1 (both clear, and alike) to 1 (both clear, and opposite).

    Minus the product of the words' score and of where the tone lies among other voices: small where either is near the
    middle, since who says nothing contradicts nothing.

    Args:
        words: `(n,)` −1..1, NaN = none.
        rank: `(n,)` 0..1, the share of held-out voices' tones that are lower; NaN = not heard.
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


def disagreement(oppositions: np.ndarray, quantiles: Sequence[float]) -> np.ndarray:
    """Share of agreeing segments that contradict themselves less, `(n,)` 0..1; NaN stays NaN.

    Args:
        oppositions: `(n,)`, by `opposition`.
        quantiles: one or more, by `agreeing_quantiles`.
    """
    import numpy as np

    oppositions = np.asarray(oppositions, dtype=float)
    kept = np.asarray(quantiles, dtype=float)
    found = np.interp(oppositions, kept, np.linspace(0, 1, len(kept)))
    return np.where(np.isfinite(oppositions), found, np.nan)
