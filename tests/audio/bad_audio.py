"""The bad-audio matrix: files of every odd kind, made here, each with what tonewise says of it.

`docs/bad-audio.md` shows the same list; `python tests/audio/bad_audio.py` writes it anew.
"""

from __future__ import annotations

import os
import struct
import sys
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

RATE = 8_000  # Hz
SECONDS = 2.0

HEARD = "heard"
DAMAGED = "no recording that libsndfile or FFmpeg can read, or it is damaged"
TRUNCATED = "ends before its header or its transcript says: it is truncated"


@dataclass(frozen=True)
class Kind:
    """One kind of file: how it is made, and what is said of it (`HEARD`, or a part of the line).

    `seconds` is how much of it is heard, None where that depends on the encoder.
    """

    what: str
    file: str
    make: Callable[[Path], object]
    said: str = HEARD
    seconds: float | None = SECONDS

    @property
    def outcome(self) -> str:
        """For the table."""
        if self.said != HEARD:
            return f"“… {self.said} …”"
        return f"{HEARD}, up to the cut" if self.seconds is None else f"{HEARD}, {self.seconds:g} s"


def sound(seconds: float = SECONDS, rate: int = RATE) -> np.ndarray:
    time = np.arange(round(seconds * rate)) / rate
    return (0.3 * np.sin(2 * np.pi * (200 + 40 * time) * time)).astype(np.float32)


def saved(
    subtype: str | None = None,
    *,
    rate: int = RATE,
    channels: int = 1,
    format: str | None = None,
    seconds: float = SECONDS,
):
    def make(path: Path) -> None:
        samples = sound(seconds, rate=rate)
        samples = samples if channels == 1 else np.repeat(samples[:, None], channels, axis=1)
        soundfile.write(path, samples, rate, subtype=subtype, format=format)

    return make


def samples_of(change: Callable[[np.ndarray], np.ndarray], subtype: str = "FLOAT"):
    return lambda path: soundfile.write(path, change(sound()).astype(np.float32), RATE, subtype=subtype)


def spoilt(value: float):
    def change(samples: np.ndarray) -> np.ndarray:
        samples[len(samples) // 2] = value
        return samples

    return samples_of(change)


def wav_bytes() -> bytearray:
    samples = (sound() * 32_767).astype("<i2").tobytes()
    header = (
        b"RIFF"
        + struct.pack("<I", 36 + len(samples))
        + b"WAVEfmt "
        + struct.pack("<IHHIIHH", 16, 1, 1, RATE, 2 * RATE, 2, 16)
    )
    return bytearray(header + b"data" + struct.pack("<I", len(samples)) + samples)


def wav(
    *,
    data: int | None = None,
    riff: int | None = None,
    rate: int | None = None,
    channels: int | None = None,
    keep: float = 1.0,
):
    """A WAV whose header says something else than what is there, or of which a part is kept."""

    def make(path: Path) -> None:
        content = wav_bytes()
        for place, form, value in ((40, "<I", data), (4, "<I", riff), (24, "<I", rate), (22, "<H", channels)):
            if value is not None:
                struct.pack_into(form, content, place, value)
        path.write_bytes(content[: round(len(content) * keep)])

    return make


def cut(make: Callable[[Path], object], keep: float):
    def made(path: Path) -> None:
        make(path)
        path.write_bytes(path.read_bytes()[: round(path.stat().st_size * keep)])

    return made


def named(make: Callable[[Path], object], extension: str):
    """A file of another kind than its name says: `extension` is what it really is."""

    def made(path: Path) -> None:
        real = path.with_name(f"real-{path.stem}{extension}")
        make(real)
        real.replace(path)

    return made


def encoded(codec: str, *, picture: bool = False, only_picture: bool = False):
    """A container written by FFmpeg, with a picture that moves if asked for."""

    def make(path: Path) -> None:
        import av

        with av.open(f"file:{path}", "w") as container:
            video = container.add_stream("mpeg4", rate=5) if picture else None
            audio = None if only_picture else container.add_stream(codec, rate=16_000, layout="mono")
            if video is not None:
                video.width = video.height = 32
                for _ in range(10):
                    for packet in video.encode(
                        av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), format="rgb24")
                    ):
                        container.mux(packet)
                for packet in video.encode(None):
                    container.mux(packet)
            if audio is not None:
                write_sound(container, audio)

    return make


def write_sound(container: object, stream: object) -> None:
    import av

    frame = av.AudioFrame.from_ndarray(sound(rate=16_000)[None, :], format="fltp", layout="mono")
    frame.sample_rate = 16_000
    resampler = av.AudioResampler(format=stream.format, layout="mono", rate=stream.rate)
    for piece in (*resampler.resample(frame), *resampler.resample(None)):
        for packet in stream.encode(piece):
            container.mux(packet)
    for packet in stream.encode(None):
        container.mux(packet)


def long_recording(path: Path) -> None:
    """Three hours, 173 MB of zeros that take no room on the disk."""
    frames = 3 * 3600 * RATE
    with wave.open(str(path), "wb") as stream:
        stream.setparams((1, 2, RATE, 0, "NONE", ""))
        stream.setnframes(frames)
        stream.writeframes(b"")
    with path.open("r+b") as stream:
        stream.seek(4)
        stream.write(struct.pack("<I", 36 + 2 * frames))
        stream.seek(40)
        stream.write(struct.pack("<I", 2 * frames))
        stream.truncate(44 + 2 * frames)


def raw_bytes(path: Path) -> None:
    path.write_bytes((sound() * 32_767).astype("<i2").tobytes())


def ulaw_bytes(path: Path) -> None:
    soundfile.write(path, sound(), RATE, format="RAW", subtype="ULAW", endian="FILE")


def written(content: bytes):
    return lambda path: path.write_bytes(content)


def locked(path: Path) -> None:
    saved()(path)
    path.chmod(0)


PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c626001000000ffff030000060005"
)
NOISE = np.random.default_rng(0).integers(0, 256, 20_000, dtype=np.uint8).tobytes()

GOOD = (
    Kind("16-bit WAV", "plain.wav", saved()),
    Kind("8-bit WAV", "8-bit.wav", saved("PCM_U8")),
    Kind("24-bit WAV", "24-bit.wav", saved("PCM_24")),
    Kind("32-bit WAV", "32-bit.wav", saved("PCM_32")),
    Kind("32-bit float WAV", "float.wav", saved("FLOAT")),
    Kind("64-bit float WAV", "double.wav", saved("DOUBLE")),
    Kind("μ-law WAV", "ulaw.wav", saved("ULAW")),
    Kind("A-law WAV", "alaw.wav", saved("ALAW")),
    Kind("GSM WAV of old call recorders", "gsm.wav", saved("GSM610"), seconds=2.0),
    Kind("96 kHz", "96k.wav", saved(rate=96_000)),
    Kind("11 channels", "11-channels.wav", saved(channels=11)),
    Kind("RF64, a WAV for more than 4 GB", "rf64.wav", saved(format="RF64")),
    Kind("AIFF", "a.aiff", saved()),
    Kind("AU", "a.au", saved()),
    Kind("FLAC", "a.flac", saved()),
    Kind("OGG Vorbis", "a.ogg", saved()),
    Kind("Opus", "a.opus", saved("OPUS", format="OGG", rate=16_000)),
    Kind("MP3", "a.mp3", saved(rate=16_000)),
    Kind("M4A", "a.m4a", encoded("aac")),
    Kind("video with sound", "video.mp4", encoded("aac", picture=True)),
    Kind("WebM", "a.webm", encoded("libopus")),
    Kind("headerless μ-law of a telephone system", "a.ulaw", ulaw_bytes),
    Kind("Asterisk's headerless 16-bit sound", "a.sln", raw_bytes),
    Kind("WAV that is called .ulaw", "header.ulaw", named(saved(), ".wav")),
    Kind("FLAC that is called .wav", "flac.wav", named(saved(), ".flac")),
    Kind("MP3 that is called .wav", "mp3.wav", named(saved(rate=16_000), ".mp3")),
    Kind("M4A that is called .wav", "m4a.wav", named(encoded("aac"), ".m4a")),
    Kind("WAV that is called .mp3", "wav.mp3", named(saved(), ".wav")),
    Kind("WAV that is called .raw", "wav.raw", named(saved(), ".wav")),
    Kind("WAV written as a stream: its length is 0", "stream-0.wav", wav(data=0, riff=0)),
    Kind("WAV written as a stream: its length is 4 GB", "stream-ff.wav", wav(data=0xFFFFFFFF, riff=0xFFFFFFFF)),
    Kind("WAV whose header promises three times as much", "too-long.wav", wav(data=3 * 32_000)),
    Kind("WAV whose header promises half as much", "too-short.wav", wav(data=16_000), seconds=1.0),
    Kind("WAV whose outer length is 0", "riff-0.wav", wav(riff=0)),
    Kind("WAV cut in half", "half.wav", wav(keep=0.5), seconds=1.0),
    Kind("MP3 cut in half", "half.mp3", cut(saved(rate=16_000, seconds=20.0), 0.5), TRUNCATED),
    Kind("OGG cut in half", "half.ogg", cut(saved(seconds=20.0), 0.5), seconds=None),
    Kind("FLAC cut in half", "half.flac", cut(saved(seconds=20.0), 0.5), "is damaged at"),
    Kind("all zeros", "zeros.wav", samples_of(np.zeros_like)),
    Kind("a constant (DC)", "dc.wav", samples_of(lambda samples: np.full_like(samples, 0.5))),
    Kind("float samples far above 1", "loud.wav", samples_of(lambda samples: 1_000 * samples)),
    Kind("a single sample", "one.wav", samples_of(lambda samples: samples[:1]), seconds=1 / RATE),
    Kind("50 ms", "50ms.wav", samples_of(lambda samples: samples[: RATE // 20]), seconds=0.05),
    Kind("three hours at 8 kHz, in constant memory", "long.wav", long_recording, seconds=10_800.0),
    Kind("name in several scripts", "Gespräch звонок 電話 ☎.wav", saved()),
    Kind("name with a line break and quotes", "line\nbreak 'quote\".wav", saved()),
    Kind("M4A whose name looks like an option or a protocol", "-i concat:a|b.m4a", named(encoded("aac"), ".m4a")),
)

BAD = (
    Kind("no such file", "gone.wav", lambda path: None, "does not exist; check the path"),
    Kind("no bytes", "empty.wav", written(b""), "is empty (0 bytes); copy or export the recording again"),
    Kind("no samples (WAV)", "none.wav", wav(data=0, riff=36, keep=44 / 32_044), "holds no sound: its length is zero"),
    Kind("half a WAV header", "header.wav", wav(keep=20 / 32_044), DAMAGED),
    Kind("M4A cut in half", "half.m4a", cut(encoded("aac"), 0.5), DAMAGED),
    Kind("not a number among the samples", "nan.wav", spoilt(np.nan), "samples that are not numbers (NaN or infinite)"),
    Kind("an infinite sample", "inf.wav", spoilt(np.inf), "samples that are not numbers (NaN or infinite)"),
    Kind("WAV at 1 Hz", "1hz.wav", wav(rate=1), "states a sample rate of 1 Hz; expected 1000 to 768000"),
    Kind("WAV with no channels", "no-channels.wav", wav(channels=0), DAMAGED),
    Kind("video without sound", "silent.mp4", encoded("", picture=True, only_picture=True), DAMAGED),
    Kind("text", "minutes.wav", written(b"Minutes of the meeting.\n" * 40), "is a text file; expected audio"),
    Kind(
        "web page that was saved as MP3",
        "page.mp3",
        written(b"<!DOCTYPE html><title>404</title>"),
        "is a text file; expected audio",
    ),
    Kind("image", "picture.wav", written(PNG), DAMAGED),
    Kind("archive", "archive.wav", written(b"PK\x03\x04\x14\0\0\0\x08\0" + NOISE), DAMAGED),
    Kind("noise that is called MP3", "noise.mp3", written(b"\0\1\2\3" * 2_000), DAMAGED),
    Kind("noise that is called OGG", "noise.ogg", written(b"OggS\0" + NOISE), DAMAGED),
    Kind(
        "playlist",
        "list.m3u8",
        written(b"#EXTM3U\n#EXTINF:1,\nplain.wav\n#EXT-X-ENDLIST\n"),
        "is a text file; expected audio",
    ),
    Kind(
        "script that joins other files",
        "join.wav",
        written(b"ffconcat version 1.0\nfile plain.wav\n"),
        "is a text file; expected audio",
    ),
    Kind(
        "headerless sound that nobody declared",
        "what.raw",
        raw_bytes,
        "no header that says what it holds; say it with --raw",
    ),
    Kind("folder", "folder.wav", Path.mkdir, "is a folder; a recording (a file) was expected"),
    Kind(
        "link to nothing",
        "broken.wav",
        lambda path: path.symlink_to("nothing.wav"),
        "is a link to a file that does not exist",
    ),
    Kind("link to itself", "loop.wav", lambda path: path.symlink_to(path.name), "cannot be opened"),
    Kind(
        "pipe, which is not waited for",
        "pipe.wav",
        os.mkfifo,
        "is a pipe or a device; a recording (a file) was expected",
    ),
    Kind("name that is too long", "x" * 300 + ".wav", lambda path: None, "cannot be opened"),
    Kind("no permission", "locked.wav", locked, "cannot be opened (Permission denied)"),
)

KINDS = (*GOOD, *BAD)


def table() -> str:
    """The matrix as Markdown."""
    rows = [f"| {kind.what} | {kind.outcome} |" for kind in KINDS]
    return "\n".join(["| file | what becomes of it |", "|---|---|", *rows]) + "\n"


if __name__ == "__main__":
    page = Path(__file__).parents[2] / "docs" / "bad-audio.md"
    before = page.read_text(encoding="utf-8").partition("| file |")[0]
    page.write_text(before + table(), encoding="utf-8")
    sys.stdout.write(f"{len(KINDS)} kinds written to {page.name}\n")
