"""Neighbouring sentences: mood lasts longer than a sentence, a labeller's errors do not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

#: Fewer pairs of neighbours than this do not tell how long moods last: scores are then left as they are.
MINIMUM_PAIRS = 200

#: Correlation of the moods of neighbours, at least and at most: no mood ends with its sentence, and none lasts for ever.
DECAYS = (0.05, 0.95)


def sequences(utterances: pd.DataFrame, parts: pd.Series | None = None) -> list[np.ndarray]:
    """Positions of the rows of each recording in the order in which they were said.

    Args:
        utterances: with the columns `recording` and `start`; rows without a start keep their order.
        parts: train, valid or test: sentences of another part are no neighbours, so that nothing passes between parts.
            Rows in no part (None) are in no sequence.
    """
    import numpy as np
    import pandas as pd

    order = pd.DataFrame(
        {
            "recording": utterances["recording"].to_numpy(),
            "part": "" if parts is None else parts.to_numpy(),
            "start": utterances["start"].to_numpy(dtype=float),
            "row": np.arange(len(utterances)),
        }
    )
    said = order.sort_values(["start", "row"], na_position="last")
    return [group["row"].to_numpy() for _, group in said.groupby(["recording", "part"], sort=False)]


def neighbours(texts: pd.Series, found: list[np.ndarray], width: int) -> pd.Series:
    """For each text the `width` texts before and after it: pairs of tuples, for labellers that read context."""
    import pandas as pd

    around: list[tuple[tuple[str, ...], tuple[str, ...]]] = [((), ())] * len(texts)
    values = texts.to_list()
    for rows in found:
        said = [values[row] for row in rows]
        for place, row in enumerate(rows):
            before = said[max(0, place - width) : place]
            after = said[place + 1 : place + 1 + width]
            around[row] = (_texts(before), _texts(after))
    return pd.Series(around, index=texts.index, dtype=object)


def _texts(values: list[object]) -> tuple[str, ...]:
    return tuple(value for value in values if isinstance(value, str) and value.strip())


@dataclass(frozen=True, slots=True)
class Persistence:
    """How mood lasts from one sentence to the next, as far as scores show it.

    The score of a sentence is taken as a mood plus an error. Moods of neighbours are related (their correlation falls by
    `decay` with every sentence), errors are not: an autoregressive process of order 1 observed with noise. Its moments
    are found without any label: the autocovariance at lags 1 and 2.

    Attributes:
        decay: correlation of the moods of neighbours, 0..1; 0 = nothing could be found.
        signal: share of the scores' variance that is mood, 0..1.
        pairs: of neighbours that it was found in.
        mean: of the scores.
    """

    decay: float
    signal: float
    pairs: int
    mean: float = 0.0

    def kernel(self, width: int) -> np.ndarray:
        """Weights of a sentence and `width` neighbours on either side, `(2 width + 1,)`, summing to 1.

        The linear smoother of least expected error (N. Wiener 1949), for the covariances of the process.
        """
        import numpy as np

        lags = np.arange(-width, width + 1)
        if self.decay == 0 or self.signal == 0:
            alone: np.ndarray = (lags == 0).astype(float)
            return alone
        weights = np.linalg.solve(self._covariances(len(lags)), self.signal * self.decay ** np.abs(lags))
        shares: np.ndarray = weights / weights.sum()
        return shares

    def spread(self, weights: np.ndarray) -> np.ndarray:
        """Spread of weighted means of a sentence's window `(n, 2 width + 1)`, as shares of the spread of scores, `(n,)`."""
        import numpy as np

        related = self._covariances(weights.shape[1])
        deviation: np.ndarray = np.sqrt(np.einsum("ni,ij,nj->n", weights, related, weights))
        return deviation

    def _covariances(self, count: int) -> np.ndarray:
        """Of the scores of `count` sentences in a row, as shares of their variance, `(count, count)`."""
        import numpy as np

        places = np.arange(count)
        mood = self.signal * self.decay ** np.abs(places[:, None] - places[None, :])
        covariances: np.ndarray = mood + (1 - self.signal) * np.eye(count)
        return covariances


def persistence(scores: np.ndarray, found: list[np.ndarray]) -> Persistence:
    """Fit `Persistence` to scores `(n,)` of sequences; NaN = no score.

    Scores that do not correlate with their neighbours beyond chance (two standard errors) tell nothing: decay 0.
    """
    import numpy as np

    moments, pairs = autocovariances(scores, found)
    variance, first, second = moments
    mean = float(np.nanmean(scores)) if np.isfinite(scores).any() else 0.0
    if not is_related(moments, pairs) or second <= 0:
        return Persistence(0.0, 0.0, pairs, mean)
    decay = float(np.clip(second / first, *DECAYS))
    return Persistence(decay, float(np.clip(first / decay / variance, 0.01, 0.99)), pairs, mean)


def autocovariances(scores: np.ndarray, found: list[np.ndarray]) -> tuple[tuple[float, float, float], int]:
    """Autocovariance of scores at lags 0, 1 and 2 over all sequences, and the number of pairs at lag 1."""
    import numpy as np

    centred = scores - (np.nanmean(scores) if np.isfinite(scores).any() else 0.0)
    moments, pairs = [], 0
    for lag in range(3):
        products = [
            centred[rows[lag:]] * centred[rows[: len(rows) - lag]] if len(rows) > lag else np.empty(0) for rows in found
        ]
        joined = np.concatenate(products) if products else np.empty(0)
        known = joined[np.isfinite(joined)]
        moments.append(float(known.mean()) if len(known) else 0.0)
        pairs = len(known) if lag == 1 else pairs
    return (moments[0], moments[1], moments[2]), pairs


def is_related(moments: tuple[float, float, float], pairs: int) -> bool:
    """Whether scores of these autocovariances correlate with their neighbours beyond chance (two standard errors)."""
    variance, first, _ = moments
    return pairs >= MINIMUM_PAIRS and variance > 0 and first / variance >= 2 / math.sqrt(pairs)


def smooth(scores: np.ndarray, found: list[np.ndarray], fitted: Persistence, width: int) -> np.ndarray:
    """Scores `(n,)` with their neighbours taken into account; a row without a score keeps none.

    Neighbours that have no score, or are not there, are left out, and the other weights are scaled up. A mean over
    neighbours varies less than scores do, and would leave little but the labeller's lean to one side: what is left of
    the spread around the mean is widened to what it was, so that thresholds mean what they meant. Extreme ones may end
    beyond −1 and 1.
    """
    import numpy as np

    result = scores.copy()
    if fitted.decay == 0:
        return result
    kernel = fitted.kernel(width)
    for rows in found:
        padded = np.concatenate([np.full(width, np.nan), scores[rows], np.full(width, np.nan)])
        windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * width + 1)
        known = np.isfinite(windows) & np.isfinite(scores[rows])[:, None]
        total = (known * kernel).sum(axis=1, keepdims=True)
        weights = known * kernel / np.where(total > 0, total, 1.0)
        deviation = (np.where(known, windows - fitted.mean, 0.0) * weights).sum(axis=1)
        spread = fitted.spread(weights)
        widened = fitted.mean + deviation / np.where(spread > 0, spread, 1.0)
        result[rows] = np.where(np.isfinite(scores[rows]), widened, np.nan)
    return result
