"""Out-of-fold scores: a model's recipe trained anew on every fold of a split, with the words alone beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tonewise import features, labels, models, splits
from tonewise.errors import LabelError, SplitError
from tonewise.evaluation.audit_length import length_scores
from tonewise.evaluation.audit_text import Document, known, text_scores
from tonewise.features import NO_BASELINE

if TYPE_CHECKING:
    import numpy as np

RANDOM, SPEAKER, MATCHED, LEXICAL = SPLITS = ("random", "speaker", "matched", "lexical")

#: Folds of a split; of `lexical` as many of voices as of words: each of the 16 is trained on nine sixteenths of the rows.
FOLDS = {RANDOM: 5, SPEAKER: 5, LEXICAL: 4}

#: Positions of the rows to train on and to test on.
Fold = tuple["np.ndarray", "np.ndarray"]


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a model was made of its features.

    Attributes:
        classifier, baseline: see `models.names()` and `features.BASELINES`.
        blocks: widths of its encoders' columns.
        weak: whether the labels were made from words.
    """

    classifier: str = "logistic"
    baseline: str = NO_BASELINE
    blocks: tuple[int, ...] = ()
    weak: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """Rows that were heard; every array has one entry a row.

    Attributes:
        features: float32 `(n, d)`, raw: before any speaker's baseline.
        label: positive, negative or None: what is learned.
        confidence: 0..1, how much each row counts in training.
        groups: voices as splits keep them together; `grouped_by` says what they are.
        voices: whose baseline each row belongs to.
        contents: what must not be shared by train and test under held-out words: a frozenset of names a row.
        documents: what was said, as tokens; empty where unknown.
        grouped_by: speaker or recording.
        altered: features of the same rows without their words, by name; NaN in rows that were not altered.
        seconds: how long each clip is; None = unknown.
    """

    features: np.ndarray
    label: np.ndarray
    confidence: np.ndarray
    groups: np.ndarray
    voices: np.ndarray
    contents: np.ndarray
    documents: Sequence[Document]
    grouped_by: str = "speaker"
    altered: Mapping[str, np.ndarray] = field(default_factory=dict)
    seconds: np.ndarray | None = None

    @property
    def readable(self) -> bool:
        """Whether anything is known of what was said."""
        return known(self.documents)


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """Out-of-fold scores of one split, NaN in rows that were not tested.

    Attributes:
        sound: `(n,)`, logit of a positive tone.
        text: `(n,)`, of the words alone; all NaN where there is nothing to read.
        length: `(n,)`, of the length of the clip alone; all NaN where it is unknown.
        fold: int `(n,)`, −1 = not tested.
        altered: as `sound`, of the altered clips.
        trained: mean number of labelled rows in training.
    """

    sound: np.ndarray
    text: np.ndarray
    length: np.ndarray
    fold: np.ndarray
    altered: dict[str, np.ndarray]
    trained: int


@dataclass(frozen=True, slots=True, eq=False)
class _Tested:
    rows: np.ndarray
    sound: np.ndarray
    text: np.ndarray | None
    length: np.ndarray | None
    altered: dict[str, tuple[np.ndarray, np.ndarray]]
    trained: int


def folds_of(material: Material, strategy: str, *, seed: int) -> list[Fold]:
    """Folds of `random`, `speaker` or `lexical`.

    Raises:
        SplitError: too few voices, words or sentences.
    """
    import pandas as pd

    groups = pd.Series(material.groups)
    contents = pd.Series(material.contents, dtype=object)
    held_out = {"contents": contents} if strategy == LEXICAL else {}
    if strategy == LEXICAL and not any(material.contents):
        raise SplitError("nothing is known of what was said: add a `text` or a `sentence` column to hold words out")
    return list(splits.folds(groups, strategy, count=FOLDS[strategy], seed=seed, **held_out))


def matched_folds(material: Material, lexical: Sequence[Fold], *, seed: int) -> list[Fold]:
    """The folds of `lexical` trained on as many labelled rows of the same voices, whatever they say.

    What is lost from these to `lexical` is lost for want of the words, not for want of training or of easier clips.
    """
    import numpy as np

    learnable = labels.is_polar(material.label)
    made = []
    for number, (train, test) in enumerate(lexical):
        rng = np.random.default_rng([seed, number])
        allowed = np.flatnonzero(~np.isin(material.groups, np.unique(material.groups[test])) & learnable)
        count = min(int(learnable[train].sum()), len(allowed))
        made.append((np.sort(rng.choice(allowed, count, replace=False)), test))
    return made


def score_folds(
    material: Material,
    recipe: Recipe,
    folds: Sequence[Fold],
    *,
    seed: int,
    jobs: int = 1,
    altered: bool = False,
    tell: Callable[[], None] | None = None,
) -> Scored:
    """Train the recipe on every fold and score what it was not trained on.

    Args:
        material: the rows.
        recipe: what is trained.
        folds: rows to train on and to test on; no row is tested twice. Folds whose training rows have one class only are
            left out.
        seed: of the classifier.
        jobs: folds at once.
        altered: whether the altered clips are scored, too.
        tell: called after each fold, by the thread that called.

    Raises:
        LabelError: no fold could be trained.
    """
    from threadpoolctl import threadpool_limits

    def one(fold: Fold) -> _Tested | None:
        return _tested(material, recipe, fold, seed, altered)

    found = []
    with threadpool_limits(1), ThreadPoolExecutor(max_workers=jobs) as pool:
        for each in pool.map(one, folds):
            if each is not None:
                found.append(each)
            if tell is not None:
                tell()
    if not found:
        raise LabelError("no fold has labels of both classes to train on; add recordings or name other --labels")
    return _gathered(material, found)


def _tested(material: Material, recipe: Recipe, fold: Fold, seed: int, altered: bool) -> _Tested | None:
    """One fold, trained and tested."""
    train, test = fold
    train = train[labels.is_polar(material.label[train])]
    positive = material.label[train] == labels.POSITIVE
    if not 0 < positive.sum() < len(train) or not len(test):
        return None
    mask = _mask(len(material.label), train)
    prepared, preparation = features.prepare(
        material.features, material.voices, baseline=recipe.baseline, training=mask
    )
    model = models.fit(
        recipe.classifier,
        prepared[train],
        positive,
        confidence=material.confidence[train],
        seed=seed,
        blocks=recipe.blocks,
        weak=recipe.weak,
    )
    others = {}
    for name, rows, matrix in _altered(material, test) if altered else ():
        others[name] = (rows, logits(model.predict_proba(preparation.apply(matrix, material.voices[rows]))[:, 1]))
    sound = logits(model.predict_proba(prepared[test])[:, 1])
    return _Tested(test, sound, *_baselines(material, train, positive, test), others, len(train))


def _baselines(
    material: Material, train: np.ndarray, positive: np.ndarray, test: np.ndarray
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Scores by the words alone and by the length alone; None where they are unknown."""
    text = length = None
    if material.readable:
        learned, asked = ([material.documents[int(row)] for row in rows] for rows in (train, test))
        text = text_scores(learned, positive, asked)
    if material.seconds is not None:
        length = length_scores(material.seconds[train], positive, material.seconds[test])
    return text, length


def _altered(material: Material, test: np.ndarray) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Name, rows and features of the altered clips among the test rows."""
    import numpy as np

    for name, matrix in material.altered.items():
        rows = test[np.isfinite(matrix[test]).all(axis=1)]
        if len(rows):
            yield name, rows, matrix[rows]


def _gathered(material: Material, found: Sequence[_Tested]) -> Scored:
    import numpy as np

    count = len(material.label)
    sound, text, length = (np.full(count, np.nan) for _ in range(3))
    fold = np.full(count, -1)
    altered = {name: np.full(count, np.nan) for name in material.altered}
    for number, each in enumerate(found):
        sound[each.rows], fold[each.rows] = each.sound, number
        if each.text is not None:
            text[each.rows] = each.text
        if each.length is not None:
            length[each.rows] = each.length
        for name, (rows, scores) in each.altered.items():
            altered[name][rows] = scores
    return Scored(sound, text, length, fold, altered, round(float(np.mean([each.trained for each in found]))))


def _mask(count: int, rows: np.ndarray) -> np.ndarray:
    import numpy as np

    mask = np.zeros(count, dtype=bool)
    mask[rows] = True
    return mask


def logits(probability: np.ndarray) -> np.ndarray:
    """Log odds, finite at 0 and 1: probabilities pile up there, and order is kept."""
    import numpy as np

    clipped = np.clip(np.asarray(probability, dtype=float), 1e-12, 1 - 1e-12)
    log_odds: np.ndarray = np.log(clipped / (1 - clipped))
    return log_odds
