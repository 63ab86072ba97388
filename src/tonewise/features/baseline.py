"""Each speaker's own baseline: features as differences from how that speaker usually sounds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonewise.errors import OptionError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: As many clips of a speaker weigh as much as the population does. Ten would tell a mean to a third of a deviation; but a
#: speaker may have one mood all through, which must not be taken for how they usually sound (docs/transfer.md).
SHRINKAGE = 40.0


@dataclass(frozen=True, slots=True)
class Population:
    """How clips of everybody are spread.

    Attributes:
        mean: float64 `(d,)`.
        deviation: float64 `(d,)`, of all clips together, differences between speakers included; never 0.
    """

    mean: np.ndarray
    deviation: np.ndarray


def population(matrix: np.ndarray) -> Population:
    """Mean and deviation over the rows of `(n, d)` features; rows that are not finite are left out.

    Without any row the mean is 0 and the deviation 1. A column that never changes gets deviation 1.
    """
    import numpy as np

    heard = matrix[np.isfinite(matrix).all(axis=1)].astype(np.float64)
    if not len(heard):
        return Population(np.zeros(matrix.shape[1]), np.ones(matrix.shape[1]))
    mean = heard.mean(axis=0)
    return Population(mean, _nonzero(heard.std(axis=0), mean))


def standardise_by_speaker(
    matrix: np.ndarray,
    speakers: pd.Series | np.ndarray | Sequence[str | None],
    *,
    shrinkage: float = SHRINKAGE,
    everybody: Population | None = None,
) -> np.ndarray:
    """Standardise each speaker's clips by that speaker's own mean and deviation, as far as there are clips to tell them.

    With n clips of a speaker, the mean and the variance used are n / (n + `shrinkage`) of the speaker's own and the rest
    of everybody's. A speaker with hundreds of clips ends near mean 0 and deviation 1; one with a single clip, almost
    where plain standardisation puts it. All clips of a speaker count, whatever their label: no label is looked at.

    Args:
        matrix: float32 `(n, d)`. A row that is not finite (could not be heard) counts for nobody and becomes NaN.
        speakers: `(n,)` names; None or NaN = unknown, standardised by everybody's numbers.
        shrinkage: 0 or more, in clips; 0 = nothing of everybody's, but for unknown speakers.
        everybody: what few clips are drawn towards. None = the population of all rows of `matrix`: then a speaker's numbers
            depend a little on everybody's clips. Where test speakers must not enter anybody else's, give
            `population(matrix[training])`.

    Returns:
        float32 `(n, d)`, rows in their order.

    Raises:
        OptionError: the shrinkage is negative or not finite, or there is not one name a row.

    Source: shrinkage of means towards the grand mean after C. Stein (1956) and B. Efron and C. Morris (1973), with the
    prior's weight fixed and in clips, as in the normal-gamma model, rather than estimated.
    """
    import numpy as np

    _check(shrinkage, len(speakers), len(matrix))
    everybody = population(matrix) if everybody is None else everybody
    heard = np.isfinite(matrix).all(axis=1)
    result = np.full(matrix.shape, np.nan, dtype=np.float32)
    for rows, known in _rows_by_speaker(speakers, heard):
        clips = matrix[rows].astype(np.float64)
        mean, deviation = _shrunk(clips, everybody, shrinkage) if known else (everybody.mean, everybody.deviation)
        result[rows] = (clips - mean) / deviation
    return result


def _shrunk(clips: np.ndarray, everybody: Population, shrinkage: float) -> tuple[np.ndarray, np.ndarray]:
    """Mean and deviation of one speaker's clips `(n, d)`, drawn towards everybody's."""
    drawn = drawn_towards(everybody, clips.mean(axis=0), clips.var(axis=0), len(clips), shrinkage)
    return drawn.mean, _nonzero(drawn.deviation, drawn.mean)


def drawn_towards(
    everybody: Population, mean: np.ndarray, variance: np.ndarray, clips: float, shrinkage: float
) -> Population:
    """One speaker's mean and variance `(d,)` of so many clips, drawn towards everybody's as `shrinkage` clips would."""
    import numpy as np

    share = clips / (clips + shrinkage)
    usual = share * mean + (1 - share) * everybody.mean
    return Population(usual, np.sqrt(share * variance + (1 - share) * everybody.deviation**2))


def _rows_by_speaker(
    speakers: pd.Series | np.ndarray | Sequence[str | None], heard: np.ndarray
) -> Iterator[tuple[np.ndarray, bool]]:
    """The heard rows of each speaker, and whether it is known who that is."""
    import numpy as np
    import pandas as pd

    who, _ = pd.factorize(np.asarray(speakers, dtype=object))  # −1 = unknown
    rows = np.flatnonzero(heard)
    rows = rows[np.argsort(who[rows], kind="stable")]
    for together in np.split(rows, np.flatnonzero(np.diff(who[rows])) + 1):
        if len(together):
            yield together, bool(who[together[0]] >= 0)


def _nonzero(deviation: np.ndarray, mean: np.ndarray) -> np.ndarray:
    """Deviations, 1 where the column does not change: below what float32 can tell, only rounding is left."""
    import numpy as np

    return np.where(deviation > np.finfo(np.float32).eps * np.abs(mean), deviation, 1.0)


def _check(shrinkage: float, names: int, clips: int) -> None:
    if not (math.isfinite(shrinkage) and shrinkage >= 0):
        raise OptionError(f"shrinkage {shrinkage:g} is out of range: expected 0 clips or more, such as {SHRINKAGE:g}")
    if names != clips:
        raise OptionError(f"{names} speakers were named for {clips} clips: expected one a clip, None where unknown")
