"""Classifiers: they learn, count confident rows more, repeat, and are the same in ONNX."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tonewise import models
from tonewise.errors import BundleError, LabelError, OptionError


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(0)
    features = random.normal(size=(600, 8)).astype(np.float32)
    positive = features[:, 0] + 0.5 * features[:, 1] + 0.5 * random.normal(size=600) > 0
    return features, positive


@pytest.mark.parametrize("name", models.names())
def test_learns_and_survives_onnx(data, name):
    features, positive = data
    fitted = models.fit(name, features[:400], positive[:400], seed=1)
    served = models.OnnxClassifier(models.to_onnx(fitted, 8)).positive(features[400:])
    np.testing.assert_allclose(served, fitted.predict_proba(features[400:])[:, 1], atol=1e-5)
    assert ((served > 0.5) == positive[400:]).mean() > 0.75


@pytest.mark.parametrize("name", models.names())
def test_same_seed_same_bytes(data, name):
    features, positive = data
    first, second = (models.to_onnx(models.fit(name, features, positive, seed=3), 8) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("name", ["logistic", "forest", "network"])
def test_confident_rows_count_more(data, name):
    features, positive = data
    noisy = positive.copy()
    wrong = np.random.default_rng(1).random(600) < 0.45
    noisy[wrong] = ~noisy[wrong]
    confidence = np.where(wrong, 0.01, 1.0)
    fitted = models.fit(name, features[:400], noisy[:400], confidence=confidence[:400], seed=0)
    assert ((fitted.predict_proba(features[400:])[:, 1] > 0.5) == positive[400:]).mean() > 0.75


def test_no_rows_no_scores(data):
    fitted = models.fit("logistic", *data)
    assert models.OnnxClassifier(models.to_onnx(fitted, 8)).positive(np.zeros((0, 8), np.float32)).shape == (0,)


def test_one_class_cannot_be_learned(data):
    with pytest.raises(LabelError, match="all 600 training labels are positive: two classes are needed"):
        models.fit("logistic", data[0], np.ones(600, dtype=bool))


def test_unknown_classifier_names_the_known_ones():
    with pytest.raises(OptionError, match="unknown classifier 'oracle'; choose logistic, forest, neighbors, network"):
        models.create("oracle", 8)


def test_what_is_no_classifier_is_refused():
    with pytest.raises(BundleError, match="is no ONNX classifier"):
        models.OnnxClassifier(b"not a model")


def test_many_columns_do_not_drown_few():
    random = np.random.default_rng(0)
    few, many = random.normal(size=(400, 4)), random.normal(size=(400, 1200))
    positive = few.sum(axis=1) + random.normal(size=400) > 0
    both = np.hstack([few, many]).astype(np.float32)
    held_out = np.arange(400) >= 300

    def auc(blocks):
        fitted = models.fit("logistic", both[~held_out], positive[~held_out], blocks=blocks)
        return roc_auc_score(positive[held_out], fitted.decision_function(both[held_out]))

    assert auc((4, 1200)) > auc(()) + 0.1
    assert auc((1204,)) == auc(())
