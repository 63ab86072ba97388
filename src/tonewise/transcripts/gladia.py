"""JSON of Gladia, version 2 (https://docs.gladia.io/api-reference/v2/pre-recorded/get) and 1, in seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tonewise.transcripts.json_text import channel_number, child, first_tag, label, objects, seconds, string
from tonewise.transcripts.phrases import Phrase, add_phrases
from tonewise.transcripts.sentences import Word
from tonewise.transcripts.transcript import JsonFormat, Tally, Transcript

# A job, what a callback brings, a result by itself, a transcription by itself.
_PLACES = (("result", "transcription"), ("payload", "transcription"), ("transcription",), ())


def matches(data: Any) -> bool:
    """Whether there is a transcription of utterances with a full transcript, or a prediction of version 1."""
    return _transcription(data) is not None or any("time_begin" in one for one in objects(child(data, "prediction")))


def read(path: Path, data: Any) -> Transcript:
    """Read the sentences of each utterance."""
    found = _transcription(data)
    utterances = objects(child(found, "utterances")) or objects(child(found, "sentences"))
    utterances = utterances or objects(child(data, "prediction"))
    language = first_tag(one.get("language") for one in utterances)
    tally = Tally(path)
    add_phrases(tally, map(_phrase, utterances), language)
    metadata = child(data, "result", "metadata") or child(data, "payload", "metadata") or child(data, "metadata")
    return tally.transcript(FORMAT.name, language, channel_number(child(metadata, "number_of_distinct_channels")))


def _transcription(data: Any) -> dict[str, Any] | None:
    for place in _PLACES:
        found = child(data, *place)
        if isinstance(found, dict) and "full_transcript" in found and {"utterances", "sentences"} & found.keys():
            return found
    return None


def _phrase(utterance: dict[str, Any]) -> Phrase:
    return Phrase(
        string(utterance.get("text", utterance.get("transcription"))),
        *_times(utterance),
        _speaker(utterance),
        channel_number(utterance.get("channel")),
        tuple(Word(string(word.get("word")), *_times(word)) for word in objects(utterance.get("words"))),
    )


def _speaker(utterance: dict[str, Any]) -> str | None:
    name = label(utterance.get("speaker"))
    return None if name == "not_activated" else name  # version 1, without diarisation


def _times(item: dict[str, Any]) -> tuple[float | None, float | None]:
    return seconds(item.get("start", item.get("time_begin"))), seconds(item.get("end", item.get("time_end")))


FORMAT = JsonFormat("gladia", matches, read)
