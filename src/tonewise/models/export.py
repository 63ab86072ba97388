"""A fitted classifier as ONNX: a file that holds numbers and no code, read by onnxruntime."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise.errors import BundleError

if TYPE_CHECKING:
    import numpy as np

OPSET = 17  # understood by every onnxruntime since 1.12


def to_onnx(classifier: Any, dimensions: int) -> bytes:
    """Serialise a fitted pipeline; equal pipelines give equal bytes.

    The graph takes `features`, float32 `(n, dimensions)`, and gives `label` and `probabilities`, float32 `(n, 2)`.
    """
    if hasattr(classifier[-1], "to_onnx"):  # what skl2onnx cannot convert converts itself
        return classifier[-1].to_onnx(classifier["scale"])
    from skl2onnx import to_onnx as convert
    from skl2onnx.common.data_types import FloatTensorType

    model = convert(
        classifier,
        initial_types=[("features", FloatTensorType([None, dimensions]))],
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
    """A classifier read from its ONNX bytes.

    Raises:
        BundleError: the bytes are no such classifier.
    """

    def __init__(self, serialised: bytes, *, source: str | Path = "the model", threads: int = 0) -> None:
        import onnxruntime
        from onnxruntime.capi import onnxruntime_pybind11_state as ort

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        try:
            self._session = onnxruntime.InferenceSession(serialised, options, providers=["CPUExecutionProvider"])
        except (
            ort.Fail,
            ort.InvalidArgument,
            ort.InvalidGraph,
            ort.InvalidProtobuf,
            ort.NotImplemented,
        ) as error:
            raise BundleError(
                f"{source} is no ONNX classifier that onnxruntime can read; train or copy it again"
            ) from error
        names = {output.name for output in self._session.get_outputs()}
        if "probabilities" not in names or len(self._session.get_inputs()) != 1:
            raise BundleError(f"{source} is ONNX but no tonewise classifier: it gives no probabilities")

    def positive(self, features: np.ndarray) -> np.ndarray:
        """Probability of the positive class: `(n, d)` float32 → `(n,)` float64 in 0..1."""
        import numpy as np

        if not len(features):
            return np.zeros(0)
        name = self._session.get_inputs()[0].name
        (probabilities,) = self._session.run(["probabilities"], {name: features.astype(np.float32, copy=False)})
        return np.clip(probabilities[:, 1].astype(np.float64), 0.0, 1.0)
