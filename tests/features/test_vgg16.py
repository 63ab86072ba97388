"""VGG16: Keras' layers, Keras' preprocessing, Keras' numbers; and weights that do not fit are refused in one line."""

from __future__ import annotations

import csv
import importlib.util
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import zipfile

import numpy as np
import pytest

from tonewise import features, weights
from tonewise.errors import MissingExtraError, OptionError, WeightsError
from tonewise.features import vgg16, vgg16_weights
from tonewise.features.vgg16 import Vgg16
from tonewise.features.vgg16_image import grey_image, network_input
from tonewise.features.vgg16_network import Network
from tonewise.weights.keras_engine import engine, numbers


@pytest.fixture(scope="module")
def keras():
    return engine("a test")


@pytest.fixture(scope="module")
def model(keras):
    """Keras' own VGG16 with random weights."""
    return vgg16_weights.build(vgg16_weights.get("random").layers)


@pytest.fixture(scope="module")
def network(keras, model):
    return Network(keras, model)


@pytest.fixture(scope="module")
def edge():
    try:
        return vgg16_weights.get("edge")
    except WeightsError as error:
        pytest.skip(f"pretrained weights are not to be had: {error}")


def by_keras(keras, model, greys):
    return model(network_input(keras, greys), training=False).detach().numpy()


def picture(first, last, seed=0):
    """Noise between two columns, black elsewhere."""
    grey = np.zeros((224, 224), dtype=np.float32)
    grey[:, first:last] = np.random.default_rng(seed).uniform(1, 255, size=(224, last - first))
    return grey


def write(path, layers):
    import h5py

    with h5py.File(path, "w") as file:
        for name, arrays in layers.items():
            group = file.create_group(f"layers/{name}/vars")
            group.attrs["name"] = name
            for number, array in enumerate(arrays):
                group[str(number)] = array
    return path


def tiny(names):
    return {name: (np.ones((3, 3, 1, 1)), np.ones(1)) for name in names}


def test_layers_are_those_of_keras_in_number_order_and_shape(keras):
    untouched = keras.applications.VGG16(include_top=False, weights=None)
    filled = {
        layer.name: (tuple(layer.kernel.shape), tuple(layer.bias.shape)) for layer in untouched.layers if layer.weights
    }
    assert len(filled) == 13
    assert list(filled.items()) == list(vgg16_weights.shapes().items())


def test_weights_reach_the_layer_of_their_name(model):
    drawn = vgg16_weights.get("random").layers
    filled = [layer for layer in model.layers if layer.weights]
    assert [layer.name for layer in filled] == list(drawn)
    for layer in filled:
        assert np.array_equal(numbers(layer.kernel), drawn[layer.name][0])
        assert np.array_equal(numbers(layer.bias), drawn[layer.name][1])


def test_preprocessing_is_keras_own_bgr_without_the_mean_of_imagenet(keras):
    greys = np.stack([picture(0, 224), picture(50, 90)])
    found = network_input(keras, greys)
    rgb = np.stack([greys] * 3, axis=-1)
    assert found.shape == (2, 224, 224, 3)
    assert found.dtype == np.float32
    assert np.array_equal(found, keras.applications.vgg16.preprocess_input(rgb.copy()))
    assert np.allclose(found, rgb - np.array([103.939, 116.779, 123.68]), atol=1e-4), "blue, green, red"
    assert greys.max() > 200, "the images themselves are left alone"


@pytest.mark.parametrize(
    "spans",
    [
        [(0, 224), (0, 0)],
        [(0, 1), (223, 224)],
        [(101, 143), (0, 37), (180, 224), (3, 90), (60, 61)],
    ],
    ids=["all and nothing", "edges", "mixed"],
)
def test_the_fast_network_gives_the_numbers_of_keras(keras, model, network, spans):
    greys = np.stack([picture(*span, seed=number) for number, span in enumerate(spans)])
    expected = by_keras(keras, model, greys)
    assert expected.std() > 0.05
    found = np.stack([network.features(grey) for grey in greys])
    np.testing.assert_allclose(found, expected, atol=1e-4, rtol=0)


def test_the_image_is_black_where_nothing_is_heard(tone):
    clip = np.concatenate([np.zeros(32_000, np.float32), tone(3.0, 300), np.zeros(32_000, np.float32)])
    grey = grey_image(clip)
    assert grey.shape == (224, 224)
    assert grey.dtype == np.float32
    heard = np.flatnonzero(grey.any(axis=0))
    assert 60 <= heard[0] <= 64 and 159 <= heard[-1] <= 163, "2 s of 7 s are 64 of 224 columns"
    assert 230 < grey.max() <= 255
    assert grey[112:].mean() > 3 * grey[:112].mean(), "low notes lie below"
    assert not grey_image(np.zeros(112_000, np.float32)).any()


def test_the_image_does_not_show_how_loud_the_recording_is(tone):
    np.testing.assert_allclose(grey_image(tone(2.0, level=0.3)), grey_image(tone(2.0, level=0.03)), atol=0.1)


def test_clips_are_encoded_and_rows_keep_their_order(keras, model, tone):
    encoder = features.create("vgg16:random")
    noise = 0.01 * np.random.default_rng(0).normal(size=16_000).astype(np.float32)
    clips = [tone(1.0, 120) + noise, tone(0.1, 300), np.zeros(48_000, np.float32), tone(7.0, 200)]
    found = encoder.encode(clips)
    assert found.shape == (4, encoder.dimensions) == (4, 512)
    assert found.dtype == np.float32
    expected = by_keras(keras, model, np.stack([grey_image(clip) for clip in clips]))
    np.testing.assert_allclose(found, expected, atol=1e-4, rtol=0)
    assert encoder.clip_seconds == 7.0


def test_a_batch_gives_what_single_clips_give(tone):
    import torch

    encoder = Vgg16("random")
    clips = [tone(0.3, 150), tone(1.1, 200), tone(0.8, 250)]
    threads = torch.get_num_threads()
    together = encoder.encode(clips)
    assert np.array_equal(together, encoder.encode(clips)), "twice the same"
    assert np.array_equal(together, np.concatenate([encoder.encode([clip]) for clip in clips]))
    assert np.array_equal(together, encoder.encode(clips[::-1])[::-1])
    assert torch.get_num_threads() == threads, "torch's own setting is put back"


def test_edge_weights_are_the_thirteen_convolutions_of_the_file(edge):
    import h5py

    path = weights.get("vgg16-edge")
    with h5py.File(path) as file:
        blocks = [
            (f"block{block}_conv{number}", file[f"block{block}/layers/conv2d{'_' * bool(suffix)}{suffix}/vars"])
            for block, (count, _) in enumerate(vgg16_weights.BLOCKS, start=1)
            for number, suffix in enumerate(("", *range(1, count)), start=1)
        ]
        assert [name for name, _ in blocks] == list(edge.layers)
        for name, arrays in blocks:
            assert np.array_equal(edge.layers[name][0], arrays["0"]) and np.array_equal(
                edge.layers[name][1], arrays["1"]
            )


def test_edge_weights_are_finite_trained_and_not_the_random_ones(edge):
    random = vgg16_weights.get("random")
    assert edge.checksum != random.checksum
    assert {name: kernel.shape for name, (kernel, _) in edge.layers.items()} == {
        name: kernel.shape for name, (kernel, _) in random.layers.items()
    }

    def likeness(kernel):
        """Correlation of neighbours in a filter: what was learned from images is smooth."""
        return np.corrcoef(kernel[:, :-1].ravel(), kernel[:, 1:].ravel())[0, 1]

    for name, (kernel, bias) in edge.layers.items():
        assert np.isfinite(kernel).all() and np.isfinite(bias).all()
        assert bias.std() > 0, name
    assert likeness(edge.layers["block1_conv1"][0]) > 0.2 > abs(likeness(random.layers["block1_conv1"][0]))


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras, on torch, of numpy 2
def test_weights_that_keras_saved_are_read_in_every_format(model, tmp_path):
    expected = vgg16_weights.get("random")
    for name in ("a.weights.h5", "b.keras"):
        path = tmp_path / name
        model.save_weights(path) if name.endswith(".h5") else model.save(path)
        assert Vgg16.parse(str(path)).identity()["weights"] == expected.checksum, "the numbers count, not the file"
        path.unlink()


def test_weights_of_older_versions_with_classifying_layers_are_read(tmp_path):
    import h5py

    drawn = vgg16_weights.drawn(5)
    path = tmp_path / "old.h5"
    with h5py.File(path, "w") as file:
        for name, (kernel, bias) in drawn.items():
            file[f"model_weights/{name}/{name}_W_1:0"], file[f"model_weights/{name}/{name}_b_1:0"] = kernel, bias
            file[f"optimizer_weights/{name}/kernel/m:0"] = np.zeros((2, 2, 2, 2))
        file["model_weights/fc1/fc1_W_1:0"] = np.zeros((4, 4))
    found = vgg16_weights.read(path)
    assert all(np.array_equal(found[name][part], drawn[name][part]) for name in drawn for part in (0, 1))
    path.unlink()


def test_what_does_not_fit_is_refused_in_one_line(tmp_path):
    names = list(vgg16_weights.shapes())
    broken = tmp_path / "broken.h5"
    broken.write_bytes(b"no HDF5 at all")
    (tmp_path / "broken.keras").write_bytes(b"no archive at all")
    cases = {
        write(tmp_path / "small.h5", tiny(names)): "block1_conv1 with kernel and bias of shapes (3, 3, 1, 1) and (1,)",
        write(
            tmp_path / "few.h5", tiny(names[:-1])
        ): "holds 12 convolutions with names of VGG16 where 13 were expected",
        write(tmp_path / "many.h5", tiny([*names, "block6_conv1"])): "block6_conv1 is too many",
        write(tmp_path / "flat.h5", {name: (np.ones(3),) for name in names}): "shapes None and (3,)",
        write(tmp_path / "other.h5", tiny(["conv2d"])): "holds 0 convolutions",
        broken: "holds no weights that can be read",
        tmp_path / "broken.keras": "holds no weights that can be read",
        tmp_path / "absent.h5": "absent.h5 cannot be read (No such file or directory)",
        "~nobody-at-all/a.h5": "~nobody-at-all/a.h5 cannot be read (Could not determine home directory.)",
    }
    for path, message in cases.items():
        with pytest.raises(WeightsError) as caught:
            Vgg16.parse(str(path)).prepare()
        assert message in str(caught.value)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["mine.h5", "mine.keras"])
def test_damaged_weights_are_refused_in_one_line(tmp_path, name):
    content = write(tmp_path / "whole.h5", tiny(vgg16_weights.shapes())).read_bytes()
    if name.endswith(".keras"):
        with zipfile.ZipFile(tmp_path / "whole", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("model.weights.h5", content)
        content = (tmp_path / "whole").read_bytes()
    random = np.random.default_rng(0)
    for _ in range(40):
        damaged = np.frombuffer(content, dtype=np.uint8).copy()
        damaged[random.integers(len(damaged), size=5)] = random.integers(256, size=5)
        (tmp_path / name).write_bytes(damaged.tobytes())
        with pytest.raises(WeightsError) as caught:
            vgg16_weights.read(tmp_path / name)
        assert "\n" not in str(caught.value)


def test_numbers_that_are_not_finite_are_refused(tmp_path):
    layers = vgg16_weights.drawn(1)
    layers["block3_conv2"][1][7] = np.nan
    with pytest.raises(WeightsError, match="numbers in block3_conv2 that are not finite"):
        vgg16_weights.read(write(tmp_path / "nan.h5", layers))
    (tmp_path / "nan.h5").unlink()


def test_keras_of_other_layers_is_refused():
    shuffled = dict(reversed(vgg16_weights.get("random").layers.items()))
    with pytest.raises(WeightsError, match="builds VGG16 of other layers"):
        vgg16_weights.build(shuffled)


def test_a_file_that_changes_is_read_again(tmp_path):
    path = write(tmp_path / "mine.h5", vgg16_weights.drawn(1))
    first = Vgg16(str(path)).identity()
    write(path, vgg16_weights.drawn(2))
    os.utime(path, ns=(1, 1))
    assert Vgg16(str(path)).identity()["weights"] != first["weights"]
    path.unlink()


def test_identity_is_json_and_holds_what_changes_the_numbers():
    identity = features.create("vgg16:random").identity()
    assert json.loads(json.dumps(identity, allow_nan=False)) == identity
    assert {"weights", "keras", "backend", "torch", "pillow", "librosa", "image", "clip_seconds"} <= set(identity)
    assert identity["backend"] == "torch"
    assert identity["weights"] == vgg16_weights._checksum(vgg16_weights.drawn(vgg16_weights.RANDOM_SEED))


def test_unknown_weights_name_the_known_ones():
    with pytest.raises(OptionError, match="unknown weights of vgg16 'edges'; choose edge, random, a file that ends in"):
        features.create("vgg16:edges")


def test_without_keras_the_extra_is_named(monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "keras" else real(name))
    for use in (Vgg16("random").prepare, Vgg16("random").identity):
        with pytest.raises(MissingExtraError, match=r"pip install 'tonewise\[vgg16\]'"):
            use()


def test_keras_with_another_backend_is_refused(keras, monkeypatch):
    monkeypatch.setattr(keras.config, "backend", lambda: "jax")
    with pytest.raises(OptionError, match="Keras was imported before with backend 'jax', and the encoder vgg16 needs"):
        Vgg16("random").prepare()


def test_the_users_settings_of_keras_neither_count_nor_change(tmp_path):
    (tmp_path / "keras.json").write_text('{"floatx": "float16", "image_data_format": "channels_first"}')
    program = (
        "import os; from tonewise.weights.keras_engine import engine; keras = engine('a test'); c = keras.config;"
        "print(c.backend(), c.floatx(), c.image_data_format(), os.environ['KERAS_BACKEND'])"
    )
    environment = {**os.environ, "KERAS_BACKEND": "jax", "KERAS_HOME": str(tmp_path)}
    child = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert child.stdout.split() == ["torch", "float32", "channels_last", "jax"]


@pytest.fixture
def empty_keras_cache(keras, tmp_path, monkeypatch):
    monkeypatch.setattr("keras.src.backend.config._KERAS_DIR", str(tmp_path))


def test_a_download_without_a_network_is_one_line(empty_keras_cache, monkeypatch, capsys):
    def offline(*_arguments):
        raise urllib.error.URLError("Name or service not known")

    monkeypatch.setattr("keras.src.utils.file_utils.urlretrieve", offline)
    with pytest.raises(WeightsError) as caught:
        features.create("vgg16").prepare()
    assert "cannot be downloaded (Name or service not known); connect to the internet once, give a file" in str(
        caught.value
    )
    assert str(caught.value).endswith("(vgg16:PATH.h5), or use vgg16:edge")
    assert capsys.readouterr() == ("", "")


def test_a_download_from_a_silent_server_ends_soon(empty_keras_cache, monkeypatch):
    monkeypatch.setattr(vgg16_weights, "PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/weights.h5"
        monkeypatch.setattr("keras.src.applications.vgg16.WEIGHTS_PATH_NO_TOP", address)
        begun = time.monotonic()
        with pytest.raises(WeightsError, match="cannot be downloaded"):
            features.create("vgg16").prepare()
    assert time.monotonic() - begun < 10
    assert socket.getdefaulttimeout() is None


@pytest.mark.real
def test_real_clips_give_the_numbers_of_keras(shared, keras, edge):
    import soundfile

    with (shared / "data" / "acted.csv").open(encoding="utf-8") as stream:
        paths = [row["audio"] for _, row in zip(range(2), csv.DictReader(stream), strict=False)]
    clips = []
    for path in paths:
        sound = soundfile.read(shared / "data" / path, dtype="float32")[0][:112_000]
        clips.append(np.pad(sound, (112_000 - len(sound)) // 2))
    found = features.create("vgg16:edge").encode(clips)
    expected = by_keras(keras, vgg16_weights.build(edge.layers), np.stack([grey_image(clip) for clip in clips]))
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found, expected, atol=1e-4 * expected.max(), rtol=0)
    assert np.abs(found[0] - found[1]).max() > 1.0


def test_networks_are_built_once():
    pretrained = vgg16_weights.get("random")
    assert vgg16._network(pretrained) is vgg16._network(vgg16_weights.get("random"))
