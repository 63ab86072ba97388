"""The utterances of one training run, with everything that fitting and judging need, row by row."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tonewise import evaluation, labels, models, splits
from tonewise.errors import LabelError
from tonewise.records import Evaluation

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Study:
    """Rows that were heard; every array has one entry a row.

    Attributes:
        features: float32 `(n, d)`.
        label: positive, negative, or None where the labeller abstained.
        confidence: 0..1.
        words: the text labeller's score, NaN = none.
        gold: positive, negative, neutral or None; all None where no gold column was named.
        part: train, valid or test.
        groups: speakers or recordings; `grouped_by` says which.
        from_text: whether the labels were made from text (then text is no baseline for them).
    """

    features: np.ndarray
    label: np.ndarray
    confidence: np.ndarray
    words: np.ndarray
    gold: np.ndarray
    part: np.ndarray
    groups: np.ndarray
    grouped_by: str
    from_text: bool

    def fit(self, classifier: str, *, seed: int, jobs: int) -> Any:
        """Fit a classifier on the labels of the training split, each row counted by its confidence.

        Raises:
            LabelError: the training split has one class only.
        """
        rows = _polar(self.label) & (self.part == splits.TRAIN)
        if not rows.any():
            raise LabelError("the training split has no labelled utterance that can be heard; add recordings")
        return models.fit(
            classifier,
            self.features[rows],
            self.label[rows] == labels.POSITIVE,
            confidence=self.confidence[rows],
            seed=seed,
            jobs=jobs,
        )

    def judge(self, scores: np.ndarray, part: str, *, seed: int) -> Evaluation:
        """Judge scores, one a row, by the labels of one split."""
        return self._evaluate(scores, self.label, self.part == part, None if self.from_text else self.words, seed)

    def judge_gold(self, scores: np.ndarray, *, seed: int) -> Evaluation:
        """Judge scores by the gold labels of the test split, with the words' own score as the text-only baseline."""
        return self._evaluate(scores, self.gold, self.part == splits.TEST, self.words, seed)

    def _evaluate(
        self, scores: np.ndarray, truth: np.ndarray, rows: np.ndarray, words: np.ndarray | None, seed: int
    ) -> Evaluation:
        import numpy as np

        rows = rows & _polar(truth)
        return evaluation.evaluate(
            scores[rows],
            truth[rows] == labels.POSITIVE,
            self.groups[rows],
            # Without any text there is no text-only baseline, rather than one of chance.
            words=None if words is None or np.isnan(words[rows]).all() else words[rows],
            grouped_by=self.grouped_by,
            seed=seed,
        )


def require_two_classes(column: pd.Series, corpus: str) -> None:
    """Refuse labels of one class only, before hours are spent on listening.

    Raises:
        LabelError: naming what there is.
    """
    counts = column.value_counts()
    found = [name for name in (labels.POSITIVE, labels.NEGATIVE) if counts.get(name, 0)]
    if len(found) < 2:
        what = f"only {found[0]} labels ({counts[found[0]]})" if found else "no labels at all"
        raise LabelError(
            f"{corpus} gives {what} among {len(column)} utterances, and both classes are needed to learn; add recordings, "
            "or lower --threshold"
        )


def _polar(values: np.ndarray) -> np.ndarray:
    return (values == labels.POSITIVE) | (values == labels.NEGATIVE)
