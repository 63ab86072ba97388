"""Which containers and codecs are ever opened, and what a header may state: what a file asks for is not simply believed.

FFmpeg knows 371 containers. Some of them are lists of other files and addresses (HLS, DASH, SDP, ffconcat, image
sequences), many are games' formats that nobody has looked at for years. Recordings of speech need the few below.
"""

from __future__ import annotations

from pathlib import Path

from tonewise.audio.opening import first_bytes
from tonewise.errors import AudioError

#: What FFmpeg calls the containers that are opened; every one carries its sound within itself.
CONTAINERS = (
    "aac", "ac3", "aiff", "amr", "ape", "asf", "au", "avi", "caf", "dss", "eac3", "flac", "flv", "gsm", "loas", "matroska",
    "mov", "mp3", "mp4", "mpeg", "mpegts", "nistsphere", "ogg", "tta", "voc", "w64", "wav", "webm", "wv",
)  # fmt: skip

#: What FFmpeg calls the decoders that may run. None is a picture's: the video of a call is never decoded, not even to probe.
CODECS = (
    "aac", "aac_latm", "ac3", "adpcm_ima_qt", "adpcm_ima_wav", "adpcm_ms", "adpcm_swf", "adpcm_yamaha",
    "alac", "amrnb", "amrwb", "ape", "dss_sp", "eac3", "flac", "g722", "g726", "g726le", "gsm", "gsm_ms", "ilbc",
    "libopencore_amrnb", "libopencore_amrwb", "libopus", "mp1", "mp1float", "mp2", "mp2float", "mp3", "mp3float",
    "nellymoser", "opus", "pcm_alaw", "pcm_f32be", "pcm_f32le", "pcm_f64be", "pcm_f64le", "pcm_mulaw", "pcm_s16be",
    "pcm_s16le", "pcm_s24be", "pcm_s24le", "pcm_s32be", "pcm_s32le", "pcm_s8", "pcm_u16be", "pcm_u16le", "pcm_u8",
    "qcelp", "speex", "truespeech", "tta", "vorbis", "wavpack", "wmalossless", "wmapro", "wmav1", "wmav2", "wmavoice",
)  # fmt: skip

#: What FFmpeg is told, always. A file may not name others, nor have it look at more than this for what the file is.
OPTIONS = {
    "format_whitelist": ",".join(CONTAINERS),
    "codec_whitelist": ",".join(CODECS),
    "protocol_whitelist": "file",
    "enable_drefs": "0",  # a MOV's references to sound in other files
    "use_absolute_path": "0",
    "max_streams": "64",
    "probesize": "5000000",  # bytes
    "analyzeduration": "10000000",  # microseconds
}

#: Containers in which streams may appear half-way. PyAV would read beyond its list of them: no more are let in than it has.
GROWING = frozenset({"asf", "flv", "mpeg", "mpegts", "ogg"})

#: First bytes of what libsndfile may look at: WAV, RF64, Wave64, FLAC, OGG, AIFF, AU, CAF, NIST, VOC, and MP3 with a tag.
HEADS = (
    *(b"RIFF", b"RIFX", b"RF64", b"riff", b"fLaC", b"OggS", b"FORM"),
    *(b".snd", b"dns.", b"caff", b"NIST", b"Crea", b"ID3"),
)

RATES = (1_000, 768_000)  # Hz, the least and the most; what states another rate is no recording of speech
MAX_CHANNELS = 64
MAX_HOURS = 1_000  # of one file: six weeks without a break


def known_to_sndfile(file: Path) -> bool:
    """Whether a file begins as one of the formats that libsndfile is used for; its other readers are never run.

    Raises:
        AudioError: the file cannot be opened any more.
    """
    head = first_bytes(file, 4)
    mp3 = len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0
    return head.startswith(HEADS) or mp3


def check_stated(file: Path, rate: float, channels: int, seconds: float = 0.0) -> None:
    """Refuse what no recording of speech is, before memory is taken for it.

    Raises:
        AudioError: an impossible rate (Hz), number of channels or length.
    """
    least, most = RATES
    if not least <= rate <= most:
        raise AudioError(f"{file} states a sample rate of {rate:g} Hz; expected {least} to {most}: export it again")
    if not 1 <= channels <= MAX_CHANNELS:
        raise AudioError(f"{file} states {channels:,} channels; expected 1 to {MAX_CHANNELS}: export it again")
    if seconds > MAX_HOURS * 3600:
        raise AudioError(
            f"{file} states {seconds / 3600:,.0f} hours of sound; expected at most {MAX_HOURS:,}: export it again"
        )
