"""JSON of Amazon Transcribe's batch jobs, with speaker or channel labels
(https://docs.aws.amazon.com/transcribe/latest/dg/how-input.html).

Times are strings of seconds. Punctuation is an item of its own without times. A speaker's label stands on the item (newer
jobs) or in `speaker_labels`, found by the item's start; it may be empty.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tonewise.transcripts.json_text import (
    channel_number,
    child,
    first,
    label,
    language_tag,
    objects,
    seconds,
    string,
)
from tonewise.transcripts.phrases import Phrase, add_phrase, add_words
from tonewise.transcripts.sentences import Word
from tonewise.transcripts.transcript import JsonFormat, Tally, Transcript


def matches(data: Any) -> bool:
    """Whether there are `results` with `transcripts` and `items`."""
    results = child(data, "results")
    return isinstance(results, dict) and "items" in results and bool({"transcripts", "channel_labels"} & results.keys())


def read(path: Path, data: Any) -> Transcript:
    """Read sentences out of the items; of a channel each, where there are channel labels."""
    results = child(data, "results")
    language = language_tag(child(results, "language_code")) or language_tag(child(data, "languageCode"))
    tally = Tally(path)
    channels = objects(child(results, "channel_labels", "channels"))
    words = _words(objects(child(results, "items")), _speakers(results))
    if channels:
        words = [word for channel in channels for word in _channel_words(channel, _speakers(results))]
    if words:
        add_words(tally, words, language)
    else:
        _add_segments(tally, results, language)
    stated = channel_number(child(results, "channel_labels", "number_of_channels"))
    return tally.transcript(FORMAT.name, language, stated or len(channels))


def _speakers(results: Any) -> dict[str, str | None]:
    """Speakers by the start of the items that they said."""
    return {
        string(item.get("start_time")): label(item.get("speaker_label")) or label(segment.get("speaker_label"))
        for segment in objects(child(results, "speaker_labels", "segments"))
        for item in objects(segment.get("items"))
    }


def _channel_words(channel: dict[str, Any], speakers: dict[str, str | None]) -> list[Word]:
    return _words(objects(channel.get("items")), speakers, channel_number(channel.get("channel_label")))


def _words(items: list[dict[str, Any]], speakers: dict[str, str | None], channel: int | None = None) -> list[Word]:
    return [
        Word(
            string(first(item.get("alternatives")).get("content")),
            seconds(item.get("start_time")),
            seconds(item.get("end_time")),
            label(item.get("speaker_label")) or speakers.get(string(item.get("start_time"))),
            channel if channel is not None else channel_number(item.get("channel_label")),
            glued=item.get("type") == "punctuation",
        )
        for item in items
    ]


def _add_segments(tally: Tally, results: Any, language: str | None) -> None:
    for segment in objects(child(results, "audio_segments")):
        phrase = Phrase(
            string(segment.get("transcript")),
            seconds(segment.get("start_time")),
            seconds(segment.get("end_time")),
            label(segment.get("speaker_label")),
            channel_number(segment.get("channel_label")),
        )
        add_phrase(tally, phrase, language)


FORMAT = JsonFormat("aws-transcribe", matches, read)
