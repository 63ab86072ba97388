"""What encoders of any length share: cutting long sound into windows, pooling over time, one clip a thread."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
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


def cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def each(encode: Callable[[np.ndarray], np.ndarray], clips: Sequence[np.ndarray], threads: int) -> np.ndarray:
    """Encode clip by clip in threads; rows in the order of the clips, float32 `(n_clips, dimensions)`.

    The longest begin, so that no thread is left alone with one at the end.
    """
    import numpy as np

    order = sorted(range(len(clips)), key=lambda row: -len(clips[row]))
    with ThreadPoolExecutor(max(min(threads, len(clips)), 1), thread_name_prefix="encode") as pool:
        found = dict(zip(order, pool.map(encode, [clips[row] for row in order]), strict=True))
    return np.stack([found[row] for row in range(len(clips))])
