"""Tone of sound while it arrives: a window ends with every second, and is judged by nothing that comes later."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tonewise import audio
from tonewise.pipeline.live_judging import Activity, LiveWindow, WindowJudge
from tonewise.pipeline.live_sound import ENCODINGS, ByteDecoder
from tonewise.pipeline.live_windows import BEFORE, HOP, WINDOW, Window, WindowCutter, check_windows, resampled, spans
from tonewise.pipeline.loading import LoadedModel
from tonewise.records import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np

__all__ = ["ENCODINGS", "HOP", "WINDOW", "LiveScorer", "LiveWindow", "score_windows", "warm_up"]


class LiveScorer:
    """Scores one stream. Memory does not grow with its length; not to be used from two threads at once.

    Args:
        model: what hears; may be shared between streams.
        rate: samples a second, 8,000 to 192,000.
        encoding: `pcm_s16le`, `pcm_f32le`, `mulaw` or `alaw`.
        channels: interleaved, 1 to 8.
        channel: which one to hear, counted from 0; None = the mean of all.
        window, hop: whole seconds. A window is the last `window` seconds, and one ends every `hop` seconds.
        activity: finds speech in samples; None = Silero VAD.

    Raises:
        OptionError: an unknown encoding, or an impossible rate, channel, window or hop.
    """

    def __init__(
        self,
        model: LoadedModel,
        *,
        rate: int,
        encoding: str = "pcm_s16le",
        channels: int = 1,
        channel: int | None = None,
        window: int = WINDOW,
        hop: int = HOP,
        activity: Activity | None = None,
    ) -> None:
        self._decoder = ByteDecoder(encoding, channels=channels, channel=channel)
        self._cutter = WindowCutter(rate, window=window, hop=hop)
        self._judge = WindowJudge(model, window=window, hop=hop, activity=activity)
        self._second = rate * self._decoder.frame_bytes

    @property
    def bytes_per_second(self) -> int:
        """Bytes that a second of the stream has."""
        return self._second

    def feed(self, data: bytes) -> list[LiveWindow]:
        """Take in the next bytes, as many as there are; returns the windows that end with them.

        Raises:
            AudioError: floating-point samples are no numbers, or far beyond full scale.
            WeightsError: the encoders' weights cannot be had.
        """
        found = []
        for first in range(0, len(data), self._second):  # a second at a time: what is kept stays small
            samples = self._decoder.feed(data[first : first + self._second])
            found += [self._judge.judge(window) for window in self._cutter.feed(samples)]
        return found

    def finish(self) -> list[LiveWindow]:
        """Say that nothing follows; returns what is left, the last window ending with the sound.

        Raises:
            AudioError: the bytes end in the middle of a sample.
            WeightsError: the encoders' weights cannot be had.
        """
        self._decoder.finish()
        return [self._judge.judge(window) for window in self._cutter.finish()]


def score_windows(
    model: LoadedModel,
    path: str | Path,
    channel: int | None = None,
    *,
    window: int = WINDOW,
    hop: int = HOP,
    activity: Activity | None = None,
) -> list[LiveWindow]:
    """Score a file by the windows of a stream, each cut from the file by itself.

    What a live socket says of a sound is what this says of a file of it (`tonewise score` differs: it hears sentences, and
    a voice's baseline there is that of the whole recording).

    Args:
        model: what hears.
        path: any recording that `audio.read` reads.
        channel: counted from 0; None = the mean of all.
        window, hop, activity: see `LiveScorer`.

    Raises:
        AudioError: the recording cannot be decoded.
        OptionError: an impossible window or hop.
        WeightsError: the encoders' weights cannot be had.
    """
    check_windows(window, hop)
    judge = WindowJudge(model, window=window, hop=hop, activity=activity)
    duration = audio.probe(path).duration
    with audio.Recording(path) as recording:
        return [
            judge.judge(Window(start, end, _read(recording, start, end, channel)))
            for start, end in spans(duration, window, hop)
        ]


def _read(recording: audio.Recording, start: float, end: float, channel: int | None) -> np.ndarray:
    """A window at 16 kHz. It is resampled here, as a stream is: encoders of 8-bit integers make differences of 10⁻⁷ in
    samples, which another way of resampling leaves, differences of up to 0.002 in tone."""
    rate, first = recording.sample_rate, max(start - BEFORE, 0.0)
    samples = recording.read(first, end - first, channel=channel, rate=rate)
    return resampled(samples, rate, round((start - first) * rate))


def warm_up(model: LoadedModel) -> None:
    """Load what the first window would have to wait for.

    Raises:
        WeightsError: the encoders' weights cannot be had.
    """
    import numpy as np

    noise = np.random.default_rng(0).normal(0, 0.1, WINDOW * SAMPLE_RATE).astype(np.float32)
    WindowJudge(model, window=WINDOW, hop=HOP).judge(Window(0.0, WINDOW, noise))  # its voice activity
    whole = WindowJudge(model, window=WINDOW, hop=HOP, activity=lambda samples: [(0, len(samples))])
    whole.judge(Window(0.0, WINDOW, noise))
