"""What is done to features before they are learned from or judged: every voice against its own baseline, or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tonewise.errors import OptionError
from tonewise.features.baseline import SHRINKAGE, Population, population, standardise_by_speaker

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: `none`: features as they are. `speaker`: differences from how that speaker usually sounds.
NO_BASELINE, SPEAKER = BASELINES = ("none", "speaker")

#: What is done when nothing else is asked for.
DEFAULT_BASELINE = SPEAKER


@dataclass(frozen=True, slots=True)
class Preparation:
    """How rows of features are prepared; what a model keeps of it is here.

    Attributes:
        baseline: one of `BASELINES`.
        everybody: whom few clips of a speaker are drawn towards; None where the baseline is `none`.
        shrinkage: how many clips everybody weighs.
    """

    baseline: str = NO_BASELINE
    everybody: Population | None = None
    shrinkage: float = SHRINKAGE

    def apply(self, matrix: np.ndarray, speakers: pd.Series | np.ndarray | Sequence[str | None]) -> np.ndarray:
        """Prepare raw features.

        Args:
            matrix: float32 `(n, d)`; rows that are not finite stay so.
            speakers: `(n,)` who is heard in each row; all rows of one speaker that are given together are their baseline,
                so give all that there are, whatever was said in them.

        Returns:
            float32 `(n, d)`.
        """
        if self.everybody is None:
            return matrix
        return standardise_by_speaker(matrix, speakers, shrinkage=self.shrinkage, everybody=self.everybody)

    def as_array(self) -> np.ndarray | None:
        """What a file keeps: float64 `(2, d)`, means and deviations of everybody; None where there is no baseline."""
        import numpy as np

        return None if self.everybody is None else np.stack([self.everybody.mean, self.everybody.deviation])


def prepare(
    matrix: np.ndarray,
    speakers: pd.Series | np.ndarray | Sequence[str | None],
    *,
    baseline: str = NO_BASELINE,
    training: np.ndarray | None = None,
    shrinkage: float = SHRINKAGE,
) -> tuple[np.ndarray, Preparation]:
    """Prepare the features of a study, and tell how, so that new rows can be prepared alike.

    Args:
        matrix: float32 `(n, d)`.
        speakers: `(n,)` who is heard in each row.
        baseline: one of `BASELINES`.
        training: bool `(n,)`, the rows that everybody's numbers are taken from; None = all. Held-out rows have no part in
            anybody's numbers but their own speaker's, and labels have no part in any.
        shrinkage: clips that everybody weighs beside a speaker's own.

    Raises:
        OptionError: an unknown baseline, or an impossible shrinkage.
    """
    if baseline not in BASELINES:
        raise OptionError(f"unknown baseline '{baseline}'; choose {' or '.join(BASELINES)}")
    if baseline == NO_BASELINE:
        return matrix, Preparation()
    everybody = population(matrix if training is None else matrix[training])
    preparation = Preparation(baseline, everybody, shrinkage)
    return preparation.apply(matrix, speakers), preparation


def restore(settings: dict[str, Any], everybody: np.ndarray | None, *, dimensions: int) -> Preparation:
    """The preparation that a model keeps as `{"kind", "shrinkage"}` and an array `(2, dimensions)`.

    Raises:
        OptionError: they do not belong together.
    """
    import numpy as np

    kind, shrinkage = settings.get("kind", NO_BASELINE), settings.get("shrinkage")
    if kind == NO_BASELINE:
        return Preparation()
    if kind not in BASELINES or not isinstance(shrinkage, int | float) or everybody is None:
        raise OptionError(f"baseline '{kind}' of the model is unknown or incomplete; copy the model again")
    if everybody.shape != (2, dimensions) or not np.isfinite(everybody).all() or (everybody[1] <= 0).any():
        raise OptionError(f"the model's numbers of everybody are no {dimensions} means and deviations; copy it again")
    return Preparation(kind, Population(everybody[0], everybody[1]), float(shrinkage))
