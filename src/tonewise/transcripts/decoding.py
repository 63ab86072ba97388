"""Bytes of a text file to text."""

from __future__ import annotations

import codecs
from pathlib import Path

from tonewise.errors import TranscriptError

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

    Raises `TranscriptError` for a file that is missing, empty or no text.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or "it cannot be opened"
        raise TranscriptError(f"{path}: {reason}; expected a readable transcript file") from error
    text = decode_text(data)
    if text is None:
        raise TranscriptError(f"{path}: a binary file, expected text (UTF-8, or UTF-16 with a byte order mark)")
    if not text.strip():
        raise TranscriptError(f"{path}: the file is empty, expected a transcript with times")
    return text
