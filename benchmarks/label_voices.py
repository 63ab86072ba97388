"""Table 2: voices of nEMO, learned from labels of borrowed words, judged by how people say that the voice sounds."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from label_texts import Dialogue, auc_cell
from tonewise import evaluation, labels, models
from tonewise.features.baseline import population, standardise_by_speaker
from tonewise.labels import combining
from tonewise.pipeline.hearing import create_encoders, hear, open_cache
from tonewise.pipeline.reading import audible, read_corpora
from tonewise.records import Interval

CORPUS = "nemo"
FEATURES = ("melstats", "turn", "whisper")
LABELLERS = ("lexicon", "semantic", "combined")
GOLD = "gold (ceiling)"
FOLDS = 5
DRAWS = 10  # of other words


@dataclass(frozen=True)
class Voices:
    """Clips of one corpus.

    Attributes:
        speakers: a name a clip.
        gold: positive, negative, neutral or "": what people say of the voice.
        scores: of the clips' borrowed words, a column a labeller, NaN where a clip has no words.
        features: by name, float32 `(n, d)`.
    """

    speakers: np.ndarray
    gold: np.ndarray
    scores: pd.DataFrame
    features: dict[str, np.ndarray] = field(repr=False)

    @property
    def polar(self) -> np.ndarray:
        return np.isin(self.gold, [labels.POSITIVE, labels.NEGATIVE])

    @property
    def positive(self) -> np.ndarray:
        return self.gold == labels.POSITIVE


@dataclass(frozen=True)
class Labels:
    """What is learned: a score, its sign, and how much it counts (0 = abstained)."""

    score: np.ndarray
    confidence: np.ndarray
    reliability: float

    @property
    def positive(self) -> np.ndarray:
        return self.score > 0


def read(path: Path, features: tuple[str, ...] = FEATURES) -> Voices:
    """The corpus's clips of `acted.csv`, its surprised ones too: they have no words, and tell how a speaker sounds."""
    utterances = audible(read_corpora([path]), jobs=2).utterances
    utterances = utterances[utterances["corpus"] == CORPUS].reset_index(drop=True)
    scores = {
        name: labels.label_texts(utterances["text"], labels.create(name))["score"] for name in combining.DEFAULT_MEMBERS
    }
    matrices = {
        name: hear(utterances, create_encoders([name]), seed=0, cache=open_cache(True)).matrix for name in features
    }
    gold = labels.polarity_column(utterances, "polarity").fillna("").to_numpy(dtype=str)
    return Voices(utterances["speaker"].to_numpy(dtype=str), gold, pd.DataFrame(scores), matrices)


def other_words(voices: Voices, dialogue: Dialogue, seed: int) -> Voices:
    """The same clips with another draw of words: any line that people call what they call the voice, as in `acted.csv`."""
    random = np.random.default_rng(seed)
    drawn = np.full(len(voices.gold), -1)
    for polarity in (labels.POSITIVE, labels.NEGATIVE, labels.NEUTRAL):
        clips = np.flatnonzero(voices.gold == polarity)
        drawn[clips] = random.choice(np.flatnonzero(dialogue.sentiment == polarity), len(clips))
    scores = dialogue.scores[list(combining.DEFAULT_MEMBERS)].reset_index(drop=True)
    return replace(voices, scores=scores.reindex(drawn).reset_index(drop=True))


def folds(voices: Voices, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Rows to learn from and to judge, speakers dealt out by the seed."""
    names = np.random.default_rng(seed).permutation(np.unique(voices.speakers))
    tested = [np.isin(voices.speakers, names[fold::FOLDS]) for fold in range(FOLDS)]
    return [(np.flatnonzero(~test), np.flatnonzero(test)) for test in tested]


def labels_of(voices: Voices, name: str, train: np.ndarray) -> Labels:
    """Labels of all clips; what has to be estimated for them is estimated from the training rows."""
    if name == GOLD:
        score = np.where(voices.polar, np.where(voices.positive, 1.0, -1.0), 0.0)
        return Labels(score, np.abs(score), 1.0)
    # Sentences of borrowed words have no neighbours: each clip is a recording of its own.
    found = combining.fit(voices.scores.iloc[train], [np.array([row]) for row in range(len(train))])
    if name == "combined":
        score, reliability = combining.combine(voices.scores, found.weights), max(found.reliabilities.values())
    else:
        score, reliability = voices.scores[name].to_numpy(dtype=float), found.reliabilities[name]
    score = np.nan_to_num(score)
    return Labels(score, np.where(np.abs(score) > labels.DEFAULT_THRESHOLD, np.abs(score), 0.0), reliability)


def heard(voices: Voices, features: str, by_speaker: bool, train: np.ndarray) -> np.ndarray:
    """Features, each speaker's from that speaker's own baseline if asked for; the population is the training rows'."""
    matrix = voices.features[features]
    if not by_speaker:
        return matrix
    return standardise_by_speaker(matrix, voices.speakers, everybody=population(matrix[train]))


def gold_auc(voices: Voices, scores: np.ndarray) -> Interval:
    """How well scores of all clips rank the polar ones, speakers drawn together."""
    return evaluation.roc_auc_interval(
        scores[voices.polar], voices.positive[voices.polar], voices.speakers[voices.polar]
    )


def out_of_fold(voices: Voices, features: str, by_speaker: bool, labeller: str, seed: int) -> np.ndarray:
    """A score a clip, by a model that never heard its speaker."""
    scores = np.zeros(len(voices.gold))
    for train, test in folds(voices, seed):
        learned = labels_of(voices, labeller, train)
        rows = train[learned.confidence[train] > 0]
        matrix = heard(voices, features, by_speaker, train)
        fitted = models.fit("logistic", matrix[rows], learned.positive[rows], confidence=learned.confidence[rows])
        scores[test] = fitted.predict_proba(matrix[test])[:, 1]
    return scores


def tell(voices: Voices, dialogue: Dialogue, seeds: list[int]) -> None:
    """Print both tables."""
    columns = (*LABELLERS, GOLD)
    print(f"\n| features | {' | '.join(columns)} |\n|---|{'---|' * len(columns)}")
    for features in FEATURES:
        for by_speaker in (False, True):
            cells = [
                _cell([gold_auc(voices, out_of_fold(voices, features, by_speaker, name, seed)) for seed in seeds])
                for name in columns
            ]
            print(f"| {features}{' per speaker' * by_speaker} | {' | '.join(cells)} |", flush=True)
    _tell_draws(voices, dialogue, seeds)


def _tell_draws(voices: Voices, dialogue: Dialogue, seeds: list[int]) -> None:
    """Other words for the same clips: what is luck of the draw."""
    print("\n| turn per speaker | lexicon | semantic |\n|---|---|---|")
    found: dict[str, list[float]] = {name: [] for name in combining.DEFAULT_MEMBERS}
    for draw in range(DRAWS):
        drawn = other_words(voices, dialogue, draw)
        judged = [gold_auc(drawn, out_of_fold(drawn, "turn", True, name, seeds[draw % len(seeds)])) for name in found]
        for values, interval in zip(found.values(), judged, strict=True):
            values.append(interval.roc_auc or float("nan"))
        if draw < len(seeds):
            print(f"| draw {draw} | {' | '.join(map(auc_cell, judged))} |", flush=True)
    cells = [f"{np.mean(values):.3f} ({min(values):.3f}–{max(values):.3f})" for values in found.values()]
    print(f"| mean (lowest–highest) of {DRAWS} draws | {' | '.join(cells)} |")


def _cell(found: list[Interval]) -> str:
    """Mean over seeds, with the interval of the first."""
    mean = np.mean([interval.roc_auc for interval in found])
    return f"{mean:.3f} ({found[0].ci_low:.2f}–{found[0].ci_high:.2f})"
