"""How a voice usually sounds, and how its tone moves, as far as a stream has told: sums that grow no longer with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonewise.evaluation.smoothing import LONGEST, PRIOR_SEGMENTS, SECONDS, SHORTEST, WALKS
from tonewise.features.baseline import Population
from tonewise.features.preparation import Preparation

if TYPE_CHECKING:
    import numpy as np

_EDGE = 0.001  # tones are kept so far from 0 and 1, whose logits are infinite


class RunningBaseline:
    """A speaker's own baseline by what was heard so far: what `features.standardise_by_speaker` does, one row at a time.

    Args:
        preparation: the model's.
        share: clips that a row counts as. Windows that overlap say the same thing again: of those of 4 s, one every
            second, each is a quarter of a clip.

    Source: the running mean and variance are B. P. Welford's (1962).
    """

    def __init__(self, preparation: Preparation, share: float) -> None:
        self._preparation, self._share = preparation, share
        self._rows = 0
        self._mean: np.ndarray | float = 0.0
        self._squares: np.ndarray | float = 0.0

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
        usual = self._usual(everybody)
        standard: np.ndarray = (exact - usual.mean) / usual.deviation
        return standard.astype(np.float32)

    def _usual(self, everybody: Population) -> Population:
        """The voice's mean and deviation, drawn towards everybody's as in training."""
        import numpy as np

        clips = self._rows * self._share
        weight = clips / (clips + self._preparation.shrinkage)
        mean = weight * self._mean + (1 - weight) * everybody.mean
        variance = weight * self._squares / self._rows + (1 - weight) * everybody.deviation**2
        return Population(mean, np.sqrt(variance))


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
        self._walks = np.asarray(WALKS)
        self._levels, self._variances, self._squares, self._logs = (np.zeros(len(WALKS)) for _ in range(4))

    def add(self, time: float, tone: float, seconds: float) -> Level:
        """Take in a segment.

        Args:
            time: its middle in seconds, later than the last one's.
            tone: 0..1.
            seconds: of sound that it tells of and no segment before it did.
        """
        import numpy as np
        from scipy.special import logit

        seen = float(logit(np.clip(tone, _EDGE, 1 - _EDGE)))
        relative = SECONDS / min(max(seconds, SHORTEST), LONGEST)
        if self._seen:
            self._update(seen, relative, time - self._time)
        else:
            self._levels += seen
            self._variances += relative
        self._seen, self._time = self._seen + 1, time
        return self._told()

    def _update(self, seen: float, relative: float, gap: float) -> None:
        import numpy as np

        ahead = self._variances + self._walks * gap
        total = ahead + relative
        error = seen - self._levels
        self._levels = self._levels + ahead / total * error
        self._variances = ahead * relative / total
        self._squares = self._squares + error**2 / total
        self._logs = self._logs + np.log(total)

    def _told(self) -> Level:
        """Level and interval, averaged over the walks by their likelihood."""
        import numpy as np
        from scipy.special import expit
        from scipy.stats import t

        freedom = PRIOR_SEGMENTS + self._seen - 1
        scale = (PRIOR_SEGMENTS * self._noise + self._squares) / freedom
        likelihood = -0.5 * (self._logs + freedom * np.log(scale))
        share = np.exp(likelihood - likelihood.max())
        share /= share.sum()
        level = float(self._levels @ share)
        variance = float((self._variances * scale + (self._levels - level) ** 2) @ share)
        reach = float(t.ppf(0.975, freedom)) * variance**0.5
        low, tone, high = (float(expit(each)) for each in (level - reach, level, level + reach))
        return Level(tone, low, high)
