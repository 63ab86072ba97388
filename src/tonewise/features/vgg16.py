"""VGG16's eye on a spectrogram: the founding article's best features, by Keras."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

from tonewise.errors import OptionError
from tonewise.features import vgg16_weights
from tonewise.features.base import JSON, library
from tonewise.features.threads import each_by_torch
from tonewise.features.vgg16_image import grey_image, image_identity
from tonewise.features.vgg16_network import Network
from tonewise.features.vgg16_weights import EDGE, IMAGENET, RANDOM, WHAT, Pretrained
from tonewise.records import Progress
from tonewise.weights.keras_engine import engine, require

if TYPE_CHECKING:
    import numpy as np

FILES = (".h5", ".keras")


@dataclass(frozen=True)
class Vgg16:
    """What VGG16 (Simonyan and Zisserman 2015) makes of the Mel spectrogram of a clip of 7 s, as an image of 224 × 224.

    The article (S. Safaryan, Towards Data Science) takes Keras' VGG16 without its classifying layers. Of what is left,
    the 512 maps of 7 × 7 that leave the last block are averaged each (Keras' `pooling="avg"`): 512 numbers that say what
    was seen and not where, since clips lie at a random place in their 7 s.

    Attributes:
        source: whose weights: `imagenet` (Keras' own), `edge` (ImageNet's, fine-tuned to find edges), `random`, or the
            path of a file that Keras saved.
        clip_seconds: the article's.
    """

    source: str = IMAGENET
    clip_seconds: float = 7.0

    name: ClassVar[str] = "vgg16"
    version: ClassVar[int] = 1
    minimum_seconds: ClassVar[float] = 0.1
    dimensions: ClassVar[int] = 512

    @classmethod
    def parse(cls, argument: str) -> Self:
        """`vgg16`, `vgg16:edge`, `vgg16:random`, or `vgg16:PATH` of weights that Keras saved.

        Raises:
            OptionError: there are no such weights, and it is no file that Keras could have saved.
        """
        if argument and argument not in (EDGE, RANDOM) and Path(argument).suffix not in FILES:
            raise OptionError(
                f"unknown weights of vgg16 '{argument}'; choose {EDGE}, {RANDOM}, a file that ends in "
                f"{' or '.join(FILES)}, or write 'vgg16' for ImageNet's"
            )
        return cls(argument or IMAGENET)

    def prepare(self, progress: Progress | None = None) -> None:
        """Fetch the weights, and read them where they are the user's own.

        Raises:
            MissingExtraError: Keras is not installed.
            OptionError: Keras was imported before, with another backend than torch.
            WeightsError: the weights cannot be had, or do not fit.
        """
        require(WHAT)
        vgg16_weights.prepare(self.source, progress)

    def identity(self) -> dict[str, JSON]:
        """Everything that changes the numbers. The name of a file does not: its weights do."""
        require(WHAT)
        return {
            "name": self.name,
            "version": self.version,
            "clip_seconds": self.clip_seconds,
            "pooling": "avg",
            "weights": vgg16_weights.get(self.source).checksum,
            "keras": library("keras"),
            "backend": "torch",
            "torch": library("torch"),
            **image_identity(),
        }

    def encode(self, clips: Sequence[np.ndarray]) -> np.ndarray:
        """float32 `(n_clips, 512)`.

        A batch is spread over the cores, an image a thread: then a clip's numbers are the same whatever it is encoded
        beside, to the last digit.
        """
        network = _network(vgg16_weights.get(self.source))
        return each_by_torch(lambda samples: network.features(grey_image(samples)), clips)


@functools.lru_cache(maxsize=2)
def _network(pretrained: Pretrained) -> Network:
    return Network(engine(WHAT), vgg16_weights.build(pretrained.layers))
