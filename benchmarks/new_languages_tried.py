"""Table 4: what else was tried so that hearing carries over, each beside the chosen recipe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from label_voices import GOLD, labels_of
from new_languages_voices import (
    CHOSEN,
    Languages,
    Recipe,
    answers,
    cell,
    judged,
    learn,
    left_out,
    mean,
    prepared,
)


@dataclass(frozen=True)
class Task:
    """One corpus that is not heard, `test`, and the rows of the others with the labels that are learned."""

    voices: Languages
    labeller: str
    train: np.ndarray
    rows: np.ndarray
    test: np.ndarray
    positive: np.ndarray
    confidence: np.ndarray

    def fitted(self, matrix: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
        """Log-odds of the test rows by a model of the labelled rows."""
        weight = self.confidence if weight is None else weight
        return learn(matrix[self.rows], self.positive, weight, CHOSEN.strength).decision_function(matrix[self.test])


Method = Callable[[Task], np.ndarray]


def task(voices: Languages, labeller: str, known: tuple[str, ...], target: str) -> Task:
    train = voices.within(known)
    learned = labels_of(voices, labeller, train)
    rows = train[learned.confidence[train] > 0]
    test = voices.within((target,))
    return Task(voices, labeller, train, rows, test, learned.positive[rows], learned.confidence[rows])


def chosen(given: Task) -> np.ndarray:
    return given.fitted(prepared(given.voices, CHOSEN, given.train))


def corpora_alike(given: Task) -> np.ndarray:
    """Each corpus counts as much as the other."""
    corpora, weight = given.voices.corpora[given.rows], given.confidence.copy()
    for name in np.unique(corpora):
        weight[corpora == name] /= weight[corpora == name].sum()
    return given.fitted(prepared(given.voices, CHOSEN, given.train), weight)


def by_corpus(given: Task) -> np.ndarray:
    """Each corpus standardised by its own mean and deviation, the judged one too (all of its clips, without labels)."""
    return given.fitted(_standardised(given.voices.features[CHOSEN.features], given.voices.corpora))


def equal_signs(given: Task) -> np.ndarray:
    """Only columns whose association with the labels has the same sign in both corpora."""
    matrix = prepared(given.voices, CHOSEN, given.train)
    target = np.where(given.positive, 1.0, -1.0) * given.confidence
    corpora, signs = given.voices.corpora[given.rows], []
    for name in np.unique(corpora):
        here = matrix[given.rows[corpora == name]]
        signs.append(np.sign((here - here.mean(axis=0)).T @ target[corpora == name]))
    return given.fitted(matrix[:, signs[0] == signs[1]])


def aligned(given: Task) -> np.ndarray:
    """CORAL: corpora that are learned from get the judged one's covariance (half shrunk to a ball)."""
    matrix = prepared(given.voices, CHOSEN, given.train).astype(np.float64)
    colour = _root(matrix[given.test], 0.5)
    for name in np.unique(given.voices.corpora[given.train]):
        here = given.voices.corpora == name
        matrix[here] = matrix[here] @ _root(matrix[here], -0.5) @ colour
    return given.fitted(matrix.astype(np.float32))


def self_taught(given: Task) -> np.ndarray:
    """The model's own answers on the judged corpus, split at their median, are learned beside the words' labels."""
    matrix = prepared(given.voices, CHOSEN, given.train)
    heard = given.fitted(matrix)
    heard = heard - np.median(heard)
    certainty = np.abs(heard) * given.confidence.sum() / np.abs(heard).sum()
    both = learn(
        matrix[np.concatenate([given.rows, given.test])],
        np.concatenate([given.positive, heard > 0]),
        np.concatenate([given.confidence, certainty]),
        CHOSEN.strength,
    )
    return both.decision_function(matrix[given.test])


def fused(*others: str) -> Method:
    """Mean of standardised log-odds of models of several features."""

    def method(given: Task) -> np.ndarray:
        total = np.zeros(len(given.test))
        for name in (CHOSEN.features, *others):
            recipe = Recipe(name, CHOSEN.shrinkage, CHOSEN.strength)
            found = answers(given.voices, recipe, given.labeller, given.train, given.test)
            total += (found - found.mean()) / found.std()
        return total

    return method


METHODS: dict[str, Method] = {
    "chosen recipe": chosen,
    "corpora count alike": corpora_alike,
    "each corpus standardised by itself (transductive)": by_corpus,
    "columns of equal sign in both corpora": equal_signs,
    "CORAL (transductive)": aligned,
    "self-training on the judged corpus (transductive)": self_taught,
    **{f"with {name}, late": fused(name) for name in ("turn:0", "turn:2", "melstats", "prosody", "whisper")},
    "with turn:2, melstats and prosody, late": fused("turn:2", "melstats", "prosody"),
}


def tell(voices: Languages) -> None:
    """Print a row a method."""
    print("\n| method | nemo | ased | urdu | mean | gold-trained (ceiling) |\n|---|---|---|---|---|---|")
    for name, method in METHODS.items():
        cells = {}
        for labeller in ("semantic", GOLD):
            tasks = [task(voices, labeller, known, target) for known, target in left_out()]
            cells[labeller] = [judged(voices, given.test, method(given)) for given in tasks]
        shown = [*cells["semantic"], mean(cells["semantic"]), mean(cells[GOLD])]
        print(f"| {name} | {' | '.join(map(cell, shown))} |", flush=True)


def _standardised(matrix: np.ndarray, groups: np.ndarray) -> np.ndarray:
    result = np.empty_like(matrix)
    for name in np.unique(groups):
        here = matrix[groups == name]
        result[groups == name] = (here - here.mean(axis=0)) / np.maximum(here.std(axis=0), 1e-9)
    return result


def _root(matrix: np.ndarray, power: float) -> np.ndarray:
    """A power of the covariance of rows, which is drawn halfway towards a ball of the same size."""
    covariance = np.cov(matrix.T)
    size = len(covariance)
    values, vectors = np.linalg.eigh((covariance + np.trace(covariance) / size * np.eye(size)) / 2)
    return (vectors * values**power) @ vectors.T
