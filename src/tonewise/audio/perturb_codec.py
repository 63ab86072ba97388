"""Real codecs, there and back: G.711, AMR, MP3, Opus. See `perturb.Perturbation`."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from tonewise.audio.decode import resampled
from tonewise.errors import AudioError
from tonewise.records import SAMPLE_RATE

if TYPE_CHECKING:
    import numpy as np

TELEPHONE_RATE = 8000  # Hz
FRAME = 1920  # samples handed to an encoder at once; it cuts them into its own frames


@dataclass(frozen=True, slots=True)
class Companded:
    """A digital telephone line: 8 kHz, 8 bits by the μ-law or the A-law of ITU-T G.711, as libsndfile codes them."""

    law: Literal["mu-law", "a-law"]

    family: ClassVar[str] = "telephone"
    level: ClassVar[Literal["plain"]] = "plain"

    @property
    def name(self) -> str:
        """Such as "mu-law-8kHz"."""
        return f"{self.law}-8kHz"

    @property
    def title(self) -> str:
        """Name and strength."""
        return f"{'μ-law' if self.law == 'mu-law' else 'A-law'}, 8 kHz"

    def apply(self, samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The sound after the line, at 16 kHz again."""
        import numpy as np
        import soundfile

        stream = io.BytesIO()
        narrow = np.clip(resampled(samples, SAMPLE_RATE, TELEPHONE_RATE), -1, 1)
        subtype = "ULAW" if self.law == "mu-law" else "ALAW"
        soundfile.write(stream, narrow, TELEPHONE_RATE, format="WAV", subtype=subtype)
        stream.seek(0)
        decoded, _ = soundfile.read(stream, dtype="float32")
        return _as_long_as(resampled(decoded, TELEPHONE_RATE, SAMPLE_RATE), len(samples))


@dataclass(frozen=True, slots=True)
class AmrNarrowBand:
    """A mobile call: AMR narrow band (3GPP TS 26.071) at 8 kHz and `bit_rate`, in bits a second."""

    bit_rate: int

    family: ClassVar[str] = "telephone"
    level: ClassVar[Literal["plain"]] = "plain"

    @property
    def name(self) -> str:
        """Such as "amr-nb-7.4k"."""
        return f"amr-nb-{self.bit_rate / 1000:g}k"

    @property
    def title(self) -> str:
        """Name and strength."""
        return f"AMR narrow band, {self.bit_rate / 1000:g} kbit/s"

    def apply(self, samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The sound after the call."""
        return _coded(samples, "amr", "libopencore_amrnb", self.bit_rate, TELEPHONE_RATE)


@dataclass(frozen=True, slots=True)
class Mp3:
    """MP3 at 16 kHz and `bit_rate`, in bits a second, by LAME."""

    bit_rate: int

    family: ClassVar[str] = "codec"
    level: ClassVar[Literal["subtle"]] = "subtle"

    @property
    def name(self) -> str:
        """Such as "mp3-32k"."""
        return f"mp3-{self.bit_rate / 1000:g}k"

    @property
    def title(self) -> str:
        """Name and strength."""
        return f"MP3, {self.bit_rate / 1000:g} kbit/s"

    def apply(self, samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The sound, coded and decoded."""
        return _coded(samples, "mp3", "libmp3lame", self.bit_rate, SAMPLE_RATE)


@dataclass(frozen=True, slots=True)
class Opus:
    """Opus (RFC 6716) at `bit_rate`, in bits a second, as internet calls and messengers use it."""

    bit_rate: int

    family: ClassVar[str] = "codec"
    level: ClassVar[Literal["subtle"]] = "subtle"

    @property
    def name(self) -> str:
        """Such as "opus-12k"."""
        return f"opus-{self.bit_rate / 1000:g}k"

    @property
    def title(self) -> str:
        """Name and strength."""
        return f"Opus, {self.bit_rate / 1000:g} kbit/s"

    def apply(self, samples: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """The sound, coded and decoded."""
        return _coded(samples, "ogg", "libopus", self.bit_rate, SAMPLE_RATE)


def _coded(samples: np.ndarray, container: str, codec: str, bit_rate: int, rate: int) -> np.ndarray:
    """Samples after a codec at `rate` Hz, as long as they were and at 16 kHz."""
    import av
    import numpy as np

    if not len(samples):
        return samples.copy()
    narrow = np.clip(resampled(samples, SAMPLE_RATE, rate), -1, 1)
    # Digital silence behind it keeps the encoder from swallowing the end, whatever its delay.
    padded = np.concatenate([narrow, np.zeros(rate // 5, dtype=np.float32)])
    try:
        decoded, decoded_rate = _decoded(_encoded(padded, container, codec, bit_rate, rate))
    except av.FFmpegError as error:
        raise AudioError(f"{codec} cannot code this sound ({error.strerror}); leave this change out") from error
    return _as_long_as(resampled(decoded, decoded_rate, SAMPLE_RATE), len(samples))


def _encoded(samples: np.ndarray, container: str, codec: str, bit_rate: int, rate: int) -> io.BytesIO:
    import av
    import numpy as np

    stream = io.BytesIO()
    whole = np.round(samples * 32767).astype(np.int16)
    with av.open(stream, "w", format=container) as output:
        track = _track(output, codec, rate)
        track.bit_rate = bit_rate
        for start in range(0, len(whole), FRAME):
            frame = av.AudioFrame.from_ndarray(whole[np.newaxis, start : start + FRAME], format="s16", layout="mono")
            frame.sample_rate, frame.pts = rate, start
            output.mux(track.encode(frame))
        output.mux(track.encode(None))
    stream.seek(0)
    return stream


def _track(output: Any, codec: str, rate: int) -> Any:
    import av

    try:
        return output.add_stream(codec, rate=rate, layout="mono")
    except (av.FFmpegError, ValueError) as error:  # av.codec.codec.UnknownCodecError is a ValueError
        raise AudioError(
            f"this build of PyAV has no encoder {codec}; install the wheel of the package index"
        ) from error


def _decoded(stream: io.BytesIO) -> tuple[np.ndarray, int]:
    """Samples float32 `(n,)` and their rate; the decoder takes off the delay that the file states."""
    import av
    import numpy as np

    with av.open(stream, "r") as source:
        track = source.streams.audio[0]
        resampler = av.AudioResampler(format="fltp", layout="mono", rate=track.rate)
        frames = [made.to_ndarray()[0] for frame in source.decode(track) for made in resampler.resample(frame)]
        return np.concatenate(frames).astype(np.float32), track.rate


def _as_long_as(samples: np.ndarray, length: int) -> np.ndarray:
    import numpy as np

    return np.pad(samples[:length], (0, max(length - len(samples), 0)))
