"""JSON of the speech recognition pipeline of `transformers` (`return_timestamps`), in seconds.

`chunks` are sentences or, with `return_timestamps="word"`, words; the end of the last one may be null.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tonewise.transcripts.json_text import child, label, objects, seconds, string, verbatim
from tonewise.transcripts.phrases import Phrase, add_phrases, add_words
from tonewise.transcripts.sentences import Word
from tonewise.transcripts.transcript import JsonFormat, Tally, Transcript


def matches(data: Any) -> bool:
    """Whether there are chunks with a timestamp."""
    return any("timestamp" in chunk for chunk in objects(child(data, "chunks")))


def read(path: Path, data: Any) -> Transcript:
    """Read one cue a chunk; sentences out of chunks that are words."""
    chunks = objects(child(data, "chunks"))
    tally = Tally(path)
    if all(len(string(chunk.get("text")).split()) < 2 for chunk in chunks):
        add_words(tally, [Word(verbatim(chunk.get("text")), *_times(chunk), _speaker(chunk)) for chunk in chunks])
    else:
        add_phrases(tally, map(_phrase, chunks))
    return tally.transcript(FORMAT.name)


def _phrase(chunk: dict[str, Any]) -> Phrase:
    start, end = _times(chunk)
    return Phrase(string(chunk.get("text")), start, start if end is None else end, _speaker(chunk))


def _times(chunk: dict[str, Any]) -> tuple[float | None, float | None]:
    pair = chunk.get("timestamp")
    return (seconds(pair[0]), seconds(pair[1])) if isinstance(pair, list) and len(pair) == 2 else (None, None)


def _speaker(chunk: dict[str, Any]) -> str | None:
    return label(chunk.get("speaker"))


FORMAT = JsonFormat("huggingface", matches, read)
