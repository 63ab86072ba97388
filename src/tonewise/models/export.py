"""A fitted classifier as ONNX: a file that holds numbers and no code, read by onnxruntime."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise.errors import BundleError
from tonewise.models.onnx_checks import INPUT, OPSET, PROBABILITIES, check_onnx

if TYPE_CHECKING:
    import numpy as np


def to_onnx(classifier: Any, dimensions: int) -> bytes:
    """Serialise a fitted pipeline; equal pipelines give equal bytes.

    The graph takes `features`, float32 `(n, dimensions)`, and gives `label` and `probabilities`, float32 `(n, 2)`.
    """
    if hasattr(classifier[-1], "to_onnx"):  # what skl2onnx cannot convert converts itself
        converted: bytes = classifier[-1].to_onnx(classifier["scale"])
        return converted
    from skl2onnx import to_onnx as convert
    from skl2onnx.common.data_types import FloatTensorType

    model = convert(
        classifier,
        initial_types=[(INPUT, FloatTensorType([None, dimensions]))],
        options={"zipmap": False},
        target_opset={"": OPSET, "ai.onnx.ml": 3},
        model_optim=True,
    )
    _name_in_order(model.graph)
    model.opset_import.sort(key=lambda used: used.domain)
    return bytes(model.SerializeToString(deterministic=True))


def _name_in_order(graph: Any, prefix: str = "") -> None:
    """Name what flows inside the graph by position: the converter's own names count on from one conversion to the next."""
    outside = {value.name for value in (*graph.input, *graph.output)} | {tensor.name for tensor in graph.initializer}
    renamed: dict[str, str] = {}
    for index, node in enumerate(graph.node):
        node.name = f"{node.op_type}_{index}"
        for output in node.output:
            if output and output not in outside:
                renamed[output] = f"{prefix}value_{len(renamed)}"
        for attribute in node.attribute:
            if attribute.HasField("g"):  # the body of a loop is a graph of its own
                _name_in_order(attribute.g, f"{prefix}{node.name}_")
    graph.name = f"tonewise{prefix}"
    for node in graph.node:
        for names in (node.input, node.output):
            for position, name in enumerate(names):
                names[position] = renamed.get(name, name)


class OnnxClassifier:
    """A classifier read from its ONNX bytes, once `check_onnx` has found nothing in them that is not ours.

    Args:
        serialised: ONNX bytes.
        source: what to call them in an error.
        threads: of onnxruntime; 0 = as many as there are cores.
        dimensions: how many features a row must have; None = whatever the graph says.

    Raises:
        BundleError: the bytes are no such classifier.
    """

    def __init__(
        self,
        serialised: bytes,
        *,
        source: str | Path = "the model",
        threads: int = 0,
        dimensions: int | None = None,
    ) -> None:
        import onnxruntime

        self.dimensions = check_onnx(serialised, source, dimensions)
        self._source = source
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 4  # what fails is told by an exception
        try:
            self._session = onnxruntime.InferenceSession(serialised, options, providers=["CPUExecutionProvider"])
        except _failures() as error:
            raise BundleError(
                f"{source} is no ONNX classifier that onnxruntime can read; train or copy it again"
            ) from error

    def positive(self, features: np.ndarray) -> np.ndarray:
        """Probability of the positive class: `(n, d)` float32 → `(n,)` float64 in 0..1.

        Raises:
            BundleError: the graph cannot be computed, or gives something else; no graph of ours does.
        """
        import numpy as np

        if not len(features):
            return np.zeros(0)
        given = {INPUT: features.astype(np.float32, copy=False)}
        try:
            (probabilities,) = self._session.run([PROBABILITIES], given)
        except _failures() as error:
            raise BundleError(f"{self._source} cannot be computed; train or copy it again") from error
        if probabilities.shape != (len(features), 2):
            raise BundleError(f"{self._source} gives no two probabilities a row; train or copy it again")
        positive: np.ndarray = np.clip(probabilities[:, 1].astype(np.float64), 0.0, 1.0)
        return positive


def _failures() -> tuple[type[Exception], ...]:
    """What onnxruntime raises; its exceptions have no base of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as ort

    return (
        ort.Fail,
        ort.InvalidArgument,
        ort.InvalidGraph,
        ort.InvalidProtobuf,
        ort.NotImplemented,
        ort.RuntimeException,
    )
