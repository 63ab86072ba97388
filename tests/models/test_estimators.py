"""Every estimator that tonewise fits keeps the contract of scikit-learn, by scikit-learn's own checks.

Our own estimator, the Keras network, is checked in test_keras_dense.py (slow). The others are pipelines of scikit-learn's.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.utils.estimator_checks import parametrize_with_checks

from tonewise import models

#: The checks' tables are of a dozen rows: as many neighbours as they bear, and no rows to stop by. `models.fit` sees to
#: the same by itself, see below.
FOR_FEW_ROWS = {
    "logistic": {},
    "forest": {"n_estimators": 10},
    "neighbors": {"n_neighbors": 5},
    "network": {"early_stopping": False, "max_iter": 100},
}

IN_PLACE = "scikit-learn's Pipeline fits its steps where they are, and expects to fail this check itself"
EXPECTED = {"check_estimators_overwrite_params": IN_PLACE, "check_dont_overwrite_parameters": IN_PLACE}


def pipeline(name: str) -> Any:
    made = models.create(name, 4)
    made["classify"].set_params(**FOR_FEW_ROWS[name])
    return made


def expected_failures(estimator: Any) -> dict[str, str]:
    if type(estimator["classify"]).__name__ == "RandomForestClassifier":
        return {**EXPECTED, "check_estimators_nan_inf": "forests and standardisation take missing values"}
    return EXPECTED


@pytest.mark.filterwarnings("ignore")  # of the checks' own tables
@parametrize_with_checks([pipeline(name) for name in FOR_FEW_ROWS], expected_failed_checks=expected_failures)
def test_it_keeps_the_contract_of_scikit_learn(estimator, check):
    check(estimator)


def test_every_classifier_is_checked():
    assert {*FOR_FEW_ROWS, "keras"} == set(models.names())


def test_our_own_estimators_are_known():
    import tonewise.models.keras_dense as module

    ours = [
        name
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, BaseEstimator) and value.__module__ == module.__name__
    ]
    assert ours == ["KerasDense"]


@pytest.mark.filterwarnings("ignore")  # of what so little can be learned from
@pytest.mark.parametrize("name", FOR_FEW_ROWS)
@pytest.mark.parametrize("rows", [2, 3, 12, 20])
def test_a_handful_of_rows_is_learned_from(name, rows):
    random = np.random.default_rng(0)
    features = random.normal(size=(rows, 4)).astype(np.float32)
    positive = np.arange(rows) < max(1, rows // 3)
    fitted = models.fit(name, features + positive[:, None], positive)
    served = models.OnnxClassifier(models.to_onnx(fitted, 4)).positive(features)
    assert ((served >= 0) & (served <= 1)).all()
    np.testing.assert_allclose(served, fitted.predict_proba(features)[:, 1], atol=1e-5)
