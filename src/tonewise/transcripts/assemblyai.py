"""JSON of AssemblyAI (https://www.assemblyai.com/docs/api-reference/transcripts/get), in milliseconds.

`utterances` are turns, and null without diarisation; `audio_duration` alone is in seconds. Channels are counted from 1.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tonewise.errors import TranscriptError
from tonewise.transcripts.json_text import (
    MILLISECONDS,
    channel_number,
    child,
    label,
    language_tag,
    objects,
    span,
    string,
)
from tonewise.transcripts.phrases import Phrase, add_phrases, add_words
from tonewise.transcripts.sentences import Word
from tonewise.transcripts.transcript import JsonFormat, Tally, Transcript

_MARKS = {"audio_url", "audio_duration", "acoustic_model", "language_model", "speech_model", "speech_models"}
_LISTS = ("utterances", "sentences", "paragraphs", "words")


def matches(data: Any) -> bool:
    """Whether it is a transcript, its sentences or paragraphs; or utterances alone, all in whole numbers."""
    if not isinstance(data, dict) or not set(_LISTS) & data.keys():
        return False
    utterances = objects(data.get("utterances"))
    return bool(_MARKS & data.keys()) or (bool(utterances) and all(map(_in_milliseconds, utterances)))


def read(path: Path, data: Any) -> Transcript:
    """Read the sentences of each utterance (or sentence, or paragraph); of all words where there are none of these.

    Raises `TranscriptError` for a job that failed or has not ended.
    """
    status = string(child(data, "status"))
    if status not in ("", "completed"):
        why = string(child(data, "error"))
        raise TranscriptError(f"{path}: this AssemblyAI job is '{status}' {why}; expected a completed one")
    language = language_tag(child(data, "language_code"))
    tally = Tally(path)
    utterances = next((found for found in (objects(child(data, key)) for key in _LISTS[:-1]) if found), [])
    add_phrases(tally, map(_phrase, utterances), language)
    if not utterances:
        add_words(tally, [_word(word) for word in objects(child(data, "words"))], language)
    if string(child(data, "text")) and not tally.seen:
        tally.leave_out("untimed", "it has a text, but neither utterances nor words with times")
    return tally.transcript(FORMAT.name, language, channel_number(child(data, "audio_channels")))


def _in_milliseconds(utterance: dict[str, Any]) -> bool:
    times = [utterance.get("start"), utterance.get("end")]
    return "text" in utterance and all(isinstance(time, int) and not isinstance(time, bool) for time in times)


def _phrase(utterance: dict[str, Any]) -> Phrase:
    return Phrase(
        string(utterance.get("text")),
        *span(utterance, unit=MILLISECONDS),
        label(utterance.get("speaker")),
        channel_number(utterance.get("channel"), counted_from=1),
        tuple(map(_word, objects(utterance.get("words")))),
    )


def _word(word: dict[str, Any]) -> Word:
    return Word(
        string(word.get("text")),
        *span(word, unit=MILLISECONDS),
        label(word.get("speaker")),
        channel_number(word.get("channel"), counted_from=1),
    )


FORMAT = JsonFormat("assemblyai", matches, read)
