"""Whisper's encoder as an ear: the last layer's states, pooled over time, through CTranslate2."""

from __future__ import annotations

import functools
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self

from tonewise import weights
from tonewise.errors import OptionError, WeightsError
from tonewise.features.base import JSON, library
from tonewise.features.pooling import Pool, windows
from tonewise.features.threads import cores, each
from tonewise.features.whisper_mel import whisper_log_mel
from tonewise.records import Progress

if TYPE_CHECKING:
    import numpy as np

WINDOW_SECONDS = 30.0  # the longest sound that the encoder has positions for

#: Compiled kernels that oneDNN keeps; its own 1,024 take half a megabyte for every length of clip and save no time
#: (docs/profiles.md).
KERNELS = "16"

#: Width of the states of each size (Radford et al. 2022, table 1; distilled models keep their teacher's encoder).
WIDTHS = MappingProxyType({"tiny": 384, "base": 512, "small": 768, "medium": 1024, "large": 1280})


@dataclass(frozen=True)
class Whisper:
    """Mean and standard deviation over time of the last layer of Whisper's encoder (Radford et al. 2022).

    A clip is encoded at its own length, alone: the encoder takes windows shorter than its 30 s, a batch would have to
    be padded, and CTranslate2's last digits depend on the size of a batch. One clip a thread is also the fastest way.

    Attributes:
        size: tiny.en, base, small.en, …, large-v3; those other than tiny.en come from the Hugging Face hub.
    """

    size: str = "tiny.en"

    name: ClassVar[str] = "whisper"
    version: ClassVar[int] = 1
    minimum_seconds: ClassVar[float] = 0.1
    clip_seconds: ClassVar[float | None] = None
    compute_type: ClassVar[str] = "float32"

    @classmethod
    def parse(cls, argument: str) -> Self:
        """`whisper`, or `whisper:SIZE`.

        Raises:
            OptionError: there is no such size.
        """
        if argument and argument not in weights.WHISPER_HUB:
            raise OptionError(f"unknown size of whisper '{argument}'; choose from {', '.join(weights.WHISPER_HUB)}")
        return cls(argument) if argument else cls()

    @property
    def dimensions(self) -> int:
        """Twice the width of the model."""
        family = self.size.removeprefix("distil-").replace(".", "-").split("-")[0]
        return 2 * WIDTHS[family]

    def prepare(self, progress: Progress | None = None) -> None:
        """Fetch the model; see `tonewise.weights.get`."""
        weights.get(f"whisper-{self.size}", progress=progress)

    def identity(self) -> dict[str, JSON]:
        """Everything that changes the numbers."""
        return {
            "name": self.name,
            "version": self.version,
            "size": self.size,
            "compute_type": self.compute_type,
            "weights": weights.checksum(f"whisper-{self.size}", "model.bin"),
            "ctranslate2": library("ctranslate2"),
            "faster-whisper": library("faster-whisper"),
        }

    def encode(self, clips: Sequence[np.ndarray]) -> np.ndarray:
        """float32 `(n_clips, 2 * width)`: means, then deviations. Clips of more than 30 s are cut into equal windows."""
        model = _load(weights.get(f"whisper-{self.size}"), cores())
        return each(functools.partial(_encode, model), clips)


@functools.lru_cache(maxsize=2)
def _load(folder: Path, threads: int) -> Any:
    """The model, with as many single-threaded workers as threads."""
    import ctranslate2

    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", KERNELS)
    try:
        return ctranslate2.models.Whisper(
            str(folder), device="cpu", compute_type=Whisper.compute_type, inter_threads=threads, intra_threads=1
        )
    except (RuntimeError, ValueError) as error:
        raise WeightsError(
            f"{folder} holds no Whisper model that CTranslate2 can load ({error}); fetch it anew"
        ) from error


def _encode(model: Any, samples: np.ndarray) -> np.ndarray:
    import ctranslate2
    import numpy as np

    pool = Pool()
    for window in windows(samples, WINDOW_SECONDS):
        frames = whisper_log_mel(window, model.n_mels)
        states = model.encode(ctranslate2.StorageView.from_array(frames[np.newaxis]), to_cpu=True)
        pool.add(np.asarray(states)[0])
    return pool.vector()
