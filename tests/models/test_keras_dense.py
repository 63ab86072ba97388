"""The Keras network: stops by validation, weighs classes and rows, repeats, and is the same in ONNX."""

from __future__ import annotations

import importlib.util
import warnings

import numpy as np
import onnx
import pytest
from sklearn.base import clone
from sklearn.metrics import roc_auc_score
from sklearn.utils.estimator_checks import check_estimator

from tonewise import models
from tonewise.errors import MissingExtraError
from tonewise.models.keras_dense import KerasDense


@pytest.fixture(scope="module")
def data():
    random = np.random.default_rng(0)
    features = random.normal(size=(500, 16)).astype(np.float32)
    positive = features[:, 0] + 0.5 * features[:, 1] + random.normal(size=500) > 0.8
    return features, positive


@pytest.fixture(scope="module")
def fitted(data):
    features, positive = data
    return models.fit("keras", 5 * features + 3, positive, seed=2)


def test_it_is_a_dense_network_of_keras(fitted):
    import keras

    hidden, dropout, last = fitted[-1].model_.layers
    assert isinstance(hidden, keras.layers.Dense) and hidden.units == 256
    assert isinstance(dropout, keras.layers.Dropout) and dropout.rate == 0.5
    assert isinstance(last, keras.layers.Dense) and last.units == 1
    assert keras.config.backend() == "torch"


def test_onnx_gives_what_keras_gives(data, fitted):
    import torch

    features = 5 * data[0] + 3
    serialised = models.to_onnx(fitted, 16)
    onnx.checker.check_model(onnx.load_from_string(serialised), full_check=True)
    served = models.OnnxClassifier(serialised).positive(features)
    with torch.inference_mode():
        logits = fitted[-1].model_(fitted[0].transform(features)).numpy()[:, 0]
    np.testing.assert_allclose(served, 1 / (1 + np.exp(-logits)), atol=1e-5)
    np.testing.assert_allclose(served, fitted.predict_proba(features)[:, 1], atol=1e-5)
    assert np.array_equal(fitted.decision_function(features) > 0, fitted.predict(features) == 1)
    assert roc_auc_score(data[1], served) > 0.75


def test_equal_input_and_seed_give_equal_bytes_whatever_was_drawn_before(data, fitted):
    import torch

    torch.rand(3)
    np.random.seed(3)
    before = torch.random.get_rng_state()
    again = models.fit("keras", 5 * data[0] + 3, data[1], seed=2)
    assert models.to_onnx(again, 16) == models.to_onnx(fitted, 16)
    assert torch.equal(before, torch.random.get_rng_state()), "torch's own generator is left as it was"
    other = models.fit("keras", 5 * data[0] + 3, data[1], seed=3)
    assert models.to_onnx(other, 16) != models.to_onnx(fitted, 16)


def test_training_stops_by_the_validation_rows(data):
    features, positive = data
    few = KerasDense(max_epochs=40, patience=3)
    learned = few.fit(features[:300], positive[:300], validation=(features[300:], positive[300:].astype(int)))
    assert 4 <= learned.epochs_ < 40
    found = roc_auc_score(positive[300:], learned.decision_function(features[300:]))
    assert found == pytest.approx(learned.auc_, abs=0.005), "the weights of the best epoch were kept"
    opposed = clone(few).fit(features[:300], positive[:300], validation=(features[300:], ~positive[300:]))
    assert opposed.epochs_ == 4, "against reversed truth the first epoch is the best"


def test_validation_reaches_the_network_scaled(data):
    features, positive = data
    shifted = 100 * features + 1000
    fitted = models.fit("keras", shifted[:300], positive[:300], validation=(shifted[300:], positive[300:]))
    found = roc_auc_score(positive[300:], fitted.decision_function(shifted[300:]))
    assert found == pytest.approx(fitted[-1].auc_, abs=0.005)


def test_other_classifiers_need_no_validation(data):
    features, positive = data
    plain = models.fit("logistic", features, positive)
    with_it = models.fit("logistic", features, positive, validation=(features, ~positive))
    assert models.to_onnx(plain, 16) == models.to_onnx(with_it, 16)


def test_validation_of_one_class_holds_rows_out_instead(data):
    features, positive = data
    model = KerasDense(max_epochs=2)
    alone = clone(model).fit(features, positive)
    one = clone(model).fit(features, positive, validation=(features[:5], np.ones(5)))
    none = models.fit("keras", features, positive, validation=(features[:0], positive[:0]))
    assert np.array_equal(alone.decision_function(features), one.decision_function(features))
    assert none[-1].epochs_ >= 1


def test_a_handful_of_rows_is_learned_from(data):
    features, _ = data
    fitted = models.fit("keras", features[:3], np.array([True, False, False]))
    assert np.isfinite(fitted.predict_proba(features)).all()


def test_both_classes_weigh_the_same(data):
    features, _ = data
    rare = np.random.default_rng(1).random(500) < 0.08
    fitted = models.fit("keras", features, rare)
    unseen = np.random.default_rng(2).normal(size=(500, 16))
    assert 0.35 < fitted.predict_proba(unseen)[:, 1].mean() < 0.65, "one in twelve, and no telling which"


def test_confident_rows_count_more(data):
    features, positive = data
    wrong = np.random.default_rng(1).random(400) < 0.45
    noisy = positive[:400] ^ wrong
    confidence = np.where(wrong, 0.01, 1.0)
    aucs = [
        roc_auc_score(
            positive[400:],
            models.fit("keras", features[:400], noisy, confidence=given).decision_function(features[400:]),
        )
        for given in (confidence, None)
    ]
    assert aucs[0] > aucs[1]


def test_without_keras_the_extra_is_named(data, monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "keras" else real(name))
    with pytest.raises(MissingExtraError, match=r"the classifier keras needs .*pip install 'tonewise\[vgg16\]'"):
        models.create("keras", 8)


@pytest.mark.slow
def test_it_keeps_the_contract_of_scikit_learn():
    reason = "rows are shuffled and held out, so that a row given twice is not a row of weight two"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of checks that scikit-learn skips itself
        check_estimator(
            KerasDense(units=16, max_epochs=60, patience=60, learning_rate=0.05),
            expected_failed_checks={"check_sample_weight_equivalence_on_dense_data": reason},
        )
