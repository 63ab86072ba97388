"""The audit of features that were already computed: scores of every split, then what they show by each kind of labels."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonewise import labels
from tonewise.errors import LabelError, SplitError
from tonewise.evaluation.audit import AuditFindings, SoundFigures, SplitFigures, decide
from tonewise.evaluation.audit_intervals import (
    Clusters,
    Estimate,
    Linear,
    auc_interval,
    estimate,
    explained,
    kept_share,
    ranked,
)
from tonewise.evaluation.audit_text import text_predictions
from tonewise.pipeline.auditing_folds import (
    FOLDS,
    LEXICAL,
    MATCHED,
    SPEAKER,
    SPLITS,
    Fold,
    Material,
    Recipe,
    Scored,
    folds_of,
    matched_folds,
    score_folds,
)
from tonewise.records import Interval, Progress

if TYPE_CHECKING:
    import numpy as np

STAGE = "audit"  # what progress is told under


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Out-of-fold scores by split, and why a split was not possible."""

    splits: dict[str, Scored]
    missing: dict[str, str]


def audit_study(
    material: Material,
    recipe: Recipe,
    truths: Mapping[str, np.ndarray],
    *,
    seed: int = 0,
    jobs: int = 1,
    progress: Progress | None = None,
) -> tuple[AuditFindings, ...]:
    """Audit a recipe on features that are there: train it on every fold of every split, and judge what it scored.

    Args:
        material: the rows; labels to learn, voices, what was said.
        recipe: what is trained.
        truths: labels to judge by, `(n,)` positive, negative or anything else, under the name that people are told.
        seed: of folds and classifiers.
        jobs: folds at once.
        progress: called as `progress(stage, done, total)`.

    Raises:
        LabelError: no fold of any split has labels of both classes.
    """
    scores = score_splits(material, recipe, seed=seed, jobs=jobs, progress=progress)
    return tuple(judge(material, scores, name, truth) for name, truth in truths.items())


def score_splits(
    material: Material, recipe: Recipe, *, seed: int, jobs: int = 1, progress: Progress | None = None
) -> Scores:
    """Out-of-fold scores of every split that is possible.

    Raises:
        LabelError: no fold of any split has labels of both classes.
    """
    planned, missing = _planned(material, seed)
    total = sum(map(len, planned.values()))
    done = itertools.count(1)

    def tell() -> None:
        if progress is not None:
            progress(STAGE, next(done), total)

    found: dict[str, Scored] = {}
    for name, folds in planned.items():
        try:
            found[name] = score_folds(material, recipe, folds, seed=seed, jobs=jobs, altered=name == SPEAKER, tell=tell)
        except LabelError as error:
            missing[name] = str(error)
    if planned and not found:
        raise LabelError(missing[next(iter(planned))])
    return Scores(found, missing)


def _planned(material: Material, seed: int) -> tuple[dict[str, Sequence[Fold]], dict[str, str]]:
    planned: dict[str, Sequence[Fold]] = {}
    missing: dict[str, str] = {}
    for name in FOLDS:
        try:
            planned[name] = folds_of(material, name, seed=seed)
        except SplitError as error:
            missing[name] = str(error)
    if LEXICAL in planned:
        planned[MATCHED] = matched_folds(material, planned[LEXICAL], seed=seed)
    return {name: planned[name] for name in SPLITS if name in planned}, missing


def judge(material: Material, scores: Scores, name: str, truth: np.ndarray) -> AuditFindings:
    """What scores show by labels `truth`, `(n,)`."""
    judged = _Judged.of(material, truth)
    figures = tuple(judged.figures(split, scored) for split, scored in scores.splits.items())
    by_name = {each.name: each for each in figures}
    matched, lexical = (judged.ranked(scores.splits.get(split)) for split in (MATCHED, LEXICAL))
    fall, kept = None, None
    if matched is not None and lexical is not None:
        fall = estimate(matched.minus(lexical), judged.clusters)
        kept = kept_share(matched, lexical, judged.clusters)
    above_text, above_length = judged.above(scores.splits.get(LEXICAL))
    speaker = scores.splits.get(SPEAKER)
    return AuditFindings(
        truth=name,
        held_out=_held_out(material),
        splits=figures,
        fall=fall,
        kept=kept,
        above_text=above_text,
        above_length=above_length,
        repeated=judged.repeated(speaker),
        text_share=text_share(material, speaker, judged.clusters),
        sounds=judged.sounds(speaker),
        verdict=decide(
            by_name.get(MATCHED),
            by_name.get(LEXICAL),
            kept,
            above_text,
            above_length,
            missing=scores.missing.get(LEXICAL, ""),
        ),
        missing=scores.missing,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Judged:
    """Rows with the labels that they are judged by."""

    material: Material
    polar: np.ndarray
    positive: np.ndarray
    said: np.ndarray
    clusters: Clusters

    @classmethod
    def of(cls, material: Material, truth: np.ndarray) -> _Judged:
        said = commonest(material.contents)
        polar = labels.is_polar(truth)
        return cls(material, polar, truth == labels.POSITIVE, said, Clusters.of(material.groups, said))

    def ranked(self, scored: Scored | None, scores: np.ndarray | None = None) -> Linear | None:
        """AUC of a split's scores (the sound's, unless others are given) within its folds."""
        import numpy as np

        if scored is None:
            return None
        return ranked(scored.sound if scores is None else scores, self.positive, np.where(self.polar, scored.fold, -1))

    def interval(self, scored: Scored, scores: np.ndarray | None = None) -> Interval:
        """The same with its interval."""
        import numpy as np

        tested = self.polar & np.isfinite(scored.sound if scores is None else scores)
        return auc_interval(self.ranked(scored, scores), self.clusters, tested, self.material.grouped_by)

    def figures(self, name: str, scored: Scored) -> SplitFigures:
        import numpy as np

        tested = self.polar & (scored.fold >= 0)
        return SplitFigures(
            name=name,
            auc=self.interval(scored),
            text=self.interval(scored, scored.text) if self.material.readable else None,
            length=None if self.material.seconds is None else self.interval(scored, scored.length),
            trained=scored.trained,
            contents=len(np.unique(self.said[tested].astype(str))),
        )

    def above(self, scored: Scored | None) -> tuple[Estimate | None, Estimate | None]:
        """How much better the sound ranks than the words alone, and than the length alone."""
        sound = self.ranked(scored)
        if scored is None or sound is None:
            return None, None
        others = (self.ranked(scored, scores) for scores in (scored.text, scored.length))
        text, length = (None if other is None else estimate(sound.minus(other), self.clusters) for other in others)
        return text, length

    def repeated(self, scored: Scored | None) -> Interval | None:
        """Pairs that say the very same in other tones, within a fold; None where there are none."""
        import numpy as np

        if scored is None:
            return None
        rows = self.polar & np.array([len(each) > 0 for each in self.material.documents], dtype=bool)
        names = np.array([f"{fold}\0{each}" for fold, each in zip(scored.fold, self.material.documents, strict=True)])
        _, strata = np.unique(names, return_inverse=True)
        found = ranked(scored.sound, self.positive, np.where(rows & (scored.fold >= 0), strata, -1))
        return None if found is None else auc_interval(found, self.clusters, rows, self.material.grouped_by)

    def sounds(self, scored: Scored | None) -> tuple[SoundFigures, ...]:
        """Clips without words, and the same as they were."""
        import numpy as np

        if scored is None:
            return ()
        found = []
        for name, altered in scored.altered.items():
            same = np.where(np.isnan(altered), np.nan, scored.sound)
            found.append(SoundFigures(name, self.interval(scored, altered), self.interval(scored, same)))
        return tuple(found)


def text_share(material: Material, scored: Scored | None, clusters: Clusters) -> Estimate | None:
    """Share of the variance of the sound's score that text predicts: out-of-fold R² by voices that it was not fitted on.

    The scores of each fold are standardised, since each fold has a model of its own.
    """
    import numpy as np

    if scored is None or not material.readable:
        return None
    target, predicted = _standardised(scored), np.full(len(scored.fold), np.nan)
    told = np.isfinite(target) & np.array([len(each) > 0 for each in material.documents], dtype=bool)
    for fold in range(scored.fold.max() + 1):
        train, test = np.flatnonzero(told & (scored.fold != fold)), np.flatnonzero(told & (scored.fold == fold))
        if len(train) and len(test):
            learned, asked = ([material.documents[int(row)] for row in rows] for rows in (train, test))
            predicted[test] = text_predictions(learned, target[train], asked)
    return estimate(explained(target, predicted), clusters)


def _standardised(scored: Scored) -> np.ndarray:
    import numpy as np

    result = np.full(len(scored.sound), np.nan)
    for fold in range(scored.fold.max() + 1):
        rows = scored.fold == fold
        spread = scored.sound[rows].std() if rows.any() else 0.0
        if spread > 0:
            result[rows] = (scored.sound[rows] - scored.sound[rows].mean()) / spread
    return result


def commonest(contents: np.ndarray) -> np.ndarray:
    """One name of what is said in each row, to count and to cluster by: the commonest of its contents, else its own."""
    import numpy as np

    counts = Counter(name for each in contents for name in each)
    names = [max(sorted(each), key=counts.__getitem__) if each else f"row:{row}" for row, each in enumerate(contents)]
    return np.array(names, dtype=object)


def _held_out(material: Material) -> str:
    kinds = Counter(name.partition(":")[0] for each in material.contents for name in each)
    if not kinds:
        return ""
    return "words" if kinds.most_common(1)[0][0] == "word" else "sentences"
