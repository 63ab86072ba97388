"""JSON of Amazon Transcribe's batch jobs, with speaker or channel labels
(https://docs.aws.amazon.com/transcribe/latest/dg/how-input.html).

Times are strings of seconds. Punctuation is an item of its own without times. A speaker's label stands on the item (newer
jobs) or in `speaker_labels`, found by the item's start; it may be empty.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tonewise.transcripts.json_text import channel_number, child, first, first_tag, label, objects, span, string
from tonewise.transcripts.phrases import Phrase, add_phrases, add_words
from tonewise.transcripts.sentences import Word
from tonewise.transcripts.transcript import JsonFormat, Tally, Transcript

_TIMES = ("start_time", "end_time")


def matches(data: Any) -> bool:
    """Whether there are `results` with `transcripts` and `items`."""
    results = child(data, "results")
    return isinstance(results, dict) and "items" in results and bool({"transcripts", "channel_labels"} & results.keys())


def read(path: Path, data: Any) -> Transcript:
    """Read sentences out of the items; of a channel each, where there are channel labels."""
    results = child(data, "results")
    language = first_tag((child(results, "language_code"), child(data, "languageCode")))
    tally = Tally(path)
    speakers = _speakers(results)
    channels = objects(child(results, "channel_labels", "channels"))
    if channels:
        words = [word for channel in channels for word in _channel_words(channel, speakers)]
    else:
        words = _words(objects(child(results, "items")), speakers)
    if words:
        add_words(tally, words, language)
    else:
        add_phrases(tally, map(_phrase, objects(child(results, "audio_segments"))), language)
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
            *span(item, *_TIMES),
            label(item.get("speaker_label")) or speakers.get(string(item.get("start_time"))),
            channel if channel is not None else channel_number(item.get("channel_label")),
            glued=item.get("type") == "punctuation",
        )
        for item in items
    ]


def _phrase(segment: dict[str, Any]) -> Phrase:
    return Phrase(
        string(segment.get("transcript")),
        *span(segment, *_TIMES),
        label(segment.get("speaker_label")),
        channel_number(segment.get("channel_label")),
    )


FORMAT = JsonFormat("aws-transcribe", matches, read)
