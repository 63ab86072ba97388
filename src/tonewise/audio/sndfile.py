"""What libsndfile reads: WAV, FLAC, OGG/Opus, MP3, AU, NIST … and sound without a header that is said to be what it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tonewise.audio.allowed import check_stated, known_to_sndfile
from tonewise.audio.raw import RawFormat
from tonewise.errors import AudioError

#: Frames: libsndfile counts to 2^63 where a FLAC that was written as a stream does not state its length.
UNSTATED = 1 << 62


def probe(file: Path, raw: RawFormat | None) -> tuple[float, int, int, str] | None:
    """Duration in s, rate in Hz, channels and format; None as in `opened`."""
    stream = opened(file, raw)
    if stream is None:
        return None
    with stream:
        return stream.frames / stream.samplerate, stream.samplerate, stream.channels, _format(stream, raw)


def opened(file: Path, raw: RawFormat | None) -> Any | None:
    """A `soundfile.SoundFile` that can be sought in, to be closed; None where FFmpeg is to be asked.

    That is where libsndfile does not know the file, cannot seek in it (GSM), or finds no length: a WAV that was written as a
    stream states zero, and FFmpeg reads on to its end.

    Raises:
        AudioError: it states an absurd rate, number of channels or length.
    """
    stream = _open(file, raw) if raw is not None or known_to_sndfile(file) else None
    if stream is None:
        return None
    if raw is None and not (0 < stream.frames < UNSTATED and stream.seekable()):
        stream.close()
        return None
    try:
        check_stated(file, stream.samplerate, stream.channels, stream.frames / max(stream.samplerate, 1))
    except AudioError:
        stream.close()
        raise
    return stream


def _open(file: Path, raw: RawFormat | None) -> Any | None:
    import soundfile

    try:
        if raw is None:
            return soundfile.SoundFile(str(file))
        return soundfile.SoundFile(
            str(file), samplerate=raw.rate, channels=raw.channels, format="RAW", subtype=raw.subtype, endian=raw.endian
        )
    except soundfile.LibsndfileError:
        return None
    except TypeError:  # soundfile asks what a file called .raw holds, even where it has a header
        return None


def _format(stream: Any, raw: RawFormat | None) -> str:
    return f"{stream.format}/{stream.subtype}" if raw is None else f"RAW/{raw.encoding}"
