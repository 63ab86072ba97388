"""The classifiers: logistic regression, and the founding article's forest, nearest neighbours and dense networks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tonewise.errors import LabelError, OptionError
from tonewise.weights.keras_engine import require

if TYPE_CHECKING:
    import numpy as np


def _logistic(dimensions: int, seed: int, jobs: int) -> Any:
    from sklearn.linear_model import LogisticRegression

    # C is the prior variance of each weight. One over the dimensions makes the prior variance of the logit 1 whatever the
    # encoder: weak labels are often wrong, and more dimensions are no reason to be surer of them. On real voices this is
    # also where the weak labels of held-out speakers are predicted best (docs/results.md).
    return LogisticRegression(C=1 / dimensions, class_weight="balanced", max_iter=2000, random_state=seed)


def _forest(dimensions: int, seed: int, jobs: int) -> Any:
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(
        n_estimators=300,
        min_samples_leaf=3,
        class_weight="balanced_subsample",
        n_jobs=jobs,
        random_state=seed,
    )


def _neighbors(dimensions: int, seed: int, jobs: int) -> Any:
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(n_neighbors=25, n_jobs=jobs)


def _network(dimensions: int, seed: int, jobs: int) -> Any:
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier(
        hidden_layer_sizes=(128, 32),
        alpha=1e-2,
        early_stopping=True,
        n_iter_no_change=15,
        max_iter=300,
        random_state=seed,
    )


def _keras(dimensions: int, seed: int, jobs: int) -> Any:
    from tonewise.models.keras_dense import KerasDense

    require("the classifier keras")
    return KerasDense(random_state=seed)


_REGISTRY: dict[str, Callable[[int, int, int], Any]] = {
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


def names() -> tuple[str, ...]:
    """Names that `create` knows."""
    return tuple(_REGISTRY)


def create(name: str, dimensions: int, *, seed: int = 0, jobs: int = 1) -> Any:
    """An unfitted scikit-learn pipeline for `dimensions` features: standardisation, then the classifier.

    Raises:
        OptionError: an unknown name.
        MissingExtraError: the classifier's library is not installed.
    """
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import StandardScaler

    if name not in _REGISTRY:
        raise OptionError(f"unknown classifier '{name}'; choose {', '.join(names())}")
    return Pipeline([("scale", StandardScaler()), ("classify", _REGISTRY[name](dimensions, seed, jobs))])


def fit(
    name: str,
    features: np.ndarray,
    positive: np.ndarray,
    *,
    confidence: np.ndarray | None = None,
    seed: int = 0,
    jobs: int = 1,
    validation: tuple[np.ndarray, np.ndarray] | None = None,
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
    classifier = create(name, features.shape[1], seed=seed, jobs=jobs)
    extra: dict[str, Any] = {}
    if confidence is not None and name not in _UNWEIGHTED:
        extra["classify__sample_weight"] = confidence / confidence.mean()
    if validation is not None and name in _VALIDATED and len(validation[0]):
        scaled = classifier["scale"].fit(features).transform(validation[0])
        extra["classify__validation"] = (scaled, np.asarray(validation[1], dtype=np.int64))
    return classifier.fit(features, np.asarray(positive, dtype=np.int64), **extra)
