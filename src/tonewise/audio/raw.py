"""Sound without a header: what such files hold is said by their extension, or by whoever brings them.

Telephone systems write nothing but samples: `.ulaw` (G.711 μ-law), `.alaw` (A-law) and Asterisk's `.sln` (16-bit linear) are
8 kHz and mono by custom. `.raw` and `.pcm` may be anything: without a declaration they are refused, not guessed at.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from tonewise.audio.allowed import HEADS, MAX_CHANNELS, RATES
from tonewise.errors import AudioError, OptionError

#: libsndfile's subtype and byte order by the name that people write.
_ENCODINGS = {
    "ulaw": ("ULAW", "FILE"),
    "alaw": ("ALAW", "FILE"),
    "pcm8": ("PCM_S8", "FILE"),
    "pcmu8": ("PCM_U8", "FILE"),
    "pcm16": ("PCM_16", "LITTLE"),
    "pcm24": ("PCM_24", "LITTLE"),
    "pcm32": ("PCM_32", "LITTLE"),
    "float32": ("FLOAT", "LITTLE"),
    "float64": ("DOUBLE", "LITTLE"),
    "pcm16be": ("PCM_16", "BIG"),
    "pcm24be": ("PCM_24", "BIG"),
    "pcm32be": ("PCM_32", "BIG"),
    "float32be": ("FLOAT", "BIG"),
    "float64be": ("DOUBLE", "BIG"),
}
ENCODINGS = tuple(_ENCODINGS)

#: What files with headers begin with, WebM and Matroska among them. Many a `.raw` or `.ulaw` is one by another name.
_HEADERS = (*HEADS, b"\x1aE\xdf\xa3")


@dataclass(frozen=True, slots=True)
class RawFormat:
    """What a file without a header holds: an encoding of `ENCODINGS`, its rate in Hz, its interleaved channels.

    Raises:
        OptionError: an unknown encoding, or an impossible rate or number of channels.
    """

    encoding: str
    rate: int
    channels: int = 1

    def __post_init__(self) -> None:
        if self.encoding not in _ENCODINGS:
            raise OptionError(f"unknown encoding '{self.encoding}' of raw audio; choose one of {', '.join(ENCODINGS)}")
        least, most = RATES
        if not least <= self.rate <= most:
            raise OptionError(f"raw audio at {self.rate} Hz is impossible; expected {least} to {most}")
        if not 1 <= self.channels <= MAX_CHANNELS:
            raise OptionError(f"raw audio of {self.channels} channels is impossible; expected 1 to {MAX_CHANNELS}")

    def __str__(self) -> str:
        return f"{self.encoding}:{self.rate}:{self.channels}"

    @property
    def subtype(self) -> str:
        """libsndfile's name of the encoding."""
        return _ENCODINGS[self.encoding][0]

    @property
    def endian(self) -> str:
        """libsndfile's name of the order of bytes."""
        return _ENCODINGS[self.encoding][1]


#: By extension in lower case. Asterisk names the rate of linear sound after `.sln`.
CUSTOMARY = MappingProxyType(
    {
        **dict.fromkeys((".ulaw", ".ul", ".mulaw"), RawFormat("ulaw", 8_000)),
        **dict.fromkeys((".alaw", ".al"), RawFormat("alaw", 8_000)),
        ".sln": RawFormat("pcm16", 8_000),
        **{f".sln{khz}": RawFormat("pcm16", khz * 1_000) for khz in (12, 16, 24, 32, 48, 96)},
        ".sln44": RawFormat("pcm16", 44_100),
    }
)
UNDECLARED = (".raw", ".pcm")
RAW_EXTENSIONS = (*CUSTOMARY, *UNDECLARED)

_declared: dict[str, RawFormat] = {}


def parse_raw(text: str) -> RawFormat:
    """A declaration as people write it: `ENCODING:RATE[:CHANNELS]`, such as `pcm16:16000` or `ulaw:8000:2`.

    Raises:
        OptionError: it is none.
    """
    encoding, *numbers = text.strip().lower().split(":")
    if len(numbers) not in (1, 2) or not all(number.isascii() and number.isdecimal() for number in numbers):
        raise OptionError(
            f"'{text}' does not say what raw audio is; expected ENCODING:RATE[:CHANNELS], as in ulaw:8000"
        )
    return RawFormat(encoding, *map(int, numbers))


def declare(path: str | Path, form: RawFormat) -> None:
    """Say what a headerless file holds, for as long as this process lives; the last word counts.

    It is ignored for files whose extension names another encoding (a `.ulaw` among files that are said to be `pcm16`), and
    for those whose extension promises a header.
    """
    extension = Path(path).suffix.lower()
    custom = CUSTOMARY.get(extension)
    if extension in UNDECLARED or (custom is not None and custom.encoding == form.encoding):
        _declared[_key(path)] = form


def raw_format(path: str | Path) -> RawFormat | None:
    """What a headerless file holds, as it was declared or by its extension; None = it is to be told from its content.

    Raises:
        AudioError: the extension says that there is no header, and nobody said what there is instead.
    """
    file = Path(path)
    if not is_raw(file):
        return None
    found = _declared.get(_key(file)) or CUSTOMARY.get(file.suffix.lower())
    if _has_header(file):
        return None
    if found is None:
        raise AudioError(
            f"{file} has no header that says what it holds; say it with --raw ENCODING:RATE[:CHANNELS], as in "
            "--raw pcm16:16000"
        )
    return found


def declared(path: str | Path) -> str | None:
    """What a headerless file is heard as, None where it has a header or nobody said: a clip's `raw`."""
    if not is_raw(path):
        return None
    try:
        found = raw_format(path)
    except AudioError:
        return None
    return None if found is None else str(found)


def is_raw(path: str | Path) -> bool:
    """Whether the extension says that the file has no header."""
    return Path(path).suffix.lower() in RAW_EXTENSIONS


def _has_header(file: Path) -> bool:
    try:
        with file.open("rb") as stream:
            return stream.read(4).startswith(_HEADERS)
    except OSError:
        return False


def _key(path: str | Path) -> str:
    return str(Path(path).absolute())
