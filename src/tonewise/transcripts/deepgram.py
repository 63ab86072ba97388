"""JSON of Deepgram's pre-recorded audio (https://developers.deepgram.com/reference/listen-file), in seconds.

Utterances are there only if they were asked for; without them, words of a channel each are what there is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tonewise.transcripts.json_text import channel_number, child, first, first_tag, label, objects, span, string
from tonewise.transcripts.phrases import Phrase, add_phrases, add_words
from tonewise.transcripts.sentences import Word
from tonewise.transcripts.transcript import JsonFormat, Tally, Transcript


def matches(data: Any) -> bool:
    """Whether the results are channels with alternatives, or utterances with transcripts."""
    channels = objects(child(data, "results", "channels"))
    utterances = objects(child(data, "results", "utterances"))
    return any("alternatives" in channel for channel in channels) or any("transcript" in one for one in utterances)


def read(path: Path, data: Any) -> Transcript:
    """Read the sentences of each utterance; of all words of each channel where there are no utterances."""
    results = child(data, "results")
    channels = objects(child(results, "channels"))
    language = _language(channels)
    tally = Tally(path)
    utterances = objects(child(results, "utterances"))
    add_phrases(tally, map(_phrase, utterances), language)
    if not utterances:
        words = [word for number, channel in enumerate(channels) for word in _channel_words(channel, number)]
        add_words(tally, words, language)
    stated = channel_number(child(data, "metadata", "channels"))
    _tell_untimed(tally, channels)
    return tally.transcript(FORMAT.name, language, max(stated or 0, len(channels)))


def _language(channels: list[dict[str, Any]]) -> str | None:
    stated = [channel.get("detected_language") for channel in channels]
    stated += [_listed(first(channel.get("alternatives")).get("languages")) for channel in channels]
    return first_tag(stated)


def _listed(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else None


def _phrase(utterance: dict[str, Any]) -> Phrase:
    return Phrase(
        string(utterance.get("transcript")),
        *span(utterance),
        label(utterance.get("speaker")),
        channel_number(utterance.get("channel")),
        tuple(map(_word, objects(utterance.get("words")))),
    )


def _channel_words(channel: dict[str, Any], number: int) -> list[Word]:
    return [_word(word, number) for word in objects(first(channel.get("alternatives")).get("words"))]


def _word(item: dict[str, Any], channel: int | None = None) -> Word:
    text = string(item.get("punctuated_word")) or string(item.get("word"))
    return Word(text, *span(item), label(item.get("speaker")), channel)


def _tell_untimed(tally: Tally, channels: list[dict[str, Any]]) -> None:
    """What was said but has no words with times is told of, so that it does not look like silence."""
    said = [channel for channel in channels if string(first(channel.get("alternatives")).get("transcript"))]
    if said and not tally.seen:
        tally.leave_out("untimed", "it has a transcript, but neither utterances nor words with times")


FORMAT = JsonFormat("deepgram", matches, read)
