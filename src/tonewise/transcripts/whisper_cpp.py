"""JSON of whisper.cpp (`--output-json`, `--output-json-full`), in milliseconds (https://github.com/ggml-org/whisper.cpp)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tonewise.transcripts.json_text import MILLISECONDS, child, label, language_tag, objects, seconds, string
from tonewise.transcripts.phrases import Phrase, add_phrases
from tonewise.transcripts.transcript import JsonFormat, Tally, Transcript


def matches(data: Any) -> bool:
    """Whether there is a `transcription` of pieces with offsets or timestamps."""
    return any({"offsets", "timestamps"} & piece.keys() for piece in objects(child(data, "transcription")))


def read(path: Path, data: Any) -> Transcript:
    """Read one cue a piece; tokens are parts of words and are not looked at."""
    language = language_tag(child(data, "result", "language"))
    tally = Tally(path)
    add_phrases(tally, map(_phrase, objects(child(data, "transcription"))), language)
    return tally.transcript(FORMAT.name, language)


def _phrase(piece: dict[str, Any]) -> Phrase:
    return Phrase(string(piece.get("text")), _time(piece, "from"), _time(piece, "to"), label(piece.get("speaker")))


def _time(piece: dict[str, Any], side: str) -> float | None:
    offset = seconds(child(piece, "offsets", side), MILLISECONDS)
    return seconds(child(piece, "timestamps", side)) if offset is None else offset


FORMAT = JsonFormat("whisper-cpp", matches, read)
