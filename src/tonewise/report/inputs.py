"""What a report shows besides a training run's own record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonewise.errors import InputError
from tonewise.records import Evaluation

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True, eq=False)
class Spectrogram:
    """A picture of what the model hears.

    `log_mel` is in dB, shape `(n_mels, n_frames)`, lowest band first; `seconds` is what all its frames last,
    and `padding` says how many of those seconds, at the beginning and at the end, are silence that was added.
    Raises InputError where these do not fit together.
    """

    title: str
    log_mel: np.ndarray
    seconds: float
    padding: tuple[float, float] = (0.0, 0.0)
    caption: str = ""

    def __post_init__(self) -> None:
        if self.log_mel.ndim != 2 or not self.log_mel.size:
            shape = self.log_mel.shape
            raise InputError(f"spectrogram {self.title!r} has shape {shape}: give an array (n_mels, n_frames)")
        if not self.seconds > 0:
            raise InputError(f"spectrogram {self.title!r} lasts {self.seconds} s: give a duration above 0")
        before, after = self.padding
        # A frame's rounding may make the parts a little longer than the whole.
        if min(before, after) < 0 or before + after > self.seconds * 1.01:
            raise InputError(
                f"spectrogram {self.title!r} has padding {before} + {after} s in {self.seconds} s: "
                "give two durations from 0 that fit in it"
            )


@dataclass(frozen=True, slots=True)
class LanguageResult:
    """How the model does in one language.

    `language` is a BCP-47 tag and `name` what readers call it; the scores are those of its positive and of
    its negative recordings, on one scale for all languages.
    """

    language: str
    name: str
    evaluation: Evaluation
    positive_scores: tuple[float, ...] = ()
    negative_scores: tuple[float, ...] = ()
