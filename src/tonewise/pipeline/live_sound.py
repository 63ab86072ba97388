"""Sound that arrives as bytes, of which a message may hold any number: what a line or a browser sends, decoded."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from tonewise.errors import AudioError, OptionError

if TYPE_CHECKING:
    import numpy as np

#: Bytes of a sample by the name of its encoding. μ-law and A-law are those of G.711, as telephone lines carry them.
ENCODINGS = {"pcm_s16le": 2, "pcm_f32le": 4, "mulaw": 1, "alaw": 1}
RATES = (8_000, 192_000)  # Hz
MAX_CHANNELS = 8

#: Full scale is 1. A little above it is common in floating point; far above, integers were sent as floats.
LOUDEST = 16.0


class ByteDecoder:
    """Bytes of interleaved samples to float32 of one channel; a frame may be split between messages.

    Args:
        encoding: one of `ENCODINGS`.
        channels: interleaved, 1 to 8.
        channel: counted from 0; None takes the mean of all.

    Raises:
        OptionError: an unknown encoding, or an impossible number of channels.
    """

    def __init__(self, encoding: str, *, channels: int = 1, channel: int | None = None) -> None:
        if encoding not in ENCODINGS:
            raise OptionError(f"unknown encoding '{encoding}' of live sound; choose one of {', '.join(ENCODINGS)}")
        if not 1 <= channels <= MAX_CHANNELS:
            raise OptionError(f"live sound of {channels} channels is impossible; expected 1 to {MAX_CHANNELS}")
        if channel is not None and not 0 <= channel < channels:
            raise OptionError(f"live sound of {channels} channels has no channel {channel}; they count from 0")
        self._encoding, self._channels, self._channel = encoding, channels, channel
        self._frame = ENCODINGS[encoding] * channels
        self._left = b""

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of every channel."""
        return self._frame

    def feed(self, data: bytes) -> np.ndarray:
        """Samples `(n,)` that are complete with these bytes; the rest waits for the next.

        Raises:
            AudioError: floating-point samples are no numbers, or far beyond full scale.
        """
        import numpy as np

        data = self._left + data
        whole = len(data) - len(data) % self._frame
        self._left = data[whole:]
        frames = _decode(self._encoding, data[:whole]).reshape(-1, self._channels)
        if self._channel is not None:
            return np.ascontiguousarray(frames[:, self._channel])
        mean: np.ndarray = frames[:, 0] if self._channels == 1 else frames.mean(axis=1)
        return mean

    def finish(self) -> None:
        """Say that nothing follows.

        Raises:
            AudioError: the bytes end in the middle of a frame.
        """
        if self._left:
            raise AudioError(
                f"the sound ends with {len(self._left)} of the {self._frame} bytes of a frame; send whole samples of "
                f"{self._encoding} for every one of {self._channels} channels"
            )


def _decode(encoding: str, data: bytes) -> np.ndarray:
    import numpy as np

    if encoding == "pcm_s16le":
        return np.frombuffer(data, dtype="<i2").astype(np.float32) / np.float32(32_768)
    if encoding == "pcm_f32le":
        samples = np.frombuffer(data, dtype="<f4").astype(np.float32)
        if not (np.abs(samples) <= LOUDEST).all():  # NaN is not smaller than anything
            raise AudioError(
                "the sound holds samples that are no numbers, or far beyond full scale; send floats from -1 to 1"
            )
        return samples
    table = _mulaw() if encoding == "mulaw" else _alaw()
    return table[np.frombuffer(data, dtype=np.uint8)]


@functools.cache
def _mulaw() -> np.ndarray:
    """float32 `(256,)` by code. Source: ITU-T G.711, table 2."""
    import numpy as np

    code = ~np.arange(256, dtype=np.int32) & 0xFF
    size = (((code & 0x0F) << 3) + 132 << ((code & 0x70) >> 4)) - 132
    return _signed(size, negative=(code & 0x80) > 0)


@functools.cache
def _alaw() -> np.ndarray:
    """float32 `(256,)` by code. Source: ITU-T G.711, table 1."""
    import numpy as np

    code = np.arange(256, dtype=np.int32) ^ 0x55
    chord, step = (code & 0x70) >> 4, (code & 0x0F) << 4
    size = np.where(chord == 0, step + 8, step + 264 << np.maximum(chord - 1, 0))
    return _signed(size, negative=(code & 0x80) == 0)


def _signed(size: np.ndarray, *, negative: np.ndarray) -> np.ndarray:
    import numpy as np

    return (np.where(negative, -size, size) / 32_768).astype(np.float32)
