"""Recordings of every format, changed at random: what the fuzzer and its short test feed to the decoders."""

from __future__ import annotations

import functools
import random
import struct
from pathlib import Path

import hostile_media

#: What libsndfile writes: name, extension, format, subtype.
_SNDFILE = (
    ("WAV", "wav", "WAV", "PCM_16"),
    ("WAV, μ-law", "wav", "WAV", "ULAW"),
    ("WAV, GSM", "wav", "WAV", "GSM610"),
    ("WAV, MS ADPCM", "wav", "WAV", "MS_ADPCM"),
    ("WAV, IMA ADPCM", "wav", "WAV", "IMA_ADPCM"),
    ("WAV, float", "wav", "WAV", "FLOAT"),
    ("RF64", "wav", "RF64", "PCM_24"),
    ("Wave64", "w64", "W64", "PCM_16"),
    ("AIFF", "aiff", "AIFF", "PCM_16"),
    ("AU, μ-law", "au", "AU", "ULAW"),
    ("CAF", "caf", "CAF", "PCM_16"),
    ("CAF, ALAC", "caf", "CAF", "ALAC_16"),
    ("NIST", "nist", "NIST", "PCM_16"),
    ("VOC", "voc", "VOC", "PCM_16"),
    ("FLAC", "flac", "FLAC", "PCM_16"),
    ("OGG Vorbis", "ogg", "OGG", "VORBIS"),
    ("Opus", "opus", "OGG", "OPUS"),
    ("MP3", "mp3", "MP3", "MPEG_LAYER_III"),
)

#: What FFmpeg writes: name, extension, codec, container, rate in Hz.
_FFMPEG = (
    ("M4A", "m4a", "aac", "ipod", 16_000),
    ("M4A, ALAC", "m4a", "alac", "ipod", 16_000),
    ("MP4", "mp4", "aac", "mp4", 16_000),
    ("MOV, μ-law", "mov", "pcm_mulaw", "mov", 8_000),
    ("3GP", "3gp", "aac", "3gp", 16_000),
    ("AAC", "aac", "aac", "adts", 16_000),
    ("AMR", "amr", "libopencore_amrnb", "amr", 8_000),
    ("WebM", "webm", "libopus", "webm", 48_000),
    ("Matroska, AC-3", "mkv", "ac3", "matroska", 48_000),
    ("AVI, MP2", "avi", "mp2", "avi", 16_000),
    ("WMA", "wma", "wmav2", "asf", 44_100),
    ("MPEG-TS", "ts", "aac", "mpegts", 16_000),
    ("MPEG", "mpg", "mp2", "mpeg", 48_000),
    ("FLV", "flv", "libmp3lame", "flv", 44_100),
    ("TTA", "tta", "tta", "tta", 16_000),
    ("WavPack", "wv", "wavpack", "wv", 16_000),
    ("E-AC-3", "eac3", "eac3", "eac3", 48_000),
)

#: Numbers that break arithmetic.
_EDGES = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFF0, 0xFFFFFFFF)
_LAYOUTS = ("<B", "<H", ">H", "<I", ">I", "<Q", ">Q")
SEED_SECONDS = 0.5
REAL_BYTES = 40_000  # of a real recording: its beginning
REAL = (".mp3", ".wav", ".ulaw", ".flac", ".ogg", ".opus", ".m4a")


@functools.cache
def seeds(real: Path | None = None) -> dict[str, tuple[str, bytes]]:
    """(extension, content) by format, made here; beginnings of real recordings of the folder `real` beside them."""
    found = {
        name: (extension, hostile_media.written(form, subtype, SEED_SECONDS))
        for name, extension, form, subtype in _SNDFILE
    }
    for name, extension, codec, container, rate in _FFMPEG:
        content = _encoded(codec, container, rate)
        if content:
            found[name] = (extension, content)
    found["μ-law without a header"] = ("ulaw", bytes(random.Random(0).randbytes(4_000)))
    found["MOV with a reference"] = ("mov", hostile_media.mov_with_reference("secret.pcm"))
    return {**found, **_real(real)}


def _encoded(codec: str, container: str, rate: int) -> bytes | None:
    """None where this build of FFmpeg has no such encoder."""
    import av

    try:
        return hostile_media.encoded(codec, container, SEED_SECONDS, rate)
    except (av.FFmpegError, av.codec.codec.UnknownCodecError):
        return None


def _real(folder: Path | None) -> dict[str, tuple[str, bytes]]:
    if folder is None:
        return {}
    found: dict[str, tuple[str, bytes]] = {}
    for extension in REAL:
        for number, file in enumerate(sorted(folder.rglob(f"*{extension}"))[:400:100]):
            with file.open("rb") as stream:
                found[f"real {extension[1:]} {number}"] = (extension[1:], stream.read(REAL_BYTES))
    return found


def mutated(content: bytes, source: random.Random, others: list[bytes]) -> bytes:
    """One to four changes of a recording."""
    changed = bytearray(content)
    for _ in range(source.choice((1, 1, 2, 4))):
        if not changed:
            break
        source.choice(_CHANGES)(changed, source, others)
    return _with_checksums(changed) if changed[:4] == b"OggS" and source.random() < 0.7 else bytes(changed)


def _flip(data: bytearray, source: random.Random, _: list[bytes]) -> None:
    for _n in range(source.choice((1, 4, 32))):
        data[source.randrange(len(data))] ^= 1 << source.randrange(8)


def _cut(data: bytearray, source: random.Random, _: list[bytes]) -> None:
    del data[source.randrange(len(data)) :]


def _edit_head(data: bytearray, source: random.Random, _: list[bytes]) -> None:
    for _n in range(source.choice((1, 2, 8))):
        data[source.randrange(min(len(data), 512))] = source.randrange(256)


def _edit_size(data: bytearray, source: random.Random, _: list[bytes]) -> None:
    """An edge case where a number may stand: mostly early in the file or late, where tables are."""
    layout = source.choice(_LAYOUTS)
    size = struct.calcsize(layout)
    if len(data) < size:
        return
    room = len(data) - size + 1
    early, late = source.randrange(min(room, 200)), room - 1 - source.randrange(min(room, 1_200))
    place = source.choice((early, late, source.randrange(room)))
    number = source.choice(_EDGES) * source.choice((1, 1, 1 << 32))
    struct.pack_into(layout, data, place, number & ((1 << 8 * size) - 1))


def _remove(data: bytearray, source: random.Random, _: list[bytes]) -> None:
    begin = source.randrange(len(data))
    del data[begin : begin + source.choice((1, 2, 16, 400))]


def _repeat(data: bytearray, source: random.Random, _: list[bytes]) -> None:
    begin = source.randrange(len(data))
    piece = bytes(data[begin : begin + source.choice((4, 64, 2_000))])
    data[begin:begin] = piece * source.choice((1, 3))


def _splice(data: bytearray, source: random.Random, others: list[bytes]) -> None:
    """Go on with another file, or with its middle."""
    other = source.choice(others)
    begin = source.randrange(len(other) or 1)
    place = source.randrange(len(data))
    data[place : source.choice((place, len(data)))] = other[begin : begin + 4_000]


def _noise(data: bytearray, source: random.Random, _: list[bytes]) -> None:
    begin = source.randrange(len(data))
    length = min(source.choice((8, 200)), len(data) - begin)
    data[begin : begin + length] = source.randbytes(length)


_CHANGES = (_flip, _cut, _edit_head, _edit_head, _edit_size, _edit_size, _edit_size, _remove, _repeat, _splice, _noise)


def _with_checksums(data: bytearray) -> bytes:
    """OGG with its pages' checksums made right, so that what was changed is not thrown away at the door."""
    place = data.find(b"OggS")
    while place >= 0 and place + 27 <= len(data):
        lacing = data[place + 27 : place + 27 + data[place + 26]]
        end = place + 27 + len(lacing) + sum(lacing)
        if end > len(data):
            break
        data[place + 22 : place + 26] = bytes(4)
        struct.pack_into("<I", data, place + 22, hostile_media.crc(bytes(data[place:end]), 32, 0x04C11DB7))
        place = data.find(b"OggS", end)
    return bytes(data)
