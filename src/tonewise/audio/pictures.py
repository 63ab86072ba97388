"""What a recording looks like: its waveform's peaks and a small spectrogram, of any length in constant memory.

They are for pictures: blocks are decoded at the file's own rate and one after another, so that an hour costs one decoding
and a few megabytes.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise.audio.decode import AudioInfo, Recording, one_channel, probe

if TYPE_CHECKING:
    import numpy as np

BLOCK = 30.0  # seconds decoded at a time

WINDOW = 0.032  # seconds of a spectrogram's frame: two to eight periods of a voice
LOWEST, HIGHEST = 60.0, 8_000.0  # Hz: where speech is
RANGE = 65.0  # dB between the darkest and the brightest that is drawn
FLOOR = 1e-9  # power below which a recording counts as silent however loud its loudest moment is (−90 dB)


@dataclass(frozen=True, slots=True)
class SoundPicture:
    """One channel.

    Attributes:
        peaks: float32 `(count, 2)`, −1..1: the lowest and the highest sample of each of `count` equal stretches, and 0 where
            that is lower or higher. What a truncated file lacks is 0.
        spectrogram: uint8 `(bands, columns)`, the lowest band first: mean power by time and mel band, 60 Hz to 8 kHz or half
            the sampling rate; 0 is silent, 255 loud. Bands are rectangles of equal width on the mel scale (O'Shaughnessy
            1987, 2595 log10(1 + f / 700)); power is relative to the loudest hundredth, 65 dB down.
    """

    peaks: np.ndarray
    spectrogram: np.ndarray


def sound_pictures(
    path: str | Path, channels: Sequence[int | None], *, count: int, columns: int, bands: int
) -> list[SoundPicture]:
    """Draw several channels, decoding the recording once.

    Args:
        path: any recording that `read` reads.
        channels: counted from 0; None takes the mean of all channels.
        count: of peaks, 1 or more.
        columns, bands: of the spectrogram, 1 or more each.

    Raises:
        AudioError: see `read`; samples that are no numbers are drawn as 0.
    """
    info = probe(path)
    frames = max(round(info.duration * info.sample_rate), 1)
    waves = [_Peaks(count, frames) for _ in channels]
    spectra = [_Spectrogram(columns, bands, frames, info.sample_rate) for _ in channels]
    for block in _blocks(info, channels):
        for wave, spectrum, samples in zip(waves, spectra, block, strict=True):
            wave.add(samples)
            spectrum.add(samples)
    return [SoundPicture(wave.result(), spectrum.result()) for wave, spectrum in zip(waves, spectra, strict=True)]


def _blocks(info: AudioInfo, channels: Sequence[int | None]) -> Iterator[list[np.ndarray]]:
    """One after another, the samples `(n_samples,)` of each channel that was asked for, as far as the header promises."""
    import numpy as np

    with Recording(info.path) as recording:
        for found in itertools.islice(recording.blocks(BLOCK), math.ceil(info.duration / BLOCK)):
            frames = np.nan_to_num(found, posinf=0.0, neginf=0.0)
            yield [one_channel(frames, channel, info.path) for channel in channels]


class _Peaks:
    """Lowest and highest of stretches, sample by sample of the whole."""

    def __init__(self, count: int, frames: int) -> None:
        import numpy as np

        self._edges = np.arange(count) * frames // count
        self._found = np.zeros((count, 2), dtype=np.float32)
        self._position = 0

    def add(self, samples: np.ndarray) -> None:
        import numpy as np

        first = max(int(np.searchsorted(self._edges, self._position, side="right")) - 1, 0)
        last = int(np.searchsorted(self._edges, self._position + len(samples), side="left"))
        # Of a stretch that began in the block before, this is the rest.
        starts = np.maximum(self._edges[first:last] - self._position, 0)
        found = self._found[first:last]
        found[:, 0] = np.minimum(found[:, 0], np.minimum.reduceat(samples, starts))
        found[:, 1] = np.maximum(found[:, 1], np.maximum.reduceat(samples, starts))
        self._position += len(samples)

    def result(self) -> np.ndarray:
        return self._found


class _Spectrogram:
    """Power of frames, summed into columns and bands."""

    def __init__(self, columns: int, bands: int, frames: int, rate: int) -> None:
        import numpy as np

        self._size = 1 << max(round(math.log2(WINDOW * rate)), 4)
        # Long recordings have more frames than columns by far; of a short one every column wants its own.
        self._hop = max(min(self._size // 2, frames // columns), 1)
        self._window = np.hanning(self._size).astype(np.float32)
        self._filters = _filters(self._size, rate, bands)
        self._power = np.zeros((columns, bands))
        self._heard = np.zeros(columns)
        self._frames = frames
        self._position = -(self._size // 2)  # of the first waiting sample; the first frame's middle is at 0
        self._waiting = np.zeros(self._size // 2, dtype=np.float32)

    def add(self, samples: np.ndarray) -> None:
        import numpy as np

        waiting = np.concatenate([self._waiting, samples])
        number = (len(waiting) - self._size) // self._hop + 1
        for first in range(0, number, 2048):  # frames at a time: a block's at once would be hundreds of megabytes
            self._add_frames(waiting, first, min(first + 2048, number))
        done = max(number, 0) * self._hop
        self._position += done
        self._waiting = waiting[done:]

    def _add_frames(self, waiting: np.ndarray, first: int, last: int) -> None:
        import numpy as np

        begins = np.arange(first, last) * self._hop
        views = np.lib.stride_tricks.sliding_window_view(waiting, self._size)[begins]
        spectrum = np.fft.rfft(views * self._window, axis=1)
        power = (spectrum.real**2 + spectrum.imag**2) @ self._filters
        middles = self._position + begins + self._size // 2
        column = np.minimum(middles * len(self._heard) // self._frames, len(self._heard) - 1)
        found, starts, counts = np.unique(column, return_index=True, return_counts=True)
        self._power[found] += np.add.reduceat(power, starts, axis=0)
        self._heard[found] += counts

    def result(self) -> np.ndarray:
        import numpy as np

        self.add(np.zeros(self._size, dtype=np.float32))  # the last frames reach beyond the end
        power = self._power / np.maximum(self._heard, 1)[:, None]
        loudest = max(float(np.quantile(power, 0.99)), FLOOR * 1e3)
        level = 10 * np.log10(np.maximum(power, FLOOR * 1e-4) / loudest)
        return np.clip((level / RANGE + 1) * 255, 0, 255).astype(np.uint8).T


def _filters(size: int, rate: int, bands: int) -> np.ndarray:
    """Mean of the bins between mel-spaced edges, parts of bins included: float32 `(size // 2 + 1, bands)`."""
    import numpy as np

    top = min(HIGHEST, rate / 2)
    mel = np.linspace(_mel(min(LOWEST, top / 2)), _mel(top), bands + 1)
    edges = 700 * (10 ** (mel / 2595) - 1) * size / rate  # in bins
    bins = np.arange(size // 2 + 1)
    low, high = np.maximum(edges[:-1], bins[:, None] - 0.5), np.minimum(edges[1:], bins[:, None] + 0.5)
    weights: np.ndarray = (np.maximum(high - low, 0) / (edges[1:] - edges[:-1]) / size).astype(np.float32)
    return weights


def _mel(frequency: float) -> float:
    return 2595 * math.log10(1 + frequency / 700)
