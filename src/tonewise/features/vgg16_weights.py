"""The weights of VGG16's thirteen convolutions: Keras' own, edge-tuned, random, or out of a file; and into Keras' model."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import io
import re
import socket
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from tonewise import weights
from tonewise.errors import WeightsError
from tonewise.records import Progress
from tonewise.weights.keras_engine import engine, numbers

if TYPE_CHECKING:
    import numpy as np

    #: Kernel and bias of each convolution, by its name in Keras.
    Layers = Mapping[str, tuple[np.ndarray, np.ndarray]]

IMAGENET, EDGE, RANDOM = "imagenet", "edge", "random"
EDGE_WEIGHTS = "vgg16-edge"
WHAT = "the encoder vgg16"
RANDOM_SEED = 16

#: Convolutions and their channels, block by block (Simonyan and Zisserman 2015, table 1, D).
BLOCKS = ((2, 64), (2, 128), (3, 256), (3, 512), (3, 512))

#: Seconds that an address of the server may be silent; Keras itself would wait for ever.
PATIENCE = 3.0

#: What h5py and zipfile raise of damaged files.
_DAMAGED = (OSError, KeyError, TypeError, ValueError, RuntimeError, zipfile.BadZipFile, zlib.error)

_CONVOLUTION = re.compile(r"block\d+_conv\d+")


def shapes() -> dict[str, tuple[tuple[int, ...], tuple[int, ...]]]:
    """Shapes of kernel and bias, by the layer's name, in the order of the network."""
    found: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {}
    before = 3  # channels of the image
    for block, (count, channels) in enumerate(BLOCKS, start=1):
        for number in range(1, count + 1):
            found[f"block{block}_conv{number}"] = ((3, 3, before, channels), (channels,))
            before = channels
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Pretrained:
    """Weights that were read: the layers, and a SHA-256 of their numbers, which is the same whatever file they lie in."""

    layers: Layers
    checksum: str


def prepare(source: str, progress: Progress | None = None) -> None:
    """Fetch weights that are not here, and refuse those that do not fit; see `get`."""
    if source == EDGE:
        weights.get(EDGE_WEIGHTS, progress=progress)
    elif source != RANDOM:
        get(source)


def get(source: str) -> Pretrained:
    """The weights that a source names: `imagenet`, `edge`, `random`, or the path of a file.

    Raises:
        WeightsError: they cannot be had, or do not fit.
        MissingExtraError: Keras is not installed.
    """
    return _read_once(source, "" if source in (IMAGENET, EDGE, RANDOM) else weights.digest(source))


@functools.lru_cache(maxsize=2)
def _read_once(source: str, _digest: str) -> Pretrained:
    if source == IMAGENET:
        layers = imagenet()
    elif source == RANDOM:
        layers = drawn(RANDOM_SEED)
    else:
        layers = read(weights.get(EDGE_WEIGHTS) if source == EDGE else Path(source).expanduser())
    return Pretrained(MappingProxyType(layers), _checksum(layers))


def _checksum(layers: Layers) -> str:
    import numpy as np

    sha256 = hashlib.sha256()
    for name, arrays in layers.items():
        sha256.update(name.encode())
        for array in arrays:
            sha256.update(np.ascontiguousarray(array, dtype="<f4").data)
    return sha256.hexdigest()


def drawn(seed: int) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Weights that nobody trained, drawn as Keras draws them: kernels by Glorot and Bengio (2010), uniform; biases 0."""
    import numpy as np

    random = np.random.default_rng(seed)
    layers = {}
    for name, (kernel, bias) in shapes().items():
        limit = np.sqrt(6 / (9 * kernel[2] + 9 * kernel[3]))
        values = (2 * random.random(kernel, dtype=np.float32) - 1) * np.float32(limit)
        layers[name] = values, np.zeros(bias, dtype=np.float32)
    return layers


def imagenet() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The ImageNet weights of `keras.applications.VGG16`, which Keras downloads once (59 MB) and keeps in its own cache.

    Raises:
        WeightsError: they are not here and cannot be downloaded.
    """
    keras = engine(WHAT)
    with _silent(keras), _impatient():
        try:
            model = keras.applications.VGG16(include_top=False, weights="imagenet")
        except Exception as error:  # Keras raises this very class where a download fails: there is none below it
            reason = str(error).rpartition(" -- ")[2]
            raise WeightsError(
                f"the ImageNet weights of VGG16 are not in Keras' cache and cannot be downloaded ({reason}); connect to "
                "the internet once, give a file that Keras saved (vgg16:PATH.h5), or use vgg16:edge"
            ) from error
    filled = (layer for layer in model.layers if layer.weights)
    return {layer.name: (numbers(layer.kernel), numbers(layer.bias)) for layer in filled}


def read(path: Path) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """The convolutions in a file that Keras saved: `.weights.h5`, `.keras`, or `.h5` of older versions.

    Layers are known by the names that Keras gives them, block1_conv1 to block5_conv3; whatever else is in the file, such
    as the layers that classify, is left alone. No code is loaded: only the arrays are read.

    Raises:
        WeightsError: the file cannot be read, or its convolutions differ from VGG16's in number, name or shape.
    """
    try:
        with _opened(path) as file:
            stored = _stored(file)
            _check(stored, path)
            layers = {name: (stored[name][4][()], stored[name][1][()]) for name in shapes()}
    except _DAMAGED as error:
        raise WeightsError(
            f"{path} holds no weights that can be read ({error}); expected .weights.h5, .h5 or .keras as Keras saves them"
        ) from error
    return {name: (_finite(kernel, name, path), _finite(bias, name, path)) for name, (kernel, bias) in layers.items()}


def build(layers: Layers) -> Any:
    """Keras' own VGG16 without its classifying layers, which averages its last maps, with these weights.

    The layers are filled one by one in the order of the network; Keras refuses an array of another shape.

    Raises:
        WeightsError: Keras' layers with weights are not these, in this order.
    """
    keras = engine(WHAT)
    with keras.device("cpu"):
        model = keras.applications.VGG16(include_top=False, weights=None, pooling="avg", input_shape=(224, 224, 3))
    filled = [layer for layer in model.layers if layer.weights]
    if [layer.name for layer in filled] != list(layers):
        raise WeightsError(
            "this version of Keras builds VGG16 of other layers; use Keras 3.15, for which this was made"
        )
    for layer in filled:
        layer.set_weights(list(layers[layer.name]))
    return model


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
    import h5py

    if path.suffix == ".keras":
        with zipfile.ZipFile(path) as archive:
            source: Any = io.BytesIO(archive.read("model.weights.h5"))
    else:
        source = path
    with h5py.File(source, "r") as file:
        yield file


def _stored(file: Any) -> dict[str, dict[int, Any]]:
    """Data sets by layer and by their number of dimensions: 4 = kernel, 1 = bias."""
    import h5py

    found: dict[str, dict[int, Any]] = {}

    def visit(path: str, item: Any) -> None:
        if not isinstance(item, h5py.Dataset) or path.startswith("optimizer"):
            return
        # Keras 3 writes the layer's name beside the arrays; before, it was part of their path.
        named = str(item.parent.attrs.get("name", path))
        if match := _CONVOLUTION.search(named):
            found.setdefault(match[0], {})[item.ndim] = item

    file.visititems(visit)
    return found


def _check(stored: Mapping[str, Mapping[int, Any]], path: Path) -> None:
    """Refuse what differs from VGG16 in number, name or shape."""
    expected = shapes()
    if differing := sorted(set(stored) ^ set(expected)):
        raise WeightsError(
            f"{path} holds {len(stored)} convolutions with names of VGG16 where {len(expected)} were expected "
            f"({differing[0]} is {'too many' if differing[0] in stored else 'missing'}); give weights of Keras' VGG16"
        )
    for name, wanted in expected.items():
        found = tuple(getattr(stored[name].get(dimensions), "shape", None) for dimensions in (4, 1))
        if found != wanted:
            raise WeightsError(
                f"{path} has {name} with kernel and bias of shapes {found[0]} and {found[1]} where {wanted[0]} and "
                f"{wanted[1]} were expected; give weights of Keras' VGG16"
            )


def _finite(array: np.ndarray, name: str, path: Path) -> np.ndarray:
    import numpy as np

    if not np.isfinite(array).all():
        raise WeightsError(
            f"{path} has numbers in {name} that are not finite; the file is damaged or was trained badly"
        )
    return array.astype(np.float32)


@contextlib.contextmanager
def _impatient() -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


@contextlib.contextmanager
def _silent(keras: Any) -> Iterator[None]:
    """Keras draws its own bar on standard output."""
    shown = keras.config.is_interactive_logging_enabled()
    keras.config.disable_interactive_logging()
    try:
        yield
    finally:
        if shown:
            keras.config.enable_interactive_logging()
