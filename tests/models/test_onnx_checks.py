"""ONNX of others is distrusted: only what our own exporters write reaches onnxruntime."""

from __future__ import annotations

import importlib.util
import random

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

import small_model
from tonewise import models
from tonewise.errors import BundleError
from tonewise.models import onnx_checks
from tonewise.models.onnx_checks import check_onnx

KERAS = importlib.util.find_spec("keras") and importlib.util.find_spec("torch")


@pytest.fixture(scope="module")
def written():
    """What every classifier exports."""
    names = [name for name in models.names() if name != "keras" or KERAS]
    return {name: small_model.classifier(name, 4, rows=60) for name in names}


def graph(written, name="logistic"):
    return onnx.load_from_string(written[name])


def refused(model):
    data = model if isinstance(model, bytes) else model.SerializeToString()
    with pytest.raises(BundleError) as error:
        models.OnnxClassifier(data, source="x.onnx")
    assert "\n" not in str(error.value) and str(error.value).startswith("x.onnx is no")
    return str(error.value)


def operators(graph):
    for node in graph.node:
        yield node.domain, node.op_type
        for attribute in node.attribute:
            yield from ((*each, "inside") for each in operators(attribute.g))


def test_all_that_our_exporters_write_is_read_and_nothing_else_is_allowed(written):
    used = set()
    for name, data in written.items():
        assert check_onnx(data, name, 4) == 4
        used |= set(operators(graph(written, name).graph))
    used = {each if len(each) == 2 else (*each[:2], "inside") for each in used}
    allowed = set(onnx_checks.OPERATORS) | {(*each, "inside") for each in onnx_checks.LOOP_OPERATORS}
    extra = allowed - used
    assert used <= allowed
    assert extra <= ({("", "Div"), ("", "Gemm")} if not KERAS else set())


def test_the_width_is_as_the_manifest_says(written):
    with pytest.raises(BundleError, match="takes 4 features a row, and its manifest says 5"):
        models.OnnxClassifier(written["logistic"], dimensions=5)


def test_versions_and_domains(written):
    model = graph(written)
    model.ir_version = 99
    assert "its IR version is 99, not 8" in refused(model)
    model = graph(written)
    model.opset_import[0].version = 25
    assert "its opset of 'ai.onnx' is 25, not 17" in refused(model)
    model = graph(written)
    model.opset_import.append(helper.make_opsetid("com.evil", 1))
    assert "operators of the domain 'com.evil'" in refused(model)


def test_operators_that_no_classifier_of_ours_has(written):
    for domain, kind in (("", "ConstantOfShape"), ("", "If"), ("com.microsoft", "Crash"), ("", "Loop"), ("", "Tile")):
        model = graph(written)
        model.graph.node.append(helper.make_node(kind, ["features"], ["more"], domain=domain))
        name = f"{domain}.{kind}" if domain else kind
        assert f"uses the operator {name}, which no classifier of ours has there" in refused(model)
    model = graph(written, "neighbors")
    body = next(node for node in model.graph.node if node.op_type == "Scan").attribute
    inner = next(each for each in body if each.name == "body").g
    inner.node.append(helper.make_node("Scan", ["a"], ["b"], num_scan_inputs=1, body=onnx.GraphProto(name="in")))
    assert "uses the operator Scan" in refused(model)


def test_graphs_in_other_places_and_functions(written):
    model = graph(written)
    model.graph.node[0].attribute.append(helper.make_attribute("body", onnx.GraphProto(name="hidden")))
    assert "brings a graph of its own" in refused(model)
    model = graph(written)
    model.functions.append(helper.make_function("", "Scaler", ["x"], ["y"], [], [helper.make_opsetid("", 17)]))
    assert "brings functions" in refused(model)
    model = graph(written)
    model.graph.sparse_initializer.append(onnx.SparseTensorProto())
    assert "sparse tensors" in refused(model)


def test_numbers_in_other_files_are_refused(written, tmp_path):
    model = graph(written, "network")
    for tensor in model.graph.initializer:
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor), tensor.name))  # raw bytes can be moved
    onnx.external_data_helper.convert_model_to_external_data(model, location="../weights.bin", size_threshold=0)
    assert "a tensor of it is in another file" in refused(model)
    model = graph(written)
    hidden = helper.make_tensor("hidden", TensorProto.FLOAT, [1], [1.0])
    hidden.data_location = TensorProto.EXTERNAL
    model.graph.node[0].attribute.append(helper.make_attribute("tensor", hidden))
    assert "in another file" in refused(model)


def test_inputs_and_outputs_are_ours(written):
    model = graph(written)
    model.graph.input[0].name = "sound"
    assert "something else than 'features'" in refused(model)
    model = graph(written)
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    assert "is no float32 (n, d)" in refused(model)
    model = graph(written)
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.DOUBLE
    assert "is no float32 (n, d)" in refused(model)
    model = graph(written)
    del model.graph.output[1:]
    assert "gives no probabilities" in refused(model)
    model = graph(written)
    model.graph.output[1].type.tensor_type.shape.dim[1].dim_value = 3
    assert "is no float32 (n, 2)" in refused(model)


def test_length_and_size(written, monkeypatch):
    model = graph(written)
    model.graph.node.extend([helper.make_node("Add", ["features", "features"], [f"n{n}"]) for n in range(70)])
    assert "72 operators, and at most 64" in refused(model)
    monkeypatch.setattr(onnx_checks, "MAX_BYTES", 10)
    assert "bytes, and at most 10 are read" in refused(written["logistic"])


def test_what_breaks_the_rules_of_onnx(written):
    model = graph(written)
    model.graph.node[1].input[0] = "nowhere"
    assert "it breaks the rules of ONNX" in refused(model)
    assert "it cannot be parsed" in refused(b"not ONNX at all")


@pytest.mark.parametrize(
    ("name", "at", "value", "why"),
    [
        ("nodes_featureids", 0, 4, "features that there are not"),
        ("nodes_featureids", 0, -1, "features that there are not"),
        ("nodes_truenodeids", 0, 0, "from their roots to their leaves"),  # a circle: onnxruntime follows it for ever
        ("nodes_falsenodeids", 0, 2**62, "what is no number of a node"),  # as well: it finds another node there
        ("nodes_falsenodeids", 0, 1, "from their roots to their leaves"),  # one node below twice
        ("nodes_falsenodeids", 0, 10_000, "from their roots to their leaves"),
        ("class_ids", 0, 2, "something else than two classes"),
        ("class_nodeids", 0, 10_000, "classes at nodes that there are not"),
        ("nodes_nodeids", None, None, "of some of their nodes than of others"),
    ],
)
def test_trees_are_trees(written, name, at, value, why):
    model = graph(written, "forest")
    forest = next(node for node in model.graph.node if node.op_type == "TreeEnsembleClassifier")
    attribute = next(each for each in forest.attribute if each.name == name)
    if at is None:
        del attribute.ints[-1]
    else:
        attribute.ints[at] = value
    assert why in refused(model)


def test_a_graph_that_cannot_be_computed_is_one_line(written):
    model = graph(written, "network")
    for tensor in model.graph.initializer:
        if tensor.data_type == TensorProto.INT64:
            tensor.CopyFrom(numpy_helper.from_array(np.full(numpy_helper.to_array(tensor).shape, 7), tensor.name))
    found = None
    try:
        found = models.OnnxClassifier(model.SerializeToString())
        found.positive(np.zeros((3, 4), np.float32))
    except BundleError as error:
        assert "train or copy it again" in str(error)
    else:
        pytest.fail("it was computed")


@pytest.mark.parametrize("name", ["logistic", "neighbors", "network"])
def test_mutated_bytes_are_read_or_refused(written, name):
    spoil, whole = random.Random(2), written[name]
    rows = np.zeros((2, 4), np.float32)
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(spoil.choice((1, 2, 4))):
            data[spoil.randrange(len(data))] = spoil.randrange(256)
        try:
            assert models.OnnxClassifier(bytes(data), threads=1).positive(rows).shape == (2,)
        except BundleError as error:
            assert "\n" not in str(error)
