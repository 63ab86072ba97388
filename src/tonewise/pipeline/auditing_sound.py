"""What the encoders make of clips whose words were removed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonewise.audio.delexicalised import DELEXICALISERS, Hum, LowPass
from tonewise.features import JSON, Encoder, FeatureCache
from tonewise.pipeline.hearing import hear
from tonewise.records import Problem, Progress

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: Clips that are altered at most, as many of either class as there are: their features are computed anew.
CLIPS = 400


@dataclass(frozen=True)
class AlteredEncoder:
    """An encoder that hears clips without their words. What was done is part of its identity, and so of the cache's keys."""

    encoder: Encoder
    change: LowPass | Hum

    @property
    def name(self) -> str:
        """For progress."""
        return f"{self.encoder.name}, {self.change.name}"

    @property
    def minimum_seconds(self) -> float:
        """The encoder's own."""
        return self.encoder.minimum_seconds

    @property
    def clip_seconds(self) -> float | None:
        """The encoder's own."""
        return self.encoder.clip_seconds

    @property
    def dimensions(self) -> int:
        """The encoder's own."""
        return self.encoder.dimensions

    def prepare(self, progress: Progress | None = None) -> None:
        """Fetch what the encoder needs."""
        self.encoder.prepare(progress)

    def identity(self) -> dict[str, JSON]:
        """The encoder's, and what was done to the sound."""
        return {**self.encoder.identity(), "sound": self.change.identity()}

    def encode(self, clips: Sequence[np.ndarray]) -> np.ndarray:
        """float32 `(n_clips, dimensions)` of the altered clips."""
        return self.encoder.encode([self.change.apply(clip) for clip in clips])


def delexicalised(
    utterances: pd.DataFrame,
    encoders: Sequence[Encoder],
    chosen: np.ndarray,
    *,
    seed: int,
    cache: FeatureCache,
    progress: Progress | None = None,
) -> tuple[dict[str, np.ndarray], tuple[Problem, ...]]:
    """Features of the chosen rows without their words.

    Args:
        utterances: with finite times.
        encoders: of the model.
        chosen: int positions of the rows to alter.
        seed: of the clips' offsets, as the model has it.
        cache: of features.
        progress: called as `progress(stage, done, total)`.

    Returns:
        float32 `(n, d)` by the name of what was done, NaN in rows that were not chosen or could not be heard; and what could
        not be heard.
    """
    import numpy as np

    found: dict[str, np.ndarray] = {}
    problems: list[Problem] = []
    for change in DELEXICALISERS:
        altered: list[Encoder] = [AlteredEncoder(encoder, change) for encoder in encoders]
        heard = hear(utterances.iloc[chosen], altered, seed=seed, cache=cache, progress=progress)
        matrix = np.full((len(utterances), heard.matrix.shape[1]), np.nan, dtype=np.float32)
        matrix[chosen] = heard.matrix
        found[change.name] = matrix
        problems += heard.problems
    return found, tuple(problems)


def choose(positive: np.ndarray, polar: np.ndarray, *, seed: int, limit: int = CLIPS) -> np.ndarray:
    """Positions of at most `limit` rows to alter, drawn from both classes alike; sorted."""
    import numpy as np

    rng = np.random.default_rng(seed)
    classes = [rng.permutation(np.flatnonzero(polar & (positive == kind))) for kind in (True, False)]
    fewer = min(len(rows) for rows in classes)
    taken = [min(len(rows), max(limit // 2, limit - fewer)) for rows in classes]
    return np.sort(np.concatenate([rows[:count] for rows, count in zip(classes, taken, strict=True)]))
