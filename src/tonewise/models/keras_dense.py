"""The founding article's dense network, in Keras: what it put on VGG16's features."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator
from typing import Any, Self

import numpy as np
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import train_test_split
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from tonewise.models.onnx_checks import INPUT, IR_VERSION, LABEL, OPSET, PROBABILITIES
from tonewise.weights.keras_engine import engine, numbers
from tonewise.weights.torch_threads import one_thread

WHAT = "the classifier keras"
HELD_OUT = 0.15  # of the training rows, where no rows to validate on are given

#: Rows to validate on: features and labels.
Validation = tuple[np.ndarray, np.ndarray]


class KerasDense(ClassifierMixin, BaseEstimator):
    """One hidden layer of rectified units with dropout, and a sigmoid; trained until it ranks other rows no better.

    The article names a Keras dense network on VGG16's features and not its size: 256 units, half of them dropped, is the
    usual head of that time. Adam minimises the cross-entropy, in which both classes weigh the same and a row as much as
    `sample_weight` says. After each epoch the ROC AUC of the validation rows is taken; when it has not risen for
    `patience` epochs, the weights of the best epoch are kept. Equal input, seed and versions give equal weights.

    It expects standardised features and two classes, and computes on the processor.

    Attributes:
        model_: the fitted Keras model, which gives logits.
        auc_: ROC AUC of the validation rows at the epoch that was kept, by Keras' own metric.
        epochs_: epochs that were run.
        classes_: the two classes; the second is the positive one.
    """

    def __init__(
        self,
        units: int = 256,
        dropout: float = 0.5,
        learning_rate: float = 1e-3,
        batch: int = 128,
        max_epochs: int = 100,
        patience: int = 10,
        random_state: int = 0,
    ) -> None:
        self.units = units
        self.dropout = dropout
        self.learning_rate = learning_rate
        self.batch = batch
        self.max_epochs = max_epochs
        self.patience = patience
        self.random_state = random_state

    def fit(
        self,
        X: np.ndarray,
        y: np.ndarray,
        sample_weight: np.ndarray | None = None,
        validation: Validation | None = None,
    ) -> Self:
        """Fit to `(n, d)` features and two classes.

        Args:
            X: float32 `(n, d)`, standardised.
            y: `(n,)`.
            sample_weight: `(n,)`, beside the weights of the classes.
            validation: rows to stop by, standardised alike, and their classes; they are not learned from. Without them,
                or with one class only, 15 % of the rows are held out at random (by class, by the seed); where there are
                too few to hold out, the training rows themselves are taken.

        Raises:
            MissingExtraError: Keras is not installed.
        """
        X, y = validate_data(self, X, y, dtype=np.float32)
        check_classification_targets(y)
        self.classes_ = np.unique(y)
        if len(self.classes_) != 2:
            # The words that scikit-learn's own checks look for.
            raise ValueError(
                f"Only binary classification is supported: two classes are needed, but y has {len(self.classes_)} class(es)"
            )
        positive = (y == self.classes_[1]).astype(np.float32)
        weight = compute_sample_weight("balanced", positive)
        if sample_weight is not None:
            weight = weight * _check_sample_weight(sample_weight, X)
        if not weight.any():
            raise ValueError("every row has the weight zero, and at least one must count")
        learned, validated = self._parts(X, positive, weight / weight.mean(), validation)
        self._train(learned, validated)
        return self

    def decision_function(self, X: np.ndarray) -> np.ndarray:
        """Logits of the second class, float64 `(n,)`."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float32, reset=False)
        keras = engine(WHAT)
        with keras.device("cpu"):
            logits: np.ndarray = self.model_(X, training=False).detach().numpy()[:, 0].astype(np.float64)
            return logits

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities of both classes, float64 `(n, 2)`."""
        positive = expit(self.decision_function(X))
        return np.column_stack([1 - positive, positive])

    def predict(self, X: np.ndarray) -> np.ndarray:
        """The likelier class of each row."""
        logits = self.decision_function(X)
        likelier: np.ndarray = self.classes_[(logits > 0).astype(int)]
        return likelier

    def to_onnx(self, scale: Any) -> bytes:
        """The fitted network behind a fitted StandardScaler, as `tonewise.models.to_onnx` promises; no Keras is needed."""
        check_is_fitted(self)
        hidden, last = (layer for layer in self.model_.layers if layer.weights)
        arrays = {
            "mean": scale.mean_,
            "scale": scale.scale_,
            "hidden": numbers(hidden.kernel),
            "hidden_bias": numbers(hidden.bias),
            "last": numbers(last.kernel),
            "last_bias": numbers(last.bias),
            "one": np.ones(1),
        }
        return _graph({name: np.asarray(array, dtype=np.float32) for name, array in arrays.items()})

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def _parts(
        self, X: np.ndarray, positive: np.ndarray, weight: np.ndarray, validation: Validation | None
    ) -> tuple[tuple[np.ndarray, ...], Validation]:
        """Rows to learn from with their weights, and rows to validate on."""
        if validation is not None and len(np.unique(validation[1])) == 2:
            return (X, positive, weight), (
                np.asarray(validation[0], dtype=np.float32),
                (np.asarray(validation[1]) == self.classes_[1]).astype(np.float32),
            )
        if min(np.bincount(positive.astype(int))) < 2 or HELD_OUT * len(X) <= 1:
            return (X, positive, weight), (X, positive)
        X, held, positive, truth, weight, _ = train_test_split(
            X, positive, weight, test_size=HELD_OUT, stratify=positive, random_state=self.random_state
        )
        return (X, positive, weight), (held, truth)

    def _train(self, learned: tuple[np.ndarray, ...], validated: Validation) -> None:
        keras = engine(WHAT)
        X, positive, weight = learned
        stop = keras.callbacks.EarlyStopping(
            monitor="val_auc", mode="max", patience=self.patience, restore_best_weights=True
        )
        with keras.device("cpu"), one_thread(), _seeded(self.random_state), _quiet():
            self.model_ = self._network(keras, X.shape[1])
            history = self.model_.fit(
                X,
                positive,
                sample_weight=weight.astype(np.float32),
                batch_size=self.batch,
                epochs=self.max_epochs,
                validation_data=validated,
                callbacks=[stop],
                verbose=0,
            )
        self.epochs_ = len(history.epoch)
        self.auc_ = float(max(history.history["val_auc"]))

    def _network(self, keras: Any, dimensions: int) -> Any:
        layers = keras.layers
        glorot, seed = keras.initializers.GlorotUniform, self.random_state
        network = keras.Sequential(
            [
                keras.Input((dimensions,), dtype="float32"),
                layers.Dense(self.units, activation="relu", kernel_initializer=glorot(seed), dtype="float32"),
                layers.Dropout(self.dropout, seed=seed, dtype="float32"),
                layers.Dense(1, kernel_initializer=glorot(seed + 1), dtype="float32"),
            ]
        )
        network.compile(
            optimizer=keras.optimizers.Adam(self.learning_rate),
            loss=keras.losses.BinaryCrossentropy(from_logits=True),
            metrics=[keras.metrics.AUC(name="auc", num_thresholds=1000, from_logits=True)],
        )
        return network


def _graph(arrays: dict[str, np.ndarray]) -> bytes:
    from onnx import TensorProto, helper, numpy_helper

    steps = (
        ("Sub", [INPUT, "mean"], "centred"),
        ("Div", ["centred", "scale"], "standard"),
        ("Gemm", ["standard", "hidden", "hidden_bias"], "sums"),
        ("Relu", ["sums"], "units"),
        ("Gemm", ["units", "last", "last_bias"], "logit"),
        ("Sigmoid", ["logit"], "positive"),
        ("Sub", ["one", "positive"], "negative"),
    )
    nodes = [helper.make_node(kind, inputs, [output], name=output) for kind, inputs, output in steps]
    nodes.append(helper.make_node("Concat", ["negative", "positive"], [PROBABILITIES], name="both", axis=1))
    nodes.append(helper.make_node("ArgMax", [PROBABILITIES], [LABEL], name="likelier", axis=1, keepdims=0))
    graph = helper.make_graph(
        nodes,
        "tonewise",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [None, len(arrays["mean"])])],
        [
            helper.make_tensor_value_info(LABEL, TensorProto.INT64, [None]),
            helper.make_tensor_value_info(PROBABILITIES, TensorProto.FLOAT, [None, 2]),
        ],
        [numpy_helper.from_array(array, name) for name, array in arrays.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    return bytes(model.SerializeToString(deterministic=True))


@contextlib.contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Keras shuffles by torch's one generator of random numbers: it is put back afterwards as it was."""
    import torch

    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keras on torch calls numpy in a way that numpy 2 deprecates; nobody here can change it."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="__array__ implementation", category=DeprecationWarning)
        yield
