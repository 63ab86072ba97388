"""Keras' VGG16 run fast: torch's own convolutions, and only where an image is not black.

Two things make up for a network of 15 billion multiplications an image:

- torch takes the kernels of the Keras model in the order of memory that its convolutions are fastest in; called through
  Keras, they are brought into that order anew each time.
- A clip of 3 s in an image of 7 s leaves more than half of the columns black. What the network makes of a black image is
  computed once. Of each clip only the columns are computed that sound can have changed: those of the sound, and one
  more on either side with each convolution.

Both leave the numbers as they are, up to rounding; Keras' own model is the definition, and tests hold this to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tonewise.features.vgg16_image import SIZE, network_input
from tonewise.weights.keras_engine import numbers

if TYPE_CHECKING:
    import numpy as np


class Network:
    """The convolutions of a Keras VGG16, on the processor; several threads may use it at once."""

    def __init__(self, keras: Any, model: Any) -> None:
        """Take the kernels of `model`, a `keras.applications.VGG16(include_top=False)`."""
        import numpy as np
        import torch

        self._keras = keras
        kinds = (keras.layers.Conv2D, keras.layers.MaxPooling2D)
        self._layers = [_layer(layer) for layer in model.layers if isinstance(layer, kinds)]
        self._black: list[Any] = []
        with torch.inference_mode():
            maps = self._tensor(np.zeros((SIZE, SIZE), dtype=np.float32))
            for layer in self._layers:
                self._black.append(maps if layer is None else _edged(maps))
                maps = _pooled(maps) if layer is None else _convolved(maps, layer, padding=1)
        self._last = maps

    def features(self, grey: np.ndarray) -> np.ndarray:
        """Means over the last maps, float32 `(512,)`, of a grey image, float32 `(224, 224)`."""
        import torch

        start, end = _span(grey)
        with torch.inference_mode():
            strip = _Strip(self._tensor(grey)[..., start:end], start)
            for layer, black in zip(self._layers, self._black, strict=True):
                strip = strip.pooled(black) if layer is None else strip.convolved(black, layer)
            means: np.ndarray = strip.within(self._last, 0, self._last.shape[-1]).mean(dim=(0, 2, 3)).numpy()
            return means

    def _tensor(self, grey: np.ndarray) -> Any:
        """`(1, channels, rows, columns)`, with the channels last in memory."""
        import torch

        return torch.from_numpy(network_input(self._keras, grey[None])).permute(0, 3, 1, 2)


@dataclass(frozen=True)
class _Strip:
    """Some columns of an image's maps; the columns around them are those of a black image.

    Attributes:
        values: `(1, channels, rows, width)`.
        start: which column of the whole map the first one is.
    """

    values: Any
    start: int

    @property
    def end(self) -> int:
        """The column after the last one."""
        column: int = self.start + self.values.shape[-1]
        return column

    def convolved(self, black: Any, layer: tuple[Any, Any]) -> _Strip:
        """One column wider on either side, as far as the map goes; `black` is edged."""
        start, end = max(self.start - 1, 0), min(self.end + 1, black.shape[-1] - 2)
        shifted = _Strip(self.values, self.start + 1)
        return _Strip(_convolved(shifted.within(black, start, end + 2), layer, padding=(1, 0)), start)

    def pooled(self, black: Any) -> _Strip:
        """Half as wide; widened before, so that it begins and ends between two pools."""
        start, end = self.start - self.start % 2, self.end + self.end % 2
        return _Strip(_pooled(self.within(black, start, end)), start // 2)

    def within(self, black: Any, start: int, end: int) -> Any:
        """The columns from `start` to `end`: these where they lie, and black ones around them."""
        import torch

        framed = black[..., start:end].clone(memory_format=torch.channels_last)
        framed[..., self.start - start : self.end - start] = self.values
        return framed


def _span(grey: np.ndarray) -> tuple[int, int]:
    """The columns from the first to the last that is not black; one, where all are."""
    import numpy as np

    columns = np.flatnonzero(grey.any(axis=0))
    return (int(columns[0]), int(columns[-1]) + 1) if len(columns) else (0, 1)


def _layer(layer: Any) -> tuple[Any, Any] | None:
    """Kernel and bias of a convolution, None for a pool."""
    import torch

    if not layer.weights:
        return None
    kernel, bias = torch.from_numpy(numbers(layer.kernel)), torch.from_numpy(numbers(layer.bias))
    return kernel.permute(3, 2, 0, 1).contiguous(memory_format=torch.channels_last), bias


def _edged(maps: Any) -> Any:
    """With a column of zeros on either side, as Keras pads them: column 0 becomes column 1."""
    from torch.nn.functional import pad

    return pad(maps, (1, 1))


def _convolved(maps: Any, layer: tuple[Any, Any], padding: int | tuple[int, int]) -> Any:
    from torch.nn.functional import conv2d

    return conv2d(maps, *layer, padding=padding).relu_()


def _pooled(maps: Any) -> Any:
    from torch.nn.functional import max_pool2d

    return max_pool2d(maps, 2)
