"""Labels corrected by the voice itself: what the words say, times what the sound of other speakers' models says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tonewise.labels.base import NEGATIVE, POSITIVE
from tonewise.labels.combining import OTHER_RELIABILITY
from tonewise.records import Progress

if TYPE_CHECKING:
    import numpy as np

#: Learns from (features, positive, weight) and answers features with log-odds of positive.
Learner = Callable[["np.ndarray", "np.ndarray", "np.ndarray"], Callable[["np.ndarray"], "np.ndarray"]]

FOLDS = 5  # by speaker: a teacher never hears the speakers whose labels it corrects
MINIMUM_SPEAKERS = 4  # fewer do not leave enough to teach, to correct and to judge with


@dataclass(frozen=True, slots=True)
class Choice:
    """A way to refine: once or not at all, and which share of the least certain rows is dropped at the end.

    There is no second round: its teachers would learn labels that the first one's have corrected by the very voices to be
    heard, unless each teacher had a first round of its own, at `FOLDS` times the cost.
    """

    rounds: Literal[0, 1]
    drop: float


NONE = Choice(0, 0.0)
CHOICES = (Choice(1, 0.0), Choice(1, 0.2), Choice(1, 0.4))


@dataclass(frozen=True, slots=True)
class Refinement:
    """Refined labels of rows, and how it was decided to use them or not.

    Attributes:
        positive: bool `(n,)`.
        weight: `(n,)`, 0..1, how certain each is; 0 = dropped.
        choice: what was done; `rounds` 0 = the words' labels were left as they are.
        agreement: of each choice, how well a model that learned so ranks the words' labels of speakers held out: mean
            AUC over folds, by (rounds, drop).
        flipped: how many labels changed sides; `added`: rows that the words left out and the voice did not.
    """

    positive: np.ndarray
    weight: np.ndarray
    choice: Choice
    agreement: dict[Choice, float]
    flipped: int
    added: int


@dataclass(frozen=True, slots=True)
class Material:
    """What is refined, a row an utterance, all of it training material.

    Attributes:
        features: float32 `(n, d)`.
        score: −1..1, of the words; 0 = they say nothing.
        confidence: 0..1, how much the words' label counts; 0 = they abstained.
        groups: speakers (or recordings).
        reliability: correlation of the score with the mood behind it.
    """

    features: np.ndarray
    score: np.ndarray
    confidence: np.ndarray
    groups: np.ndarray
    reliability: float = OTHER_RELIABILITY

    def rows(self, chosen: np.ndarray) -> Material:
        """Some of the rows."""
        return Material(
            self.features[chosen], self.score[chosen], self.confidence[chosen], self.groups[chosen], self.reliability
        )

    @property
    def log_odds(self) -> np.ndarray:
        """Log-odds of positive by the words alone: mood and score are taken as jointly normal."""
        import numpy as np
        from scipy.stats import norm

        spread = np.sqrt(np.mean(self.score**2)) or 1.0
        certainty = self.reliability * self.score / spread / np.sqrt(1 - self.reliability**2)
        odds: np.ndarray = norm.logcdf(certainty) - norm.logcdf(-certainty)
        return odds


def refine(
    material: Material, learn: Learner, *, choices: Sequence[Choice] = CHOICES, progress: Progress | None = None
) -> Refinement:
    """Refine the words' labels by the voice, if that makes models hear better, as far as it shows without gold.

    A teacher learns the words' labels from the sound of some speakers and listens to the others; its log-odds are added to
    those of their words (naive Bayes: given the mood, the errors of text and of sound are independent). The sum is the
    new label, its certainty the weight. Whether to do so at all, and how many of the least certain rows to drop, is decided
    by the words' labels of speakers that had no part in it: the choice whose model ranks them best is taken, and none unless
    it beats the unrefined labels on average by more than one standard error over the folds.

    Only training material may be given; nothing else is looked at.

    Source: agreement of audio and text selects pseudo-labels in arXiv 2409.16937; co-training after A. Blum and
    T. Mitchell (COLT 1998).
    """
    if len(set(material.groups)) < MINIMUM_SPEAKERS:
        return _unrefined(material, {})
    agreements = _agreements(material, learn, (NONE, *choices), progress)
    if not len(agreements[NONE]):
        return _unrefined(material, {})  # nobody who could be held out has words of both sides
    choice = _best(agreements)
    means = {tried: float(values.mean()) for tried, values in agreements.items()}
    if choice == NONE:
        return _unrefined(material, means)
    positive, weight = apply(material, learn, choice)
    labelled = material.confidence > 0
    flipped = int(((material.score > 0) != positive)[labelled & (weight > 0)].sum())
    return Refinement(positive, weight, choice, means, flipped, int((~labelled & (weight > 0)).sum()))


def labels_of(refined: Refinement) -> np.ndarray:
    """positive, negative, or None where a row was dropped."""
    import numpy as np

    named = np.where(refined.positive, POSITIVE, NEGATIVE).astype(object)
    named[refined.weight <= 0] = None
    return named


def _unrefined(material: Material, agreement: dict[Choice, float]) -> Refinement:
    return Refinement(material.score > 0, material.confidence, NONE, agreement, 0, 0)


def _best(agreements: dict[Choice, np.ndarray]) -> Choice:
    """The choice of the best mean, or none unless its gain over none is larger than its standard error."""
    import numpy as np

    best = max(agreements, key=lambda choice: agreements[choice].mean())
    gains = agreements[best] - agreements[NONE]
    error = gains.std(ddof=1) / np.sqrt(len(gains)) if len(gains) > 1 else np.inf
    return best if gains.mean() > error else NONE


def _agreements(
    material: Material, learn: Learner, choices: Sequence[Choice], progress: Progress | None
) -> dict[Choice, np.ndarray]:
    """AUC of each choice's model against the words' labels of held-out speakers, a value a fold."""
    import numpy as np

    folds = speaker_folds(material.groups)
    found: dict[Choice, list[float]] = {choice: [] for choice in choices}
    names = np.unique(folds)
    for done, fold in enumerate(names, start=1):
        judged = _judged(material.rows(folds != fold), material.rows(folds == fold), learn, choices)
        for choice, value in judged.items():
            found[choice].append(value)
        if progress:
            progress("refining labels", done, len(names))
    return {choice: np.array(values) for choice, values in found.items()}


def _judged(inside: Material, outside: Material, learn: Learner, choices: Sequence[Choice]) -> dict[Choice, float]:
    """AUC of each choice's model of some speakers against the words' labels of others; {} where nothing can be told."""
    judged = outside.confidence > 0
    truth = outside.score[judged] > 0
    if truth.all() or not truth.any() or len(set(inside.groups)) < 2:
        return {}
    log_odds = _posterior(inside, learn)  # all choices share their teachers
    found = {}
    for choice in choices:
        positive, weight = _drop(log_odds, choice.drop) if choice.rounds else (inside.score > 0, inside.confidence)
        answer = _taught(learn, inside.features, positive, weight)
        if answer is None:
            found[choice] = 0.5  # what cannot be learned from ranks nobody
        else:
            found[choice] = _weighted_auc(answer(outside.features[judged]), truth, outside.confidence[judged])
    return found


def apply(material: Material, learn: Learner, choice: Choice) -> tuple[np.ndarray, np.ndarray]:
    """Refined labels (bool) and weights (0..1) of material by one choice, whether it helps or not."""
    return _drop(_posterior(material, learn), choice.drop)


def _posterior(material: Material, learn: Learner) -> np.ndarray:
    """Log-odds of positive by words and sound together, `(n,)`."""
    import numpy as np

    folds = speaker_folds(material.groups)
    heard = np.zeros(len(material.score))
    for fold in np.unique(folds):
        mine = folds == fold
        others = material.rows(~mine)
        answer = _taught(learn, others.features, others.score > 0, others.confidence)
        if answer is not None:
            heard[mine] = answer(material.features[mine])
    return material.log_odds + heard


def _taught(
    learn: Learner, features: np.ndarray, positive: np.ndarray, weight: np.ndarray
) -> Callable[[np.ndarray], np.ndarray] | None:
    """What the rows that count teach; None where they are not of two classes."""
    rows = weight > 0
    if positive[rows].all() or not positive[rows].any():
        return None
    return learn(features[rows], positive[rows], weight[rows])


def _certainty(log_odds: np.ndarray) -> np.ndarray:
    """|2p − 1| of log-odds, 0..1."""
    import numpy as np

    return np.abs(np.tanh(log_odds / 2))


def _drop(log_odds: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
    import numpy as np

    certainty = _certainty(log_odds)
    return log_odds > 0, np.where(certainty >= np.quantile(certainty, share), certainty, 0.0)


def speaker_folds(groups: np.ndarray) -> np.ndarray:
    """A fold's number a row; nobody is in two. Groups are dealt out by size, so that labels have no say in it."""
    import numpy as np

    names, inverse, sizes = np.unique(groups.astype(str), return_inverse=True, return_counts=True)
    count = min(FOLDS, len(names))
    fold_of, filled = np.zeros(len(names), dtype=int), np.zeros(count)
    for group in np.argsort(-sizes, kind="stable"):
        fold_of[group] = filled.argmin()
        filled[fold_of[group]] += sizes[group]
    return fold_of[inverse]


def _weighted_auc(scores: np.ndarray, truth: np.ndarray, weight: np.ndarray) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(truth, scores, sample_weight=weight))
