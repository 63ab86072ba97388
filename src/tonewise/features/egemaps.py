"""openSMILE's eGeMAPS, the field's usual set of 88 acoustic numbers. Not for commercial use without a licence."""

from __future__ import annotations

import functools
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from tonewise.errors import MissingExtraError
from tonewise.features.base import JSON, library
from tonewise.features.threads import each
from tonewise.records import SAMPLE_RATE, Progress

if TYPE_CHECKING:
    import numpy as np

_log = logging.getLogger(__name__)

LOUDEST = 1 - 2**-15  # openSMILE is given 16 bits, where 1.0 would become −1.0


@dataclass(frozen=True)
class EGeMaps:
    """The functionals of eGeMAPSv02 (Eyben et al. 2016), computed by openSMILE.

    Some of them are levels: unlike `prosody`, they change with the gain of a recording.
    """

    name: ClassVar[str] = "egemaps"
    version: ClassVar[int] = 1
    minimum_seconds: ClassVar[float] = 0.1
    clip_seconds: ClassVar[float | None] = None
    dimensions: ClassVar[int] = 88

    def prepare(self, progress: Progress | None = None) -> None:
        """Nothing is fetched; whoever uses it is told of the licence, once a process.

        Raises:
            MissingExtraError: openSMILE is not installed.
        """
        _opensmile()
        _tell_licence()

    def identity(self) -> dict[str, JSON]:
        """Everything that changes the numbers.

        Raises:
            MissingExtraError: openSMILE is not installed.
        """
        _opensmile()
        return {"name": self.name, "version": self.version, "set": "eGeMAPSv02", "opensmile": library("opensmile")}

    def encode(self, clips: Sequence[np.ndarray]) -> np.ndarray:
        """float32 `(n_clips, 88)`, columns as in `names`.

        Raises:
            MissingExtraError: openSMILE is not installed.
        """
        return each(functools.partial(_encode, _smile()), clips)


def names() -> tuple[str, ...]:
    """openSMILE's names of the columns.

    Raises:
        MissingExtraError: openSMILE is not installed.
    """
    return tuple(_smile().feature_names)


def _encode(smile: Any, samples: np.ndarray) -> np.ndarray:
    import numpy as np

    # A run of openSMILE is a process of its own within the library, and its C code lets other threads work.
    functionals: np.ndarray = smile(np.clip(samples, -1, LOUDEST), SAMPLE_RATE)[0, :, 0].astype(np.float32)
    return functionals


@functools.cache
def _tell_licence() -> None:
    _log.warning(
        "egemaps runs openSMILE, which is free for private use, teaching and research only: a product needs a licence from "
        "audEERING, and so does a product that uses a model trained on these features; 'prosody' has no such limit"
    )


@functools.cache
def _smile() -> Any:
    opensmile = _opensmile()
    return opensmile.Smile(
        feature_set=opensmile.FeatureSet.eGeMAPSv02, feature_level=opensmile.FeatureLevel.Functionals, num_workers=1
    )


def _opensmile() -> Any:
    try:
        import opensmile
    except ImportError as missing:
        raise MissingExtraError("the encoder egemaps", "egemaps") from missing
    return opensmile
