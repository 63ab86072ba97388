"""How a model's tone is to be read: what training measured on voices that it held out, and what scoring makes of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tonewise import labels, splits
from tonewise.evaluation import Platt, fit_platt
from tonewise.evaluation.mismatch import (
    DIGITS,
    FALSE_ALARMS,
    THRESHOLD,
    agreeing_quantiles,
    disagreement,
    opposition,
    rank_among,
)
from tonewise.evaluation.smoothing import DEFAULT_NOISE

if TYPE_CHECKING:
    import numpy as np

    from tonewise.pipeline.study import Study

MINIMUM = 50  # utterances held out: of fewer, neither two numbers nor a percentage can be told

AGAINST = "weak labels"

#: Where a model has measured no threshold: a voice this far from the middle on the other side than the words.
RULE_OF_THUMB = 0.15


@dataclass(frozen=True, slots=True)
class Scale:
    """How to read the tones of one model.

    Attributes:
        platt: calibration of what the classifier gives; None = as it is.
        says: one line on what a tone means.
        ranks: evenly spaced quantiles of the tones of voices that were held out; empty = not kept.
        agreeing: quantiles of the opposition of words and voice in held-out segments; empty = not measured.
    """

    platt: Platt | None = None
    says: str = "tone ranks; it is not calibrated"
    ranks: tuple[float, ...] = ()
    agreeing: tuple[float, ...] = ()

    def tone(self, given: np.ndarray) -> np.ndarray:
        """Tones by what the classifier gives, `(n,)` 0..1 each."""
        return given if self.platt is None else self.platt.apply(given)

    def rank(self, tones: np.ndarray) -> np.ndarray:
        """Place among held-out voices' tones, `(n,)` 0..1, see `rank_among`; the tone itself where they were not kept."""
        import numpy as np

        tones = np.asarray(tones, dtype=float)
        return rank_among(tones, self.ranks) if self.ranks else tones

    def disagreement(self, words: np.ndarray, tones: np.ndarray) -> np.ndarray:
        """Calibrated disagreement `(n,)`, 0..1; NaN where words or tone are missing, or nothing was measured."""
        import numpy as np

        found = opposition(words, self.rank(tones))
        return disagreement(found, self.agreeing) if self.agreeing else np.full(found.shape, np.nan)

    def mismatch(self, words: np.ndarray, tones: np.ndarray) -> np.ndarray:
        """Where words and voice disagree, bool `(n,)`; by a rule of thumb where no threshold was measured.

        A model whose held-out tones are all equal hears nothing that words could disagree with.
        """
        import numpy as np

        if self.agreeing:
            opposed: np.ndarray = np.nan_to_num(self.disagreement(words, tones)) >= THRESHOLD
            return opposed
        if self.ranks and self.ranks[0] == self.ranks[-1]:
            return np.zeros(np.shape(tones), dtype=bool)
        middle = np.asarray(tones, dtype=float) - 0.5
        return (np.asarray(words, dtype=float) * middle < 0) & (np.abs(middle) >= RULE_OF_THUMB)

    @property
    def noise(self) -> float:
        """Variance of the logit of a tone, as held-out voices have it: what a segment may be wrong by, at most."""
        import numpy as np
        from scipy.special import logit

        if len(self.ranks) < 3:
            return DEFAULT_NOISE
        return max(float(np.var(logit(np.clip(self.ranks[1:-1], 0.005, 0.995)))), 1e-3)


# -- what training keeps -------------------------------------------------------------------------------------------------


def calibrate(study: Study, scores: np.ndarray) -> dict[str, Any]:
    """Platt's numbers for what the classifier gives, fitted on the validation split's weak labels.

    Both classes count alike: at 0.5 the sound goes with positive and with negative words alike, however frequent either is
    in the corpus. Where there are too few utterances, or the model ranks backwards, nothing is changed, and `why` says so.
    """
    rows = (study.part == splits.VALID) & labels.is_polar(study.label)
    positive, n = study.label[rows] == labels.POSITIVE, int(rows.sum())
    share = float(positive.mean()) if n else 0.0
    if n < MINIMUM or not 0 < share < 1:
        return _identity(n, f"{n} labelled utterances to validate on, and {MINIMUM} of two classes are needed")
    weights = _balanced(positive)
    found = fit_platt(scores[rows], positive, weights)
    if found.slope <= 0:
        return _identity(
            n, "the model does not rank the validation voices' words, so that there is nothing to calibrate"
        )
    return {"slope": round(found.slope, 6), "intercept": round(found.intercept, 6), "n": n, "against": AGAINST}


def calibrated(calibration: Mapping[str, Any], scores: np.ndarray) -> np.ndarray:
    """Scores by what `calibrate` kept."""
    return _platt(calibration).apply(scores) if "why" not in calibration else scores


def measure_mismatch(study: Study, tones: np.ndarray, ranks: Sequence[float]) -> dict[str, Any] | None:
    """What is kept of how words and voice agree in held-out segments; None where there are too few.

    Validation segments, taken as agreeing, set the threshold; the share of test segments above it is the false-alarm rate.
    Since some of them do disagree, the true one is lower.
    """
    found = opposition(study.words, Scale(ranks=tuple(ranks)).rank(tones))
    said = labels.is_polar(study.label) if study.from_text else abs(study.words) > labels.DEFAULT_THRESHOLD
    parts = [found[(study.part == part) & said] for part in (splits.VALID, splits.TEST)]
    valid, test = (part[part == part] for part in parts)
    if len(valid) < MINIMUM or not ranks:
        return None
    quantiles = agreeing_quantiles(valid)
    alarms = disagreement(test, quantiles) >= THRESHOLD
    return {
        "threshold": THRESHOLD,
        "allowed": FALSE_ALARMS,
        "false_alarms": round(float(alarms.mean()), 6) if len(test) else None,
        "n": len(test),
        "fitted_on": len(valid),
        "quantiles": [round(each, DIGITS) for each in quantiles],
    }


def _balanced(positive: np.ndarray) -> np.ndarray:
    import numpy as np

    share = positive.mean()
    weights: np.ndarray = np.where(positive, 0.5 / share, 0.5 / (1 - share))
    return weights


def _identity(n: int, why: str) -> dict[str, Any]:
    return {"slope": 1.0, "intercept": 0.0, "n": n, "against": AGAINST, "why": why}


# -- what scoring reads --------------------------------------------------------------------------------------------------


def read_scale(manifest: Mapping[str, Any]) -> Scale:
    """The scale that a model keeps; models of older versions have none, or parts of it."""
    calibration, mismatch = manifest.get("calibration"), manifest.get("mismatch") or {}
    ranks = manifest.get("training", {}).get("tone_quantiles") or ()
    found = tuple(ranks), tuple(mismatch.get("quantiles") or ())
    if calibration is None:
        return Scale(None, Scale().says, *found)
    if "why" in calibration:
        return Scale(None, f"tone ranks; it is not calibrated ({calibration['why']})", *found)
    says = (
        f"tone is calibrated against weak labels of {calibration.get('n')} held-out utterances: how probable positive words "
        "are with such a sound, where both are equally common"
    )
    return Scale(_platt(calibration), says, *found)


def _platt(calibration: Mapping[str, Any]) -> Platt:
    return Platt(calibration["slope"], calibration["intercept"])
