"""Clips of three corpora in three languages, and what is learned from two of them about the third."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from label_voices import FOLDS, GOLD, Voices, labels_of
from tonewise import evaluation, labels, models
from tonewise.features.baseline import population, standardise_by_speaker
from tonewise.labels import combining
from tonewise.pipeline.hearing import create_encoders, hear, open_cache
from tonewise.pipeline.reading import audible, read_corpora
from tonewise.records import Interval

CORPORA = ("nemo", "ased", "urdu")
FEATURES = ("turn:0", "turn:1", "turn:2", "melstats", "prosody", "whisper")
LABELLERS = ("lexicon", "semantic", "combined", GOLD)
LAYER_WIDTH = 768  # columns of `turn` a layer


@dataclass(frozen=True)
class Languages(Voices):
    """Clips of several corpora, and which corpus each is of."""

    corpora: np.ndarray = field(default_factory=lambda: np.array([], dtype=str))

    def within(self, names: tuple[str, ...]) -> np.ndarray:
        """Rows of some corpora."""
        return np.flatnonzero(np.isin(self.corpora, names))


@dataclass(frozen=True)
class Recipe:
    """How it is learned.

    Attributes:
        features: an encoder.
        shrinkage: of each speaker's own baseline, in clips; None = no baseline.
        strength: the prior variance of each weight is 1 / (strength · dimensions).
    """

    features: str
    shrinkage: float | None
    strength: float

    def __str__(self) -> str:
        baseline = "no baseline" if self.shrinkage is None else f"baseline, {self.shrinkage:g} clips"
        return f"{self.features}; {baseline}; C = 1/{'d' if self.strength == 1 else f'({self.strength:g} d)'}"


#: What the words of all three corpora rank first (table 3).
CHOSEN = Recipe("turn:1", 40, 16)


def read(path: Path) -> Languages:
    """All clips, those without words too: they tell how a speaker sounds."""
    utterances = audible(read_corpora([path]), jobs=2).utterances.reset_index(drop=True)
    scores = {
        name: labels.label_texts(utterances["text"], labels.create(name))["score"] for name in combining.DEFAULT_MEMBERS
    }
    matrices = {
        name: hear(utterances, create_encoders([name]), seed=0, cache=open_cache(True)).matrix
        for name in ("turn", "melstats", "prosody", "whisper")
    }
    for layer in range(3):  # the same numbers as turn:0, turn:1 and turn:2
        matrices[f"turn:{layer}"] = matrices["turn"][:, LAYER_WIDTH * layer : LAYER_WIDTH * (layer + 1)]
    gold = labels.polarity_column(utterances, "polarity").fillna("").to_numpy(dtype=str)
    speakers = utterances["speaker"].to_numpy(dtype=str)
    return Languages(speakers, gold, pd.DataFrame(scores), matrices, utterances["corpus"].to_numpy(dtype=str))


def prepared(voices: Languages, recipe: Recipe, train: np.ndarray) -> np.ndarray:
    """Features of all clips; the population is the training rows'."""
    matrix = voices.features[recipe.features]
    if recipe.shrinkage is None:
        return matrix
    everybody = population(matrix[train])
    return standardise_by_speaker(matrix, voices.speakers, shrinkage=recipe.shrinkage, everybody=everybody)


def learn(matrix: np.ndarray, positive: np.ndarray, confidence: np.ndarray, strength: float) -> Any:
    """The house's logistic regression, with a prior of any strength."""
    pipeline = models.create("logistic", matrix.shape[1])
    pipeline.set_params(classify__C=1 / (strength * matrix.shape[1]))
    return pipeline.fit(matrix, positive, classify__sample_weight=confidence / confidence.mean())


def answers(voices: Languages, recipe: Recipe, labeller: str, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """Log-odds of positive of the test rows, learned from the training rows."""
    learned = labels_of(voices, labeller, train)
    rows = train[learned.confidence[train] > 0]
    matrix = prepared(voices, recipe, train)
    fitted = learn(matrix[rows], learned.positive[rows], learned.confidence[rows], recipe.strength)
    return fitted.decision_function(matrix[test])


def left_out() -> Iterator[tuple[tuple[str, ...], str]]:
    """Two corpora to learn from, and the one that is not heard."""
    for target in CORPORA:
        yield tuple(name for name in CORPORA if name != target), target


def judged(voices: Languages, rows: np.ndarray, scores: np.ndarray, seed: int = 0) -> Interval:
    """How well scores of some rows rank the polar ones among them by gold, speakers drawn together."""
    polar = voices.polar[rows]
    found = rows[polar]
    return evaluation.roc_auc_interval(scores[polar], voices.positive[found], voices.speakers[found], seed=seed)


def carried(voices: Languages, recipe: Recipe, labeller: str, seed: int = 0) -> list[Interval]:
    """Gold AUC on each corpus by a model of the other two."""
    found = []
    for known, target in left_out():
        test = voices.within((target,))
        found.append(judged(voices, test, answers(voices, recipe, labeller, voices.within(known), test), seed))
    return found


def mean(intervals: list[Interval]) -> Interval:
    """Mean AUC of corpora; their errors are independent, so that distances to the bounds add in squares."""
    centre = float(np.mean([interval.roc_auc for interval in intervals]))
    below = np.sqrt(sum((interval.roc_auc - interval.ci_low) ** 2 for interval in intervals)) / len(intervals)
    above = np.sqrt(sum((interval.ci_high - interval.roc_auc) ** 2 for interval in intervals)) / len(intervals)
    n, positives = sum(interval.n for interval in intervals), sum(interval.positives for interval in intervals)
    groups = sum(interval.groups for interval in intervals)
    return Interval(centre, centre - below, centre + above, n, positives, groups, "speaker")


def by_speaker(voices: Languages, recipe: Recipe, labeller: str, seed: int, corpus: str = "nemo") -> Interval:
    """Five folds by speaker within one corpus."""
    rows = voices.within((corpus,))
    names = np.random.default_rng(seed).permutation(np.unique(voices.speakers[rows]))
    scores = np.zeros(len(voices.gold))
    for fold in range(FOLDS):
        tested = np.isin(voices.speakers[rows], names[fold::FOLDS])
        scores[rows[tested]] = answers(voices, recipe, labeller, rows[~tested], rows[tested])
    return judged(voices, rows, scores[rows], seed)


def cell(interval: Interval) -> str:
    """An AUC and its interval, as one cell of a table."""
    return f"{interval.roc_auc:.3f} ({interval.ci_low:.2f}–{interval.ci_high:.2f})"
