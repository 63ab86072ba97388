"""What encoders of any length share: cutting long sound into windows, and pooling over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tonewise.records import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np


def windows(samples: np.ndarray, seconds: float) -> list[np.ndarray]:
    """Cut sound into as few equal windows of at most `seconds` as it takes; none is left as a short rest."""
    import numpy as np

    longest = round(seconds * SAMPLE_RATE)
    return np.array_split(samples, max(-(-len(samples) // longest), 1))


class Pool:
    """Mean and standard deviation over the frames of one or several windows."""

    def __init__(self) -> None:
        self._frames = 0
        self._sum: np.ndarray | float = 0.0
        self._squares: np.ndarray | float = 0.0

    def add(self, frames: np.ndarray) -> None:
        """Take in frames, `(n_frames, width)`."""
        import numpy as np

        exact = frames.astype(np.float64)
        self._frames += len(exact)
        self._sum += exact.sum(axis=0)
        self._squares += np.square(exact).sum(axis=0)

    def vector(self) -> np.ndarray:
        """float32 `(2 * width,)`: the means, then the deviations."""
        import numpy as np

        mean = np.asarray(self._sum) / self._frames
        variance = np.asarray(self._squares) / self._frames - mean**2
        return np.concatenate([mean, np.sqrt(np.maximum(variance, 0.0))]).astype(np.float32)
