"""What a recording's page plays and draws: how the sound gets into it, and how fine the pictures have to be."""

from __future__ import annotations

import base64
import os
from pathlib import Path
from urllib.parse import quote

EMBEDDED = 5_000_000  # bytes of sound that a page carries along: some twenty minutes of telephone speech in Opus

#: What browsers play: media types by extension. A page with anything else shows everything and stays silent.
PLAYED = {
    ".mp3": "audio/mpeg",
    ".ogg": "audio/ogg",
    ".oga": "audio/ogg",
    ".opus": "audio/ogg",
    ".webm": "audio/webm",
    ".m4a": "audio/mp4",
    ".mp4": "audio/mp4",
    ".aac": "audio/aac",
    ".flac": "audio/flac",
    ".wav": "audio/wav",
}

_PEAKS_A_SECOND, _MOST_PEAKS = 50, 24_000  # an hour: seven a second, enough to zoom in on one sentence
_COLUMNS_A_SECOND, _MOST_COLUMNS = 25, 3_000
BANDS = 48  # of the spectrogram: as many as its lane has pixels


def picture_sizes(duration: float) -> tuple[int, int, int]:
    """How many peaks, spectrogram columns and bands a page of `duration` seconds shows, as `audio.sound_pictures` wants."""
    count = max(min(round(duration * _PEAKS_A_SECOND), _MOST_PEAKS), 100)
    return count, max(min(round(duration * _COLUMNS_A_SECOND), _MOST_COLUMNS), 50), BANDS


def embedded_audio(path: str | Path, limit: int = EMBEDDED) -> str | None:
    """A recording, byte for byte, as a `data:` address; None if it has more than `limit` bytes or browsers cannot play it.

    Raises:
        OSError: it cannot be read.
    """
    file = Path(path)
    kind = PLAYED.get(file.suffix.lower())
    if kind is None or file.stat().st_size > limit:
        return None
    return f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode()}"


def linked_audio(path: str | Path, page: str | Path) -> str | None:
    """The address of a recording relative to the file of its page; None where there is none (another drive).

    The two have to be moved together.
    """
    try:
        relative = os.path.relpath(Path(path).absolute(), Path(page).absolute().parent)
    except ValueError:
        return None
    # The prefix keeps a colon in a file's name from being read as a scheme.
    return "./" + quote(os.fsencode(relative.replace(os.sep, "/")))
