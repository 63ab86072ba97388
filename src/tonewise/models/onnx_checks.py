"""What an ONNX classifier may hold before onnxruntime is let near it: what our own exporters write, and nothing else.

A graph is a program, if a small one, and comes from whoever made the model. The lists here are what `to_onnx` writes for
the classifiers of `classifiers.names()`; a test exports all of them and compares.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tonewise.errors import BundleError
from tonewise.models.onnx_trees import check_trees

#: Bytes. Nearest neighbours keep their training rows: 1 GiB is 350,000 rows of 768 features.
MAX_BYTES = 2**30

#: The longest graph of ours has 25 nodes. Each may double what the one before it made, so that length is memory.
MAX_NODES = 64

OPSET = 17  # what is written, and understood by every onnxruntime since 1.12
IR_VERSION = 8  # the one that goes with it
OPSETS = {"": frozenset({OPSET}), "ai.onnx.ml": frozenset({1, 2, 3})}

OPERATORS = frozenset(
    {
        ("", name)
        for name in ("Add", "ArgMax", "Cast", "Concat", "Div", "Equal", "Flatten", "Gemm", "MatMul", "ReduceSum")
    }
    | {("", name) for name in ("Relu", "Reshape", "Scan", "Sigmoid", "Sqrt", "Sub", "TopK", "Transpose")}
    | {("ai.onnx.ml", name) for name in ("ArrayFeatureExtractor", "LinearClassifier", "Scaler")}
    | {("ai.onnx.ml", "TreeEnsembleClassifier")}
)

#: Inside the loop over training rows by which nearest neighbours measure distances.
LOOP_OPERATORS = frozenset({("", name) for name in ("Identity", "ReduceSumSquare", "Sub")})

INPUT, LABEL, PROBABILITIES = "features", "label", "probabilities"


def check_onnx(serialised: bytes, source: str | Path = "the model", dimensions: int | None = None) -> int:
    """Refuse what is no classifier that tonewise writes; no session is made and nothing of the graph is run.

    Args:
        serialised: ONNX bytes.
        source: what to call them in an error.
        dimensions: how many features a row must have; None = whatever the graph says.

    Returns:
        How many features a row has.

    Raises:
        BundleError: they are too large or damaged, or hold operators, versions, links to files, or inputs and outputs that
            no classifier of ours has.
    """
    from onnx import checker, onnx_cpp2py_export

    if len(serialised) > MAX_BYTES:
        raise _refused(source, f"it has {len(serialised):,} bytes, and at most {MAX_BYTES:,} are read")
    model = _parsed(serialised, source)
    _check_versions(model, source)
    _check_graph(model.graph, source)
    found = _width(model.graph, source)
    try:
        checker.check_model(model)
    except (checker.ValidationError, onnx_cpp2py_export.shape_inference.InferenceError, ValueError) as error:
        raise _refused(source, f"it breaks the rules of ONNX ({str(error).strip().splitlines()[0][:120]})") from error
    if dimensions is not None and found != dimensions:
        raise _refused(source, f"it takes {found} features a row, and its manifest says {dimensions}")
    for node in model.graph.node:
        if node.op_type == "TreeEnsembleClassifier":
            check_trees({each.name: each for each in node.attribute}, found, lambda why: _refused(source, why))
    return found


def _parsed(serialised: bytes, source: object) -> Any:
    import onnx
    from google.protobuf.message import DecodeError

    model = onnx.ModelProto()
    try:
        model.ParseFromString(serialised)
    except (DecodeError, RecursionError) as error:
        raise BundleError(f"{source} is no ONNX classifier: it cannot be parsed; train or copy it again") from error
    return model


def _check_versions(model: Any, source: object) -> None:
    if model.ir_version != IR_VERSION:
        raise _refused(source, f"its IR version is {model.ir_version}, not {IR_VERSION}")
    for used in model.opset_import:
        known = OPSETS.get(used.domain)
        if known is None:
            raise _refused(source, f"it uses operators of the domain '{used.domain[:60]}'")
        if used.version not in known:
            raise _refused(source, f"its opset of '{used.domain or 'ai.onnx'}' is {used.version}, not {max(known)}")
    for what in ("functions", "training_info", "metadata_props"):
        if len(getattr(model, what)):
            raise _refused(source, f"it brings {what}, which no classifier of ours has")


def _check_graph(graph: Any, source: object, allowed: frozenset[tuple[str, str]] = OPERATORS) -> None:
    if len(graph.node) > MAX_NODES:
        raise _refused(source, f"it has {len(graph.node)} operators, and at most {MAX_NODES} are read")
    if len(graph.sparse_initializer):
        raise _refused(source, "it has sparse tensors, which no classifier of ours has")
    for node in graph.node:
        if (node.domain, node.op_type) not in allowed:
            name = f"{node.domain}.{node.op_type}" if node.domain else node.op_type
            raise _refused(source, f"it uses the operator {name[:60]}, which no classifier of ours has there")
        for attribute in node.attribute:
            _check_attribute(node, attribute, source)
    for tensor in _tensors(graph):
        if tensor.data_location or len(tensor.external_data):
            raise _refused(source, "a tensor of it is in another file; all numbers must be in the classifier's own")


def _check_attribute(node: Any, attribute: Any, source: object) -> None:
    loop = node.op_type == "Scan" and attribute.name == "body" and attribute.HasField("g")
    if attribute.ref_attr_name or len(attribute.graphs) or (attribute.HasField("g") and not loop):
        raise _refused(source, f"its operator {node.op_type} brings a graph of its own")
    if attribute.HasField("sparse_tensor") or len(attribute.sparse_tensors) or len(attribute.type_protos):
        raise _refused(source, f"its operator {node.op_type} brings what no classifier of ours has")
    if loop:  # a loop in a loop is not allowed: Scan is not among what a loop may use
        _check_graph(attribute.g, source, LOOP_OPERATORS)


def _tensors(graph: Any) -> Iterator[Any]:
    yield from graph.initializer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors


def _width(graph: Any, source: object) -> int:
    """Features a row, after the shapes of what goes in and comes out were found to be ours."""
    from onnx import TensorProto

    outputs = {value.name: value for value in graph.output}
    if len(graph.input) != 1 or graph.input[0].name != INPUT:
        raise _refused(source, f"it takes something else than '{INPUT}'")
    if set(outputs) != {LABEL, PROBABILITIES} or len(graph.output) != 2:
        raise _refused(source, "it gives no probabilities, or something beside them and the label")
    width = _columns(graph.input[0], TensorProto.FLOAT)
    if width is None or width < 1:
        raise _refused(source, f"'{INPUT}' is no float32 (n, d)")
    if _columns(outputs[PROBABILITIES], TensorProto.FLOAT) != 2:
        raise _refused(source, f"'{PROBABILITIES}' is no float32 (n, 2)")
    return width


def _columns(value: Any, kind: int) -> int | None:
    """Columns of a matrix with any number of rows; None where it is none, or of another kind of number."""
    tensor = value.type.tensor_type
    if tensor.elem_type != kind or len(tensor.shape.dim) != 2 or tensor.shape.dim[0].HasField("dim_value"):
        return None
    return int(tensor.shape.dim[1].dim_value)


def _refused(source: object, why: str) -> BundleError:
    return BundleError(
        f"{source} is no tonewise classifier: {why}; use a model from somebody you trust, or train again"
    )
