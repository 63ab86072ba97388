"""Files that are made to do harm: each names another file or an address, or promises more than a machine can hold."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import soundfile

RATE = 8_000


def tone(seconds: float = 1.0) -> np.ndarray:
    return (0.3 * np.sin(2 * np.pi * 300 * np.arange(round(seconds * RATE)) / RATE)).astype(np.float32)


def encoded(codec: str, container: str, seconds: float = 1.0, rate: int = 16_000) -> bytes:
    """A second of sound as FFmpeg writes it."""
    stream = io.BytesIO()
    with av.open(stream, "w", format=container) as output:
        track = output.add_stream(codec, rate=rate, layout="mono")
        if codec.startswith("wma"):
            track.bit_rate = 64_000
        time = np.arange(round(seconds * rate)) / rate
        samples = (0.3 * np.sin(2 * np.pi * (300 + 20 * time) * time)).astype(np.float32)[None, :]
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="mono")
        frame.sample_rate = rate
        resampler = av.AudioResampler(format=track.format, layout="mono", rate=rate, frame_size=track.frame_size or 0)
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            for packet in track.encode(piece):
                output.mux(packet)
        for packet in track.encode(None):
            output.mux(packet)
    return stream.getvalue()


def written(form: str, subtype: str | None = None, seconds: float = 1.0) -> bytes:
    """A second of sound as libsndfile writes it."""
    stream = io.BytesIO()
    soundfile.write(stream, tone(seconds), RATE, format=form, subtype=subtype)
    return stream.getvalue()


# What names something else. Each is given the address or path that must not be opened.


def hls(target: str) -> bytes:
    return f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n{target}\n#EXT-X-ENDLIST\n".encode()


def concat(target: str) -> bytes:
    return f"ffconcat version 1.0\nfile '{target}'\n".encode()


def dash(target: str) -> bytes:
    return (
        '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT9S">'
        '<Period><AdaptationSet mimeType="audio/mp4"><Representation id="a" bandwidth="1">'
        f"<BaseURL>{target}</BaseURL></Representation></AdaptationSet></Period></MPD>"
    ).encode()


def xspf(target: str) -> bytes:
    return (
        '<?xml version="1.0"?><playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList><track>'
        f"<location>{target}</location></track></trackList></playlist>"
    ).encode()


def pls(target: str) -> bytes:
    return f"[playlist]\nFile1={target}\nNumberOfEntries=1\n".encode()


def sdp(target: str) -> bytes:
    port = target.rpartition(":")[2].partition("/")[0]
    return (
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        f"m=audio {port if port.isdecimal() else 5004} RTP/AVP 0\r\n"
    ).encode()


def asx(target: str) -> bytes:
    return f'<asx version="3.0"><entry><ref href="{target}"/></entry></asx>'.encode()


def rtsp_text(target: str) -> bytes:
    return f"RTSPtext\r\n{target}\r\n".encode()


POINTERS: dict[str, Callable[[str], bytes]] = {
    "HLS": hls,
    "ffconcat": concat,
    "DASH": dash,
    "XSPF": xspf,
    "PLS": pls,
    "SDP": sdp,
    "ASX": asx,
    "RTSP reference": rtsp_text,
}


def atom(kind: bytes, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return struct.pack(">I4s", 8 + len(content), kind) + content


def alias(name: str) -> bytes:
    """A Macintosh alias record that points at a file beside this one, as `mov.c` of FFmpeg reads it."""
    path = b"/" + name.encode()
    path += b"\0" * (len(path) % 2)
    target = struct.pack(">HH", 2, len(path)) + path + struct.pack(">HH", 0xFFFF, 0)
    fixed = bytes(10) + bytes([0]) + bytes(27) + bytes(12) + bytes([len(name)]) + name.encode().ljust(63, b"\0")
    return fixed + bytes(16) + struct.pack(">HH", 1, 1) + bytes(16) + target + bytes(16)


def mov_with_reference(beside: str, frames: int = RATE) -> bytes:
    """A MOV of 16-bit sound whose samples lie in another file, from its first byte on."""
    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    mvhd = struct.pack(">5I", 0, 0, 0, RATE, frames) + struct.pack(">IH10x", 0x10000, 0x100) + matrix + bytes(24)
    mvhd += struct.pack(">I", 2)
    tkhd = struct.pack(">6I", 7, 0, 0, 1, 0, frames) + bytes(8) + struct.pack(">4H", 0, 0, 0x100, 0) + matrix + bytes(8)
    mdhd = struct.pack(">5IHH", 0, 0, 0, RATE, frames, 0, 0)
    hdlr = struct.pack(">I4s4s", 0, b"mhlr", b"soun") + bytes(13)
    entry = atom(b"sowt", bytes(6), struct.pack(">HHHIHHHHI", 1, 0, 0, 0, 1, 16, 0, 0, RATE << 16))
    dref = atom(b"dref", struct.pack(">II", 0, 1), atom(b"alis", struct.pack(">I", 0), alias(beside)))
    tables = (
        atom(b"stsd", struct.pack(">II", 0, 1), entry),
        atom(b"stts", struct.pack(">4I", 0, 1, frames, 1)),
        atom(b"stsc", struct.pack(">5I", 0, 1, 1, frames, 1)),
        atom(b"stsz", struct.pack(">3I", 0, 2, frames)),
        atom(b"stco", struct.pack(">3I", 0, 1, 0)),
    )
    minf = atom(b"minf", atom(b"smhd", bytes(8)), atom(b"dinf", dref), atom(b"stbl", *tables))
    media = atom(b"mdia", atom(b"mdhd", mdhd), atom(b"hdlr", hdlr), minf)
    ftyp = atom(b"ftyp", b"qt  ", bytes(4), b"qt  ")
    return (
        ftyp + atom(b"moov", atom(b"mvhd", mvhd), atom(b"trak", atom(b"tkhd", tkhd), media)) + atom(b"mdat", bytes(64))
    )


# What promises more than there is.


def wav(*, channels: int = 1, rate: int = RATE, size: int | None = None) -> bytes:
    samples = (tone() * 32_767).astype("<i2").tobytes()
    size = len(samples) if size is None else size
    block = 2 * channels & 0xFFFF
    form = struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * 2 & 0xFFFFFFFF, block, 16)
    return (
        b"RIFF"
        + struct.pack("<I", size + 36 & 0xFFFFFFFF)
        + b"WAVEfmt "
        + form
        + b"data"
        + struct.pack("<I", size)
        + samples
    )


def flac_with_channels_and_rate(rate: int = 655_350) -> bytes:
    content = bytearray(written("FLAC"))
    packed = int.from_bytes(content[18:26], "big")
    packed = packed & ~(0xFFFFF << 44) | rate << 44 | 7 << 41  # 20 bits of rate, 3 of channels - 1
    content[18:26] = packed.to_bytes(8, "big")
    return bytes(content)


def opus_of_channels(channels: int = 255) -> bytes:
    head = b"OpusHead" + struct.pack("<BBHIhBBB", 1, channels, 0, 48_000, 0, 255, channels, 0) + bytes(range(channels))
    tags = b"OpusTags" + struct.pack("<I4sI", 4, b"none", 0)
    return ogg([[head], [tags], [b"\xfc\xff\xfe"] * 50])


def caf_of_channels(channels: int = 65_535) -> bytes:
    description = struct.pack(">d4sIIIII", float(RATE), b"lpcm", 0, 2 * channels, 1, channels, 16)
    return (
        b"caff" + struct.pack(">HH", 1, 0) + b"desc" + struct.pack(">q", 32) + description
        + b"data" + struct.pack(">qI", 4 + 4 * channels, 0) + bytes(4 * channels)
    )  # fmt: skip


def au_of_channels(channels: int = 65_535) -> bytes:
    return struct.pack(">4s5I", b".snd", 24, 0xFFFFFFFF, 3, RATE, channels) + bytes(4 * channels)


def m4a_with_count(box: bytes, count: int = 0x7FFFFFFF, size: int | None = None) -> bytes:
    """An M4A whose table `box` claims to have `count` entries; `size` is `stsz`'s size of every sample."""
    content = bytearray(encoded("aac", "mp4"))
    place = content.index(box) + 8  # behind the name, version and flags
    if box == b"stsz":
        struct.pack_into(">I", content, place, size or 0)
        place += 4
    struct.pack_into(">I", content, place, count)
    return bytes(content)


def mp3_stating(frames: int = 0xFFFFFFFF) -> bytes:
    """An MP3 whose Xing header states ever so many frames."""
    content = bytearray(written("MP3", seconds=3.0))
    marker = next(name for name in (b"Xing", b"Info") if name in content)
    struct.pack_into(">I", content, content.index(marker) + 8, frames)
    return bytes(content)


def gzip_bomb(bytes_inside: int = 50_000_000) -> bytes:
    return gzip.compress(bytes(bytes_inside), 6)


def zip_bomb(bytes_inside: int = 50_000_000) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.wav", bytes(bytes_inside))
    return stream.getvalue()


# Little that becomes much: sound whose every packet is silence.


def flac_bomb(hours: float, rate: int = RATE, stated: bool = True) -> bytes:
    """FLAC of nothing but constant frames, 65,535 samples in 13 to 15 bytes; it may leave its length unstated."""
    block = 65_535
    frames = round(hours * 3600 * rate / block)
    packed = rate << 44 | 15 << 36 | (frames * block if stated else 0)
    info = struct.pack(">HH", block, block) + bytes(6) + packed.to_bytes(8, "big") + bytes(16)
    out = [b"fLaC", bytes([0x80]), len(info).to_bytes(3, "big"), info]
    for number in range(frames):
        # Blocksize and rate as in the two next bytes / as stated; one channel, 16 bits; one constant subframe of zero.
        head = b"\xff\xf8\x70\x08" + utf8(number) + struct.pack(">H", block - 1)
        frame = head + bytes([crc(head, 8, 0x07)]) + b"\0\0\0"
        out.append(frame + struct.pack(">H", crc(frame, 16, 0x8005)))
    return b"".join(out)


def opus_bomb(hours: float) -> bytes:
    """Opus of nothing but packets of one byte, which are 120 ms of silence; the last page says that it is over at once."""
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, 48_000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I4sI", 4, b"none", 0)
    pages = [[b"\x19"] * 255] * round(hours * 3600 / 0.12 / 255)
    return ogg([[head], [tags], *pages], granule=4_800)


def ogg(pages: list[list[bytes]], granule: int = 0) -> bytes:
    """Pages of whole packets (each shorter than 255 bytes)."""
    out = []
    for number, packets in enumerate(pages):
        kind = (2 if number == 0 else 0) | (4 if number == len(pages) - 1 else 0)
        lacing = b"".join(bytes([255] * (len(packet) // 255) + [len(packet) % 255]) for packet in packets)
        head = struct.pack("<4sBBqIII", b"OggS", 0, kind, granule if number > 1 else 0, 7, number, 0)
        page = bytearray(head + bytes([len(lacing)]) + lacing + b"".join(packets))
        struct.pack_into("<I", page, 22, crc(page, 32, 0x04C11DB7))
        out.append(bytes(page))
    return b"".join(out)


def utf8(number: int) -> bytes:
    """A number as FLAC writes it: UTF-8 beyond its usual range."""
    if number < 0x80:
        return bytes([number])
    tail = []
    limit = 0x40
    while number >= limit:
        tail.append(0x80 | number & 0x3F)
        number >>= 6
        limit >>= 1
    return bytes([(0xFF00 >> (len(tail) + 1)) & 0xFF | number, *reversed(tail)])


_TABLES: dict[tuple[int, int], list[int]] = {}


def crc(data: bytes, bits: int, polynomial: int) -> int:
    """A cyclic redundancy check, most significant bit first, beginning with zero."""
    table = _TABLES.setdefault((bits, polynomial), [])
    top, mask = 1 << (bits - 1), (1 << bits) - 1
    for byte in range(len(table), 256):
        value = byte << (bits - 8)
        for _ in range(8):
            value = (value << 1 ^ polynomial) if value & top else value << 1
        table.append(value & mask)
    found = 0
    for byte in data:
        found = (found << 8 & mask) ^ table[found >> (bits - 8) ^ byte]
    return found


CLAIMS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "WAV of 65,535 channels": ("channels.wav", lambda: wav(channels=65_535)),
    "WAV at 4 GHz": ("rate.wav", lambda: wav(rate=0xFFFFFFFF)),
    "WAV that claims 4 GB": ("size.wav", lambda: wav(size=0xFFFFFFF0)),
    "FLAC at 655,350 Hz with 8 channels": ("rate.flac", flac_with_channels_and_rate),
    "Opus of 255 channels": ("channels.opus", opus_of_channels),
    "CAF of 65,535 channels": ("channels.caf", caf_of_channels),
    "AU of 65,535 channels": ("channels.au", au_of_channels),
    "MP3 that states 4 billion frames": ("frames.mp3", mp3_stating),
    "M4A with 2 billion sample sizes": ("stsz.m4a", lambda: m4a_with_count(b"stsz")),
    "M4A with 2 billion samples of one size": ("stsz1.m4a", lambda: m4a_with_count(b"stsz", size=1)),
    "M4A with 2 billion durations": ("stts.m4a", lambda: m4a_with_count(b"stts")),
    "M4A with 2 billion chunks": ("stco.m4a", lambda: m4a_with_count(b"stco")),
    "gzip bomb": ("bomb.wav", gzip_bomb),
    "zip bomb": ("bomb.mp3", zip_bomb),
    "FLAC that states 2,000 hours": ("long.flac", lambda: flac_bomb(2_000 / 3600, RATE)[:8]),
}


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path
