"""What is said of one window after the other: whether somebody speaks, and in which tone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tonewise import audio
from tonewise.features import Encoder
from tonewise.pipeline.live_voice import RunningBaseline, RunningLevel
from tonewise.pipeline.live_windows import Window
from tonewise.pipeline.loading import LoadedModel
from tonewise.records import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np

#: Where somebody speaks in samples at 16 kHz: (first, last) in order.
Activity = Callable[["np.ndarray"], Sequence[tuple[int, int]]]

#: Seconds of speech that a window has to hold: of less, no voice is known.
LEAST_SPEECH = 0.5


@dataclass(frozen=True, slots=True)
class LiveWindow:
    """What is said of a window.

    Attributes:
        start, end: seconds from the beginning of the stream.
        heard: whether somebody speaks in it, for `LEAST_SPEECH` at least.
        tone: calibrated, 0 (negative) to 1 (positive), of the speech in this window alone; None where there is none.
        smoothed: the tone of the voice by all windows so far, 0..1; None where `tone` is.
        low, high: 95 % interval of `smoothed`.
    """

    start: float
    end: float
    heard: bool
    tone: float | None = None
    smoothed: float | None = None
    low: float | None = None
    high: float | None = None


class WindowJudge:
    """Judges the windows of one stream in their order; nothing that comes later changes what was said.

    A window is heard from the first to the last moment that somebody speaks in it: utterances, which models learn from,
    have no silence around them. Where the model has a baseline, it is that of all windows of the stream so far, this one
    included. All that is heard is taken for one voice.

    Args:
        model: what hears.
        window, hop: of the windows that will come, in seconds.
        activity: finds speech; None = Silero's, as scoring uses it.
    """

    def __init__(self, model: LoadedModel, *, window: int, hop: int, activity: Activity | None = None) -> None:
        self._model, self._scale, self._hop = model, model.scale, hop
        self._activity = activity or speech
        self._baseline = RunningBaseline(model.preparation, share=hop / window)
        self._level = RunningLevel(self._scale.noise)

    def judge(self, window: Window) -> LiveWindow:
        """Judge the next window.

        Raises:
            WeightsError: the encoders' weights cannot be had.
        """
        clip = self._speech(window.samples)
        tone = None if clip is None else self._tone(clip)
        if tone is None:
            return LiveWindow(window.start, window.end, heard=clip is not None)
        level = self._level.add((window.start + window.end) / 2, tone, self._hop)
        return LiveWindow(window.start, window.end, True, tone, level.tone, level.low, level.high)

    def _speech(self, samples: np.ndarray) -> np.ndarray | None:
        found = self._activity(samples)
        least = max(LEAST_SPEECH, *(encoder.minimum_seconds for encoder in self._model.encoders))
        if sum(last - first for first, last in found) < least * SAMPLE_RATE:
            return None
        return samples[found[0][0] : found[-1][1]]

    def _tone(self, clip: np.ndarray) -> float | None:
        """None where the encoders make no numbers of it: sound that is damaged in a way of its own."""
        import numpy as np

        row = np.concatenate([encoder.encode([fitted(clip, encoder)])[0] for encoder in self._model.encoders])
        if not np.isfinite(row).all():
            return None
        prepared = self._baseline.apply(row)[np.newaxis]
        return float(self._scale.tone(self._model.bundle.classifier.positive(prepared))[0])


def fitted(clip: np.ndarray, encoder: Encoder) -> np.ndarray:
    """A clip as the encoder takes it: all of it, or its middle with as many zeros on both sides as it wants."""
    import numpy as np

    if encoder.clip_seconds is None:
        return clip
    wanted = round(encoder.clip_seconds * SAMPLE_RATE)
    spare = wanted - len(clip)
    if spare < 0:
        return clip[-spare // 2 :][:wanted]
    return np.pad(clip, (spare // 2, spare - spare // 2))


def speech(samples: np.ndarray) -> list[tuple[int, int]]:
    """Where somebody speaks; see `audio.speech_in`."""
    return audio.speech_in(samples) if samples.any() else []  # digital silence needs no network to be told
