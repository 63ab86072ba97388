"""The utterances of one training run, with everything that fitting and judging need, row by row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tonewise import evaluation, labels, models, splits
from tonewise.errors import LabelError
from tonewise.labels import refinement
from tonewise.records import Calibration, Evaluation, Progress, RefinementResult

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Study:
    """Rows that were heard; every array has one entry a row.

    Attributes:
        features: float32 `(n, d)`, prepared (see `features.prepare`).
        label: positive, negative, or None where the labeller abstained.
        confidence: 0..1.
        words: the text labeller's score, NaN = none.
        gold: positive, negative, neutral or None; all None where no gold column was named.
        part: train, valid or test.
        groups: speakers or recordings; `grouped_by` says which.
        from_text: whether the labels were made from text (then text is no baseline for them).
        blocks: how many columns of the features each encoder brought.
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
    blocks: tuple[int, ...] = ()

    def fit(self, classifier: str, *, seed: int, jobs: int) -> Any:
        """Fit a classifier on the labels of the training split, each row counted by its confidence.

        Raises:
            LabelError: the training split has one class only.
        """
        rows = labels.is_polar(self.label) & (self.part == splits.TRAIN)
        if not rows.any():
            raise LabelError("the training split has no labelled utterance that can be heard; add recordings")
        beside = labels.is_polar(self.label) & (self.part == splits.VALID)
        return models.fit(
            classifier,
            self.features[rows],
            self.label[rows] == labels.POSITIVE,
            confidence=self.confidence[rows],
            seed=seed,
            jobs=jobs,
            validation=(self.features[beside], self.label[beside] == labels.POSITIVE),
            blocks=self.blocks,
            weak=self.from_text,
        )

    def refined(
        self, reliability: float, *, seed: int, progress: Progress | None = None
    ) -> tuple[Study, RefinementResult]:
        """The same study with the labels of its training rows refined by the voice; nothing else is looked at.

        Args:
            reliability: correlation of the words' score with the mood behind it.
            seed: of the teachers.
            progress: called as `progress(stage, done, total)`.
        """
        import numpy as np
        from threadpoolctl import threadpool_limits

        def learn(features: np.ndarray, positive: np.ndarray, weight: np.ndarray) -> Any:
            fitted = models.fit(
                "logistic", features, positive, confidence=weight, seed=seed, blocks=self.blocks, weak=True
            )
            return fitted.decision_function

        rows = np.flatnonzero((self.part == splits.TRAIN) & ~np.isnan(self.words))
        material = refinement.Material(
            self.features[rows], self.words[rows], self.confidence[rows], self.groups[rows], reliability
        )
        with threadpool_limits(1):  # many small fits, on which threads wait for each other
            found = refinement.refine(material, learn, progress=progress)
        label, confidence = self.label.copy(), self.confidence.copy()
        if found.choice.rounds:
            label[rows], confidence[rows] = refinement.labels_of(found), found.weight
        return replace(self, label=label, confidence=confidence), RefinementResult(
            rounds=found.choice.rounds,
            dropped=found.choice.drop,
            before=found.agreement.get(refinement.NONE),
            after=found.agreement.get(found.choice),
            flipped=found.flipped,
            added=found.added,
            utterances=len(rows),
        )

    def judge(self, scores: np.ndarray, part: str, *, seed: int) -> Evaluation:
        """Judge scores, one a row, by the labels of one split."""
        return self._evaluate(scores, self.label, self.part == part, None if self.from_text else self.words, seed)

    def judge_gold(self, scores: np.ndarray, *, seed: int) -> Evaluation:
        """Judge scores by the gold labels of the test split, with the words' own score as the text-only baseline."""
        return self._evaluate(scores, self.gold, self.part == splits.TEST, self.words, seed)

    def reliability(self, scores: np.ndarray, *, seed: int) -> Calibration:
        """How far tones can be read as probabilities of a positive label, on the test split."""
        rows = labels.is_polar(self.label) & (self.part == splits.TEST)
        return evaluation.calibration(
            scores[rows], self.label[rows] == labels.POSITIVE, self.groups[rows].astype(str), seed=seed
        )

    def _evaluate(
        self, scores: np.ndarray, truth: np.ndarray, rows: np.ndarray, words: np.ndarray | None, seed: int
    ) -> Evaluation:
        import numpy as np

        rows = rows & labels.is_polar(truth)
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
