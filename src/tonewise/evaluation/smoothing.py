"""Tone over time, smoothed, with its uncertainty: a level that walks at random, seen through noise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np

#: Variance that the level gains in a second, as a share of the noise of a segment of `SECONDS`. Which fits is not known
#: beforehand: all are tried. The first hardly moves in an hour, the last forgets within a segment.
WALKS = (1e-6, 1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1.0)

SECONDS = 4.0  # of speech, to which the noise is stated: the typical length of a sentence
SHORTEST, LONGEST = 0.5, 16.0  # seconds; what is longer tells no more, since a mood need not last so long

PRIOR_SEGMENTS = 4.0  # that the noise expected beforehand weighs as much as
DEFAULT_NOISE = 1.0  # variance of a segment's logit, where nothing is known of the model

_EDGE = 0.001  # tones are kept so far from 0 and 1, whose logits are infinite


@dataclass(frozen=True, slots=True)
class Smoothed:
    """float64 `(n,)` each, 0..1: the smoothed tone at each time, and the ends of its 95 % interval."""

    tone: np.ndarray
    low: np.ndarray
    high: np.ndarray


def smooth(
    times: Sequence[float] | np.ndarray,
    tones: Sequence[float] | np.ndarray,
    seconds: Sequence[float] | np.ndarray,
    *,
    noise: float = DEFAULT_NOISE,
) -> Smoothed:
    """Smooth the tones of one voice.

    The logit of the tone is a level that walks at random, and each segment shows it with noise that falls with its
    length (the local level model). The Kalman filter goes forwards, the Rauch–Tung–Striebel smoother backwards: every
    moment is told by all segments. How fast the level walks is averaged over (`WALKS`, by their likelihood), and how
    large the noise is has a scaled inverse χ² prior: intervals are Student's, and wide where segments are few or far.

    Args:
        times: `(n,)` seconds, the middles of segments, in any order.
        tones: `(n,)` 0..1, finite.
        seconds: `(n,)` lengths of the segments.
        noise: variance of the logit of a segment's tone that is expected beforehand.

    Source: A. Harvey, "Forecasting, Structural Time Series Models and the Kalman Filter" (1989), the local level model with
    its variance concentrated out; H. Rauch, F. Tung and C. Striebel (1965) for the smoother.
    """
    import numpy as np
    from scipy.special import expit
    from scipy.stats import t

    n = len(times)
    if not n:
        return Smoothed(*(np.zeros(0) for _ in range(3)))
    order = np.argsort(np.asarray(times, dtype=float), kind="stable")
    seen, relative = observed(np.asarray(tones, dtype=float)[order], np.asarray(seconds, dtype=float)[order])
    gaps = np.diff(np.asarray(times, dtype=float)[order])
    level, variance = _averaged(seen, relative, gaps, noise)
    reach = t.ppf(0.975, PRIOR_SEGMENTS + n - 1) * np.sqrt(variance)
    back = np.argsort(order, kind="stable")
    return Smoothed(*(expit(each)[back] for each in (level, level - reach, level + reach)))


def observed(tones: np.ndarray | float, seconds: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
    """Logits of tones (0..1), and the variance of their noise as a share of that of `SECONDS`; shapes as given."""
    import numpy as np
    from scipy.special import logit

    return logit(np.clip(tones, _EDGE, 1 - _EDGE)), SECONDS / np.clip(seconds, SHORTEST, LONGEST)


def _averaged(seen: np.ndarray, relative: np.ndarray, gaps: np.ndarray, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Level and its variance `(n,)`, averaged over the walks."""
    levels, variances, squares, logs = _filtered(seen, relative, gaps)
    scale, share = weighed(squares, logs, len(seen), noise)
    level = levels @ share
    variance = (variances * scale + (levels - level[:, None]) ** 2) @ share
    return level, variance


def weighed(squares: np.ndarray, logs: np.ndarray, segments: int, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """Noise that each walk finds, and the walk's likelihood as a share of all, `(walks,)` each.

    Args:
        squares, logs: sums over all segments but the first of what `step` tells.
        segments: how many there were.
        noise: see `smooth`.
    """
    import numpy as np

    freedom = PRIOR_SEGMENTS + segments - 1
    scale = (PRIOR_SEGMENTS * noise + squares) / freedom
    likelihood = -0.5 * (logs + freedom * np.log(scale))
    share = np.exp(likelihood - likelihood.max())
    return scale, share / share.sum()


class Step(NamedTuple):
    """One step of the Kalman filter, `(walks,)` each, for noise of variance 1.

    Attributes:
        levels, variances: after the segment.
        ahead: variances just before it.
        squares, logs: the squared error of what was foretold over its variance, and the log of that variance.
    """

    levels: np.ndarray
    variances: np.ndarray
    ahead: np.ndarray
    squares: np.ndarray
    logs: np.ndarray


def step(
    levels: np.ndarray, variances: np.ndarray, seen: float | np.ndarray, relative: float | np.ndarray, gap: float
) -> Step:
    """The levels and variances `(walks,)` of the segment before, `gap` seconds on, told by one more of `observed`."""
    import numpy as np

    ahead = variances + np.asarray(WALKS) * gap
    total = ahead + relative
    error = seen - levels
    return Step(levels + ahead / total * error, ahead * relative / total, ahead, error**2 / total, np.log(total))


def _filtered(seen: np.ndarray, relative: np.ndarray, gaps: np.ndarray) -> tuple[np.ndarray, ...]:
    """Smoothed levels and variances `(n, walks)` for noise of variance 1; squared errors and log variances `(walks,)`."""
    import numpy as np

    levels, variances, ahead = (np.empty((len(seen), len(WALKS))) for _ in range(3))
    squares, logs = np.zeros(len(WALKS)), np.zeros(len(WALKS))
    # Nothing is known before the first segment (a diffuse start): it is believed as it is.
    levels[0], variances[0] = seen[0], relative[0]
    for here in range(1, len(seen)):
        made = step(levels[here - 1], variances[here - 1], seen[here], relative[here], gaps[here - 1])
        levels[here], variances[here], ahead[here] = made.levels, made.variances, made.ahead
        squares += made.squares
        logs += made.logs
    for here in range(len(seen) - 2, -1, -1):
        gain = variances[here] / ahead[here + 1]
        levels[here] += gain * (levels[here + 1] - levels[here])
        variances[here] += gain**2 * (variances[here + 1] - ahead[here + 1])
    return levels, variances, squares, logs
