"""Keras' VGG16 run fast: torch's own convolutions, and only where an image is not black.

Two things make up for a network of 15 billion multiplications an image:

- torch takes the kernels of the Keras model in the order of memory that its convolutions are fastest in; called through
  Keras, they are brought into that order anew each time.
- A clip of 3 s in an image of 7 s leaves more than half of the columns black. What the network makes of a black image is
  computed once. Of each clip only the columns are computed that sound can have changed: those of the sound, and one
  more on either side with each convolution.

Both leave the numbers as they are, up to rounding; Keras' own model is the definition and tests hold this to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tonewise.features.vgg16_image import SIZE, network_input
from tonewise.weights.keras_engine import numbers

if TYPE_CHECKING:
    import numpy as np

BATCH = 4  # images; more at once are no faster, and the widest sound of a batch decides how much of it is computed


class Network:
    """The convolutions of a Keras VGG16, on the processor."""

    def __init__(self, keras: Any, model: Any) -> None:
        """Take the kernels of `model`, a `keras.applications.VGG16(include_top=False)`."""
        import numpy as np
        import torch

        self._keras = keras
        kinds = (keras.layers.Conv2D, keras.layers.MaxPooling2D)
        self._layers = [_layer(layer) for layer in model.layers if isinstance(layer, kinds)]
        self._black: list[Any] = []
        with torch.inference_mode():
            maps = self._tensor(np.zeros((1, SIZE, SIZE), dtype=np.float32))
            for layer in self._layers:
                self._black.append(maps)
                maps = _pooled(maps) if layer is None else _convolved(maps, layer, padding=1)
        self._black.append(maps)

    def features(self, greys: np.ndarray) -> np.ndarray:
        """Means over the last maps, float32 `(n, 512)`, of grey images, float32 `(n, 224, 224)`."""
        import numpy as np
        import torch

        spans = [_span(grey) for grey in greys]
        order = np.argsort([end - start for start, end in spans], kind="stable")
        means = np.empty((len(greys), 512), dtype=np.float32)
        with torch.inference_mode():
            for first in range(0, len(order), BATCH):
                rows = order[first : first + BATCH]
                means[rows] = self._means(greys[rows], [spans[row] for row in rows])
        return means

    def _means(self, greys: np.ndarray, spans: Sequence[tuple[int, int]]) -> np.ndarray:
        width = max(end - start for start, end in spans)
        starts = [min(start, SIZE - width) for start, _ in spans]
        maps = self._tensor(greys)
        strips = _Strips(
            _stacked([image[..., start : start + width] for image, start in zip(maps, starts, strict=True)]), starts
        )
        for layer, black in zip(self._layers, self._black[:-1], strict=True):
            strips = strips.pooled(black) if layer is None else strips.convolved(black, layer)
        whole = strips.within(self._black[-1], [0] * len(starts), self._black[-1].shape[-1])
        return whole.mean(dim=(2, 3)).numpy()

    def _tensor(self, greys: np.ndarray) -> Any:
        """Channels first as torch counts, last as they lie in memory."""
        import torch

        return torch.from_numpy(network_input(self._keras, greys)).permute(0, 3, 1, 2)


@dataclass(frozen=True)
class _Strips:
    """Some columns of the maps of several images; the columns around them are those of a black image.

    Attributes:
        values: `(n, channels, rows, width)`.
        starts: which column of the whole map each one's first is.
    """

    values: Any
    starts: Sequence[int]

    def convolved(self, black: Any, layer: tuple[Any, Any]) -> _Strips:
        """One column wider on either side, as far as the map goes."""
        from torch.nn.functional import pad

        whole = black.shape[-1]
        width = min(self.values.shape[-1] + 2, whole)
        starts = [min(max(start - 1, 0), whole - width) for start in self.starts]
        # Zeros beyond the edges of the map, as Keras pads; a column counted from -1 is one further right.
        edged = _Strips(self.values, [start + 1 for start in self.starts]).within(pad(black, (1, 1)), starts, width + 2)
        return _Strips(_convolved(edged, layer, padding=(1, 0)), starts)

    def pooled(self, black: Any) -> _Strips:
        """Half as wide; first widened so that it begins and ends between two pools."""
        width = self.values.shape[-1]
        width += width % 2 or 2 * any(start % 2 for start in self.starts)
        starts = [min(start - start % 2, black.shape[-1] - width) for start in self.starts]
        return _Strips(_pooled(self.within(black, starts, width)), [start // 2 for start in starts])

    def within(self, black: Any, starts: Sequence[int], width: int) -> Any:
        """Columns from `starts` on, `width` of them, which hold these and are black elsewhere."""
        framed = _stacked([black[0, ..., start : start + width] for start in starts])
        own = self.values.shape[-1]
        for frame, value, inner, outer in zip(framed, self.values, self.starts, starts, strict=True):
            frame[..., inner - outer : inner - outer + own] = value
        return framed


def _span(grey: np.ndarray) -> tuple[int, int]:
    """The columns from the first to the last that is not black."""
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


def _convolved(maps: Any, layer: tuple[Any, Any], padding: int | tuple[int, int]) -> Any:
    from torch.nn.functional import conv2d

    return conv2d(maps, *layer, padding=padding).relu_()


def _pooled(maps: Any) -> Any:
    from torch.nn.functional import max_pool2d

    return max_pool2d(maps, 2)


def _stacked(maps: Sequence[Any]) -> Any:
    import torch

    return torch.stack([one.permute(1, 2, 0) for one in maps]).permute(0, 3, 1, 2)
