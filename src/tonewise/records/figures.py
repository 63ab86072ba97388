"""What is measured: an AUC with its interval, and what stands beside it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Interval:
    """An AUC with a 95 % interval: `groups` speakers (or recordings) with `n` utterances, `positives` of them positive.

    `roc_auc`, `ci_low` and `ci_high` are None where they are undefined (one class only).
    """

    roc_auc: float | None
    ci_low: float | None
    ci_high: float | None
    n: int
    positives: int = 0
    groups: int = 0
    grouped_by: str = "speaker"

    def __str__(self) -> str:
        """Such as `0.86 (0.77–0.92)`."""
        if self.roc_auc is None or self.ci_low is None or self.ci_high is None:
            return "undefined"
        return f"{self.roc_auc:.2f} ({self.ci_low:.2f}–{self.ci_high:.2f})"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How well scores rank positive over negative, and what it is to be compared with.

    Attributes:
        auc: ROC AUC with its interval.
        pr_auc: average precision of the positive class; `positive_rate` is what chance gets.
        balanced_accuracy: mean recall of the two classes at a score of 0.5.
        accuracy: share right at 0.5; `majority` is the accuracy of always answering the larger class.
        words_auc: AUC of the text labeller's score on the same utterances, None where there is no text or where the
            labels were made from it.
        curve: the ROC curve as (false positive rate, true positive rate) pairs, at most 200 of them.
    """

    auc: Interval
    pr_auc: float | None = None
    positive_rate: float | None = None
    balanced_accuracy: float | None = None
    accuracy: float | None = None
    majority: float | None = None
    words_auc: Interval | None = None
    curve: tuple[tuple[float, float], ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class PairedComparison:
    """Two models on the same utterances: how much larger the first one's AUC is.

    Attributes:
        difference: the first one's AUC less the second one's; None where one class only is present.
        ci_low, ci_high: its 95 % interval, within −1 and 1.
        p_value: two-sided; None where nothing can be told (one speaker, or scores without any spread).
        n: utterances; `groups` speakers (or recordings).
        method: "cluster bootstrap", or "DeLong" where every utterance is a group of its own.
    """

    difference: float | None
    ci_low: float | None
    ci_high: float | None
    p_value: float | None
    n: int
    groups: int
    method: str


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """Utterances of about one score: their mean `score`, and the `share` of positive ones with its 95 % interval."""

    score: float
    share: float
    ci_low: float
    ci_high: float
    n: int


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far scores can be read as probabilities.

    Attributes:
        n: utterances; all figures are None where there are none.
        bins: of about equal numbers of utterances, by rising score.
        brier: mean squared error of the scores, 0 (best) to 1, with `brier_low` and `brier_high`, its 95 % interval.
        reliability, resolution, uncertainty, within: its parts over the bins: brier = reliability − resolution +
            uncertainty + within. Small reliability is good, large resolution is good, uncertainty is the data's own, and
            within is what scores that differ inside a bin add.
        ece: expected calibration error, the mean distance of a bin's score from its share, 0..1.
        ece_chance: what it would be if scores were true probabilities of independent utterances: bins are small.
    """

    n: int
    bins: tuple[ReliabilityBin, ...] = ()
    brier: float | None = None
    brier_low: float | None = None
    brier_high: float | None = None
    reliability: float | None = None
    resolution: float | None = None
    uncertainty: float | None = None
    within: float | None = None
    ece: float | None = None
    ece_chance: float | None = None


@dataclass(frozen=True, slots=True)
class GroupResult:
    """One value of a column, beside all other utterances.

    Attributes:
        value: of the column.
        auc: of its utterances, with the 95 % interval.
        rest: AUC of all others that have a value; None where it is not defined.
        upper: the upper end of an interval that holds for as many values as were looked at.
        lags: whether `upper` lies below `rest`; None = too few to tell.
    """

    value: str
    auc: Interval
    rest: float | None
    upper: float | None
    lags: bool | None
