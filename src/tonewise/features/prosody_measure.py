"""What a named measurement of a voice is, and what contours over time share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonewise.records import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np

HOP = 256  # samples = 16 ms from frame to frame, as the pitch tracker has it
FRAMES_PER_SECOND = SAMPLE_RATE / HOP
LEAST_FRAMES = 5  # 80 ms: fewer do not tell a direction


@dataclass(frozen=True, slots=True)
class Measure:
    """One number about an utterance.

    Attributes:
        name: the column's.
        unit: "st" (semitones), "dB", "Hz", "s", "share" (0..1), … and "1/s" for each second.
        meaning: what it is, for people.
        neutral: its value where it cannot be measured, such as the pitch of a clip without a voice.
    """

    name: str
    unit: str
    meaning: str
    neutral: float = 0.0


def runs(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """First frames of the stretches of True in `(n,)`, and the frames after their last ones."""
    import numpy as np

    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0))
    return edges[::2], edges[1::2]


def keep_runs(mask: np.ndarray, least: int) -> np.ndarray:
    """The mask without its stretches of fewer than `least` frames."""
    kept = mask.copy()
    for first, end in zip(*runs(mask), strict=True):
        kept[first:end] = end - first >= least
    return kept


def changes(track: np.ndarray, usable: np.ndarray) -> np.ndarray:
    """How fast a contour `(n,)` changes, per second, at each frame with two usable frames on either side: `(k,)`.

    The slope of a straight line through the five frames (Furui 1986), so that single frames count little.
    """
    if len(track) < LEAST_FRAMES:
        return track[:0]
    slopes = (2 * (track[4:] - track[:-4]) + track[3:-1] - track[1:-3]) * (FRAMES_PER_SECOND / 10)
    full: np.ndarray = slopes[usable[:-4] & usable[1:-3] & usable[2:-2] & usable[3:-1] & usable[4:]]
    return full


def bends(track: np.ndarray, usable: np.ndarray) -> np.ndarray:
    """How far frames lie from the middle of their two neighbours, where all three are usable: `(k,)`, 0 or more."""
    import numpy as np

    aside = np.abs(track[1:-1] - (track[2:] + track[:-2]) / 2)
    full: np.ndarray = aside[usable[:-2] & usable[1:-1] & usable[2:]]
    return full


def slope(values: np.ndarray, frames: np.ndarray) -> float:
    """Slope, per second, of a straight line through values at these frames; 0 for fewer than five."""
    if len(values) < LEAST_FRAMES:
        return 0.0
    seconds = (frames - frames.mean()) / FRAMES_PER_SECOND
    return float(seconds @ (values - values.mean()) / (seconds @ seconds))


def peaks(track: list[float], dip: float) -> list[int]:
    """Where a contour is highest between valleys that are at least `dip` lower on either side; ends count as valleys."""
    found = []
    rising, best, lowest = True, 0, track[0]
    for frame, value in enumerate(track):
        if rising and value > track[best]:
            best = frame
        elif rising and value < track[best] - dip:
            found.append(best)
            rising, lowest = False, value
        elif not rising and value > lowest + dip:
            rising, best = True, frame
        lowest = min(lowest, value)
    return [*found, best] if rising else found


def quantiles(values: np.ndarray, shares: Sequence[float]) -> np.ndarray:
    """Quantiles of each column, as `np.quantile` has them but ten times as fast: `(n_shares, …)`; `(n, …)` not empty."""
    import numpy as np

    ordered = np.sort(values, axis=0)
    places = np.asarray(shares) * (len(ordered) - 1)
    below = places.astype(int)
    rest = (places - below).reshape(-1, *[1] * (values.ndim - 1))
    between: np.ndarray = ordered[below] * (1 - rest) + ordered[np.minimum(below + 1, len(ordered) - 1)] * rest
    return between


def movement(name: str, slopes: np.ndarray) -> dict[str, float]:
    """Measures NAME_speed, _rise, _fall and their deviations, of how fast a contour changes, `(k,)` per second."""
    import numpy as np

    rises, falls = slopes[slopes > 0], -slopes[slopes < 0]
    return {
        f"{name}_speed": mean(np.abs(slopes)),
        f"{name}_rise": mean(rises),
        f"{name}_rise_deviation": deviation(rises),
        f"{name}_fall": mean(falls),
        f"{name}_fall_deviation": deviation(falls),
    }


def medians_and_ranges(names: Sequence[str], values: np.ndarray) -> dict[str, float]:
    """Measures NAME, the median of each column of `(n, n_names)`, and NAME_range, its 80th less 20th percentile."""
    low, median, high = quantiles(values, (0.2, 0.5, 0.8))
    found = dict(zip(names, map(float, median), strict=True))
    return found | {f"{name}_range": float(value) for name, value in zip(names, high - low, strict=True)}


def mean(values: np.ndarray) -> float:
    """The mean, 0 of nothing."""
    return float(values.mean()) if len(values) else 0.0


def deviation(values: np.ndarray) -> float:
    """The standard deviation, 0 of nothing."""
    return float(values.std()) if len(values) else 0.0


def correlation(first: np.ndarray, second: np.ndarray) -> float:
    """Pearson's correlation of two contours, −1..1; 0 where one of them does not change or frames are too few."""
    import numpy as np

    if len(first) < LEAST_FRAMES:
        return 0.0
    one, other = first - first.mean(), second - second.mean()
    scale = np.sqrt((one @ one) * (other @ other))
    # Rounding alone makes a steady tone move by some hundred-thousandths of a unit.
    return float(one @ other / scale) if scale > 1e-6 * len(first) else 0.0
