"""Table 1: labels of text against what people say of its sentiment, in lines of television dialogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import KFold

from tonewise import evaluation, labels
from tonewise.labels import combining, context
from tonewise.labels.sentence_encoders import MiniLmEncoder
from tonewise.records import Interval

WIDTH = 3  # neighbours on either side
SCENE = 50  # lines: scenes are not marked in the file, blocks stand for them
BLOCKS = KFold(5)  # contiguous: lines of one scene are trained on or tested with, not both
COLUMNS = (
    "labeller",
    "AUC",
    "sign right",
    "accuracy of labels",
    "polar labelled",
    "of them positive",
    "labelled, neutral to people",
    "sign right, estimated without gold",
)


@dataclass(frozen=True)
class Dialogue:
    """Lines in the order in which they were said, and what people say of each: positive, negative, neutral."""

    text: pd.Series
    sentiment: np.ndarray

    @property
    def polar(self) -> np.ndarray:
        return self.sentiment != labels.NEUTRAL

    @property
    def positive(self) -> np.ndarray:
        return self.sentiment == labels.POSITIVE

    @property
    def lines(self) -> list[np.ndarray]:
        """The one sequence that neighbours are looked for in: the file does not tell where a scene ends."""
        return [np.arange(len(self.text))]

    @cached_property
    def scores(self) -> pd.DataFrame:
        """A column a labeller, 0 where it has nothing to say."""
        words = labels.label_texts(self.text, labels.create("lexicon"))
        meaning = labels.label_texts(self.text, labels.create("semantic"))
        found = pd.DataFrame(
            {
                "vader": words["vader_score"],
                "textblob": words["textblob_score"],
                "lexicon": words["score"],
                "semantic": meaning["score"],
            }
        )
        pair = found[list(combining.DEFAULT_MEMBERS)]
        found["combined"] = combining.combine(pair, combining.fit(pair, self.lines).weights)
        return found

    @cached_property
    def vectors(self) -> np.ndarray:
        return MiniLmEncoder().encode(self.text.to_list())


def read(path: Path) -> Dialogue:
    """The lines of `dialogue_sentiment.csv`."""
    table = pd.read_csv(path, keep_default_na=False)
    return Dialogue(table["text"], table["sentiment"].to_numpy(dtype=str))


def tell(dialogue: Dialogue) -> None:
    """Print the table."""
    print(f"| {' | '.join(COLUMNS)} |\n|{'---|' * len(COLUMNS)}")
    estimated = combining.fit(dialogue.scores, dialogue.lines).accuracies
    for name, column in dialogue.scores.items():
        scores = column.to_numpy(dtype=float)
        row(dialogue, str(name), scores, f"{estimated[str(name)]:.3f}")
        row(dialogue, f"{name}, context {WIDTH}", smoothed(dialogue, scores))
    try:
        voted = dawid_skene(dialogue)
        row(dialogue, "Dawid–Skene of vader, textblob, semantic", voted)
        row(dialogue, f"Dawid–Skene …, context {WIDTH}", smoothed(dialogue, voted))
    except ImportError:
        print("| Dawid–Skene: crowd-kit is not installed | | | | | | | |")
    row(dialogue, "ceiling: MiniLM trained on people's labels", supervised(dialogue, own))
    row(dialogue, f"ceiling …, context {WIDTH}", supervised(dialogue, beside))


def row(dialogue: Dialogue, name: str, scores: np.ndarray, estimated: str = "–") -> None:
    """Print what scores (−1..1) of all lines are worth."""
    polar, positive = dialogue.polar, dialogue.positive
    scenes = np.arange(len(scores)) // SCENE
    found = evaluation.roc_auc_interval(scores[polar], positive[polar], scenes[polar], grouped_by="block of 50 lines")
    # A score of 0 has no sign: half of them count as right.
    right = np.where(scores == 0, 0.5, (scores > 0) == positive)
    labelled = np.abs(scores) > labels.DEFAULT_THRESHOLD
    cells = (
        auc_cell(found),
        f"{right[polar].mean():.3f}",
        f"{right[polar & labelled].mean():.3f}",
        f"{labelled[polar].mean():.0%}",
        f"{(scores > 0)[polar & labelled].mean():.0%}",
        f"{(~polar)[labelled].mean():.0%}",
        estimated,
    )
    print(f"| {name} | {' | '.join(cells)} |", flush=True)


def auc_cell(found: Interval) -> str:
    """An AUC with its interval: rows of these tables differ in the third digit."""
    return f"{found.roc_auc:.3f} ({found.ci_low:.2f}–{found.ci_high:.2f})"


def smoothed(dialogue: Dialogue, scores: np.ndarray) -> np.ndarray:
    """Scores with their neighbours taken into account, as `--context` does it."""
    return context.smooth(scores, dialogue.lines, context.persistence(scores, dialogue.lines), WIDTH)


def dawid_skene(dialogue: Dialogue) -> np.ndarray:
    """Crowd-kit's Dawid–Skene of the labels that three labellers give: −1..1; 0 where nobody votes."""
    from crowdkit.aggregation import DawidSkene

    votes = pd.concat(
        pd.DataFrame({"task": scores.index, "worker": name, "label": np.where(scores > 0, "positive", "negative")})[
            (scores.abs() > labels.DEFAULT_THRESHOLD).to_numpy()
        ]
        for name, scores in dialogue.scores[["vader", "textblob", "semantic"]].items()
    )
    found = DawidSkene(n_iter=100).fit_predict_proba(votes)["positive"]
    return 2 * found.reindex(dialogue.text.index, fill_value=0.5).to_numpy() - 1


Answer = Callable[[Dialogue, np.ndarray, np.ndarray], np.ndarray]


def supervised(dialogue: Dialogue, answer: Answer) -> np.ndarray:
    """2p − 1 of each line, by a model that was trained on people's labels of the other four fifths."""
    scores = np.zeros(len(dialogue.text))
    for train, test in BLOCKS.split(scores):
        scores[test] = answer(dialogue, train, test)
    return scores


def own(dialogue: Dialogue, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """By the line's own embedding."""
    return _learned(dialogue.vectors[train], dialogue, train)(dialogue.vectors[test])


def beside(dialogue: Dialogue, train: np.ndarray, test: np.ndarray) -> np.ndarray:
    """By the scores of the line and its neighbours; those trained with come from models that did not see their line."""
    inside = np.zeros(len(train))
    for some, rest in BLOCKS.split(train):
        inside[rest] = own(dialogue, train[some], train[rest])
    return _learned(_windows(inside), dialogue, train)(_windows(own(dialogue, train, test)))


def _windows(scores: np.ndarray) -> np.ndarray:
    """Each score between its neighbours, `(n, 2 WIDTH + 1)`, zeros beyond the ends."""
    return np.lib.stride_tricks.sliding_window_view(np.pad(scores, WIDTH), 2 * WIDTH + 1)


def _learned(features: np.ndarray, dialogue: Dialogue, rows: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Logistic regression of the polar rows; how strong its prior is, blocks of the same rows tell."""
    polar = dialogue.polar[rows]
    fitted = LogisticRegressionCV(
        Cs=(0.03, 0.1, 0.3, 1, 3, 10, 30),
        cv=BLOCKS,
        scoring="roc_auc",
        class_weight="balanced",
        max_iter=2000,
        l1_ratios=(0,),
        use_legacy_attributes=False,
    ).fit(features[polar], dialogue.positive[rows][polar])
    return lambda others: 2 * fitted.predict_proba(others)[:, 1] - 1
