"""JSON of Azure's fast transcription, in milliseconds
(https://learn.microsoft.com/azure/ai-services/speech-service/fast-transcription-create).

Times are `offsetMilliseconds` and `durationMilliseconds`, in the preview `offset` and `duration`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tonewise.transcripts.json_text import (
    MILLISECONDS,
    after,
    channel_number,
    child,
    first_tag,
    label,
    objects,
    seconds,
    string,
)
from tonewise.transcripts.phrases import Phrase, add_phrases
from tonewise.transcripts.sentences import Word
from tonewise.transcripts.transcript import JsonFormat, Tally, Transcript


def matches(data: Any) -> bool:
    """Whether there are phrases beside combined phrases, or phrases with offsets."""
    if not isinstance(data, dict) or not isinstance(data.get("phrases"), list):
        return False
    return "combinedPhrases" in data or any(
        {"offset", "offsetMilliseconds"} & phrase.keys() for phrase in objects(data["phrases"])
    )


def read(path: Path, data: Any) -> Transcript:
    """Read the sentences of each phrase."""
    phrases = objects(child(data, "phrases"))
    language = first_tag(phrase.get("locale") for phrase in phrases)
    tally = Tally(path)
    add_phrases(tally, map(_phrase, phrases), language)
    return tally.transcript(FORMAT.name, language, len(objects(child(data, "combinedPhrases"))))


def _phrase(item: dict[str, Any]) -> Phrase:
    return Phrase(
        string(item.get("text")),
        *_times(item),
        label(item.get("speaker")),
        channel_number(item.get("channel")),
        tuple(Word(string(word.get("text")), *_times(word)) for word in objects(item.get("words"))),
    )


def _times(item: dict[str, Any]) -> tuple[float | None, float | None]:
    start = item.get("offsetMilliseconds", item.get("offset"))
    duration = item.get("durationMilliseconds", item.get("duration"))
    return seconds(start, MILLISECONDS), after(start, duration, MILLISECONDS)


FORMAT = JsonFormat("azure-fast", matches, read)
