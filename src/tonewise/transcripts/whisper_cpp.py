"""JSON of whisper.cpp (`--output-json`, `--output-json-full`), in milliseconds (https://github.com/ggml-org/whisper.cpp)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tonewise.transcripts.json_text import child, label, language_tag, objects, seconds, string
from tonewise.transcripts.phrases import Phrase, add_phrase
from tonewise.transcripts.transcript import JsonFormat, Tally, Transcript

_MILLISECONDS = 1000.0


def matches(data: Any) -> bool:
    """Whether there is a `transcription` of pieces with offsets or timestamps."""
    return any({"offsets", "timestamps"} & piece.keys() for piece in objects(child(data, "transcription")))


def read(path: Path, data: Any) -> Transcript:
    """Read one cue a piece; tokens are parts of words and are not looked at."""
    language = language_tag(child(data, "result", "language"))
    tally = Tally(path)
    for piece in objects(child(data, "transcription")):
        start, end = (_time(piece, side) for side in ("from", "to"))
        add_phrase(tally, Phrase(string(piece.get("text")), start, end, label(piece.get("speaker"))), language)
    return tally.transcript(FORMAT.name, language)


def _time(piece: dict[str, Any], side: str) -> float | None:
    offset = seconds(child(piece, "offsets", side), _MILLISECONDS)
    return seconds(child(piece, "timestamps", side)) if offset is None else offset


FORMAT = JsonFormat("whisper-cpp", matches, read)
