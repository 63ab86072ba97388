"""What is learned from, and in which batches: clips of like length, cut to the shortest, so that nothing is padded."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonewise.records import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np

LONGEST = 15.0  # seconds; of a longer clip, a part is heard in each epoch

#: In a batch the longest clip is at most so much longer than the shortest. What is cut off differs from epoch to epoch.
RATIO = 1.25

_JITTER = 0.1  # lengths are compared with this much noise, or the same clips would always share a batch


@dataclass(frozen=True, slots=True)
class Examples:
    """Labelled clips.

    Attributes:
        seconds: `(n,)` lengths.
        positive: bool `(n,)`.
        weight: `(n,)` how much each counts, 0 or more.
        sound: the samples of one of them, float32 `(n_samples,)` at 16 kHz.
    """

    seconds: np.ndarray
    positive: np.ndarray
    weight: np.ndarray
    sound: Callable[[int], np.ndarray]

    def __len__(self) -> int:
        return len(self.positive)

    @property
    def has_both_classes(self) -> bool:
        """Whether there are positive and negative ones."""
        return bool(len(self) and not self.positive.all() and self.positive.any())

    def balanced(self) -> np.ndarray:
        """Weights `(n,)` of mean 1 by confidence, with the two classes of equal total weight."""
        import numpy as np

        weight = self.weight.astype(np.float64)
        for side in (self.positive, ~self.positive):
            total = weight[side].sum()
            weight[side] = weight[side] / total if total > 0 else 1 / max(side.sum(), 1)
        relative: np.ndarray = weight / weight.mean()
        return relative


def batches(seconds: np.ndarray, batch_seconds: float, random: np.random.Generator) -> list[np.ndarray]:
    """Rows in batches of clips of like length, in random order; each row is in one batch.

    Args:
        seconds: `(n,)` lengths as they are heard, see `crop`.
        batch_seconds: of sound in a batch; a longer clip is a batch of its own.
        random: of the order.
    """
    import numpy as np

    order = np.argsort(seconds * random.uniform(1 - _JITTER, 1 + _JITTER, len(seconds)), kind="stable")
    found = list(_grouped(order, seconds, batch_seconds))
    return [found[number] for number in random.permutation(len(found))]


def _grouped(order: np.ndarray, seconds: np.ndarray, batch_seconds: float) -> Iterator[np.ndarray]:
    import numpy as np

    batch: list[int] = []
    for row in order:
        lengths = seconds[[*batch, row]]
        if batch and (lengths.min() * len(lengths) > batch_seconds or lengths.max() > RATIO * lengths.min()):
            yield np.array(batch)
            batch = []
        batch.append(int(row))
    if batch:
        yield np.array(batch)


def crop(sounds: list[np.ndarray], longest: float, random: np.random.Generator) -> list[np.ndarray]:
    """Parts of equal length at random places: that of the shortest sound, at most `longest` seconds."""
    length = min(round(longest * SAMPLE_RATE), *(len(sound) for sound in sounds))
    starts = [int(random.integers(len(sound) - length + 1)) for sound in sounds]
    return [sound[start : start + length] for start, sound in zip(starts, sounds, strict=True)]
