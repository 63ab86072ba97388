"""Bytes of a text file to text."""

from __future__ import annotations

import codecs
from pathlib import Path

from tonewise.errors import TranscriptError

#: Bytes that a transcript may have. A day of speech, word by word, as Google writes it takes 63 MB; what such a file
#: becomes in memory is at most some 15 times as much (measured, on lists of tiny strings; `json_text.MAX_CONTAINERS`).
MAX_BYTES = 100_000_000

_UTF16_BOMS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode_text(data: bytes) -> str | None:
    """Decode UTF-8 (with or without BOM), UTF-16 with a BOM, else Windows-1252; None if `data` is no text."""
    encodings = ("utf-16",) if data.startswith(_UTF16_BOMS) else ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        # Every sound file has NULs in its header and no transcript has one anywhere.
        return None if "\0" in text else text.replace("\r\n", "\n").replace("\r", "\n")
    return None


def read_text(path: Path) -> str:
    """The text of a transcript with `\\n` line ends, without BOM.

    Raises `TranscriptError` for a file that is missing, empty, larger than `MAX_BYTES` or no text.
    """
    data = _read_bytes(path)
    text = decode_text(data)
    if text is None:
        raise TranscriptError(f"{path}: a binary file, expected text (UTF-8, or UTF-16 with a byte order mark)")
    if not text.strip():
        raise TranscriptError(f"{path}: the file is empty, expected a transcript with times")
    return text


def _read_bytes(path: Path) -> bytes:
    try:
        # A pipe or a device has no size, and may never end.
        if path.exists() and not path.is_file():
            raise TranscriptError(f"{path}: it is no file; expected a readable transcript file")
        if path.stat().st_size > MAX_BYTES:
            limit = MAX_BYTES // 1_000_000
            raise TranscriptError(f"{path}: larger than {limit} MB; expected the transcript of one recording")
        return path.read_bytes()
    except (OSError, ValueError) as error:  # a NUL in the name is a ValueError
        reason = getattr(error, "strerror", None) or "it cannot be opened"
        raise TranscriptError(f"{path}: {reason}; expected a readable transcript file") from error
