"""How a voice usually sounds, and how its tone moves, as far as a stream has told: sums that grow no longer with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonewise.evaluation.smoothing import PRIOR_SEGMENTS, WALKS, observed, step, weighed
from tonewise.features.baseline import drawn_towards
from tonewise.features.preparation import Preparation

if TYPE_CHECKING:
    import numpy as np


class RunningBaseline:
    """A speaker's own baseline by what was heard so far: what `features.standardise_by_speaker` does, one row at a time.

    Args:
        preparation: the model's.
        share: clips that a row counts as. Windows that overlap say the same thing again: of those of 4 s, one every
            second, each is a quarter of a clip.

    Source: the running mean and variance are B. P. Welford's (1962).
    """

    def __init__(self, preparation: Preparation, share: float) -> None:
        import numpy as np

        self._preparation, self._share = preparation, share
        self._rows = 0
        self._mean, self._squares = np.zeros(1), np.zeros(1)

    def apply(self, row: np.ndarray) -> np.ndarray:
        """Take in features `(d,)`, and give them beside the baseline that they are already part of, float32 `(d,)`."""
        import numpy as np

        everybody = self._preparation.everybody
        if everybody is None:
            return row
        exact = row.astype(np.float64)
        self._rows += 1
        off = exact - self._mean
        self._mean = self._mean + off / self._rows
        self._squares = self._squares + off * (exact - self._mean)
        clips = self._rows * self._share
        usual = drawn_towards(everybody, self._mean, self._squares / self._rows, clips, self._preparation.shrinkage)
        standard: np.ndarray = (exact - usual.mean) / usual.deviation
        return standard.astype(np.float32)


@dataclass(frozen=True, slots=True)
class Level:
    """The smoothed tone at the latest window, 0..1, and its 95 % interval."""

    tone: float
    low: float
    high: float


class RunningLevel:
    """What `evaluation.smoothing.smooth` says of the last of all segments so far, one segment at a time.

    Args:
        noise: see `smooth`.
    """

    def __init__(self, noise: float) -> None:
        import numpy as np

        self._noise, self._seen, self._time = noise, 0, 0.0
        self._levels, self._variances, self._squares, self._logs = (np.zeros(len(WALKS)) for _ in range(4))

    def add(self, time: float, tone: float, seconds: float) -> Level:
        """Take in a segment.

        Args:
            time: its middle in seconds, later than the last one's.
            tone: 0..1.
            seconds: of sound that it tells of and no segment before it did.
        """
        seen, relative = observed(tone, seconds)
        if self._seen:
            made = step(self._levels, self._variances, seen, relative, time - self._time)
            self._levels, self._variances = made.levels, made.variances
            self._squares, self._logs = self._squares + made.squares, self._logs + made.logs
        else:
            self._levels += seen
            self._variances += relative
        self._seen, self._time = self._seen + 1, time
        return self._told()

    def _told(self) -> Level:
        """Level and interval, averaged over the walks by their likelihood."""
        from scipy.special import expit
        from scipy.stats import t

        scale, share = weighed(self._squares, self._logs, self._seen, self._noise)
        level = float(self._levels @ share)
        variance = float((self._variances * scale + (self._levels - level) ** 2) @ share)
        reach = float(t.ppf(0.975, PRIOR_SEGMENTS + self._seen - 1)) * variance**0.5
        low, tone, high = (float(expit(each)) for each in (level - reach, level, level + reach))
        return Level(tone, low, high)
