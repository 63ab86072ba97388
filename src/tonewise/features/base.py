"""What an encoder is: a frozen configuration, a name and one method that turns sound into a vector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from tonewise.records import Progress

if TYPE_CHECKING:
    import numpy as np

#: What JSON can hold.
JSON = str | int | float | bool | None | Sequence["JSON"] | Mapping[str, "JSON"]


class Encoder(Protocol):
    """Turns clips into vectors. A clip's vector depends on the clip alone, never on what is encoded beside it.

    Attributes:
        name: what the command line calls it.
        minimum_seconds: the shortest sound it takes.
        clip_seconds: the one length of clip that it takes (crop or pad to it), None where it pools over any length.
        dimensions: length of its vectors.
    """

    @property
    def name(self) -> str: ...

    @property
    def minimum_seconds(self) -> float: ...

    @property
    def clip_seconds(self) -> float | None: ...

    @property
    def dimensions(self) -> int: ...

    def prepare(self, progress: Progress | None = None) -> None:
        """Fetch the pretrained weights that it needs, if any, and find out now what would fail later.

        Raises:
            MissingExtraError: an extra of tonewise is not installed.
            OptionError: its argument names what there is not.
            WeightsError: the weights cannot be had, or do not fit.
        """

    def identity(self) -> dict[str, JSON]:
        """Everything that changes the numbers: name, version, configuration, checksum of weights, library versions.

        Raises:
            WeightsError: the pretrained weights cannot be had.
        """

    def encode(self, clips: Sequence[np.ndarray]) -> np.ndarray:
        """Encode one clip or more, each float32 `(n_samples,)` at 16 kHz and at least `minimum_seconds` long.

        Returns:
            float32 `(n_clips, dimensions)`.

        Raises:
            WeightsError: the pretrained weights cannot be had.
        """


def library(package: str) -> str:
    """Version of an installed package as major.minor: patch releases do not change the numbers."""
    from importlib.metadata import version

    return ".".join(version(package).split(".")[:2])
