"""The classifiers: logistic regression, and the founding article's forest, nearest neighbours and dense networks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from tonewise.errors import LabelError, OptionError
from tonewise.weights.keras_engine import require

if TYPE_CHECKING:
    import numpy as np


#: By how much less a classifier dares where labels were made from words. What voices of one corpus have in common beside
#: tone (a line, a language, a handful of speakers) is learned first by small weights grown large. Chosen by how well the
#: *words* of a corpus that was held out are foretold, without gold (docs/transfer.md).
WEAK = 16


def _logistic(dimensions: int, seed: int, jobs: int, weak: bool) -> Any:
    from sklearn.linear_model import LogisticRegression

    # C is the prior variance of each weight. One over the dimensions makes the prior variance of the logit 1 whatever the
    # encoder: more dimensions are no reason to be surer of labels.
    strength = 1 / (WEAK * dimensions) if weak else 1 / dimensions
    return LogisticRegression(C=strength, class_weight="balanced", max_iter=2000, random_state=seed)


def _forest(dimensions: int, seed: int, jobs: int, weak: bool) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(
        n_estimators=300,
        min_samples_leaf=3,
        class_weight="balanced_subsample",
        n_jobs=jobs,
        random_state=seed,
    )


def _neighbors(dimensions: int, seed: int, jobs: int, weak: bool) -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(n_neighbors=25, n_jobs=jobs)


def _network(dimensions: int, seed: int, jobs: int, weak: bool) -> Any:
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier(
        hidden_layer_sizes=(128, 32),
        alpha=1e-2,
        early_stopping=True,
        n_iter_no_change=15,
        max_iter=300,
        random_state=seed,
    )


def _keras(dimensions: int, seed: int, jobs: int, weak: bool) -> Any:
    from tonewise.models.keras_dense import WHAT, KerasDense

    require(WHAT)
    return KerasDense(random_state=seed)


_REGISTRY: dict[str, Callable[[int, int, int, bool], Any]] = {
    "logistic": _logistic,
    "forest": _forest,
    "neighbors": _neighbors,
    "network": _network,
    "keras": _keras,
}

#: These cannot weigh their training rows; the others count a row by the confidence of its label.
_UNWEIGHTED = frozenset({"neighbors"})

#: These stop by rows that they do not learn from.
_VALIDATED = frozenset({"keras"})

#: What the fitted numbers depend on beside scikit-learn.
_LIBRARIES = {"keras": ("keras", "torch")}


def libraries(name: str) -> tuple[str, ...]:
    """Packages beside scikit-learn that a classifier's fitted numbers depend on."""
    return _LIBRARIES.get(name, ())


def names() -> tuple[str, ...]:
    """Names that `create` knows."""
    return tuple(_REGISTRY)


def create(name: str, dimensions: int, *, seed: int = 0, jobs: int = 1, weak: bool = False) -> Any:
    """An unfitted scikit-learn pipeline for `dimensions` features: standardisation, then the classifier.

    `weak` = the labels were made from words, and are often wrong.

    Raises:
        OptionError: an unknown name.
        MissingExtraError: the classifier's library is not installed.
    """
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    if name not in _REGISTRY:
        raise OptionError(f"unknown classifier '{name}'; choose {', '.join(names())}")
    return Pipeline([("scale", StandardScaler()), ("classify", _REGISTRY[name](dimensions, seed, jobs, weak))])


def fit(
    name: str,
    features: np.ndarray,
    positive: np.ndarray,
    *,
    confidence: np.ndarray | None = None,
    seed: int = 0,
    jobs: int = 1,
    validation: tuple[np.ndarray, np.ndarray] | None = None,
    blocks: Sequence[int] = (),
    weak: bool = False,
) -> Any:
    """Fit a classifier of `(n, d)` features.

    Args:
        name: one of `names()`.
        features: float32 `(n, d)`.
        positive: bool `(n,)`.
        confidence: `(n,)`, 0..1: how much each row counts; None counts all alike. Nearest neighbours ignore it.
        seed: of everything random.
        jobs: threads, where the classifier can use them.
        validation: features `(m, d)` and bool `(m,)` of rows that are not learned from, by which `keras` stops; without
            them it holds out some of its own. The others need none and ignore it.
        blocks: how many columns each encoder brought, in their order. Each block then has the same say, however many
            columns it has: thousands of one encoder do not drown sixty of another. () = one block.
        weak: whether the labels were made from words; logistic regression then dares less.

    Raises:
        LabelError: only one class.
        MissingExtraError: the classifier's library is not installed.
    """
    import numpy as np

    classes = np.unique(positive)
    if len(classes) < 2:
        only = "positive" if len(classes) and classes[0] else "negative"
        raise LabelError(
            f"all {len(positive)} training labels are {only if len(classes) else 'missing'}: two classes are needed to "
            "learn; add recordings or lower the threshold"
        )
    classifier = create(name, features.shape[1], seed=seed, jobs=jobs, weak=weak)
    _fit_for_few(name, classifier["classify"], np.bincount(np.asarray(positive, dtype=np.int64)))
    scale = _fit_scale(classifier["scale"], features, blocks)
    extra: dict[str, Any] = {}
    if confidence is not None and name not in _UNWEIGHTED:
        extra["sample_weight"] = confidence / confidence.mean()
    if validation is not None and name in _VALIDATED and len(validation[0]):
        extra["validation"] = (scale.transform(validation[0]), np.asarray(validation[1], dtype=np.int64))
    classifier["classify"].fit(scale.transform(features), np.asarray(positive, dtype=np.int64), **extra)
    return classifier


def _fit_for_few(name: str, classifier: Any, counts: np.ndarray) -> None:
    """Ask what few rows can give: no more neighbours than rows, and none to stop by where a class could spare none."""
    if name == "neighbors":
        classifier.set_params(n_neighbors=min(classifier.n_neighbors, int(counts.sum())))
    if name == "network" and (counts.min() < 2 or counts.sum() * classifier.validation_fraction <= 1):
        classifier.set_params(early_stopping=False)


def _fit_scale(scale: Any, features: np.ndarray, blocks: Sequence[int]) -> Any:
    """Columns to deviation 1, and blocks of columns to equal total variance.

    The total over all columns stays what it is, so that the prior of the logistic regression means the same.
    """
    import numpy as np

    scale.fit(features)
    if len(blocks) > 1:
        width = np.asarray(blocks)
        weight = np.sqrt(width.sum() / (len(width) * width))
        scale.scale_ = scale.scale_ / np.repeat(weight, width)
    return scale
