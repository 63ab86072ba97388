"""JSON of ElevenLabs' Scribe (https://elevenlabs.io/docs/api-reference/speech-to-text/convert), in seconds.

Words, spaces and audio events stand in one list; the spaces are left to the words, events (`(laughs)`) to nobody.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tonewise.transcripts.json_text import channel_number, child, first_tag, label, objects, span, string
from tonewise.transcripts.phrases import add_words
from tonewise.transcripts.sentences import Word
from tonewise.transcripts.transcript import JsonFormat, Tally, Transcript


def matches(data: Any) -> bool:
    """Whether there are typed words, by themselves or in the transcripts of channels."""
    return any("type" in word and "text" in word for one in _transcripts(data) for word in objects(one.get("words")))


def read(path: Path, data: Any) -> Transcript:
    """Read sentences out of the words of each channel."""
    transcripts = _transcripts(data)
    language = first_tag(one.get("language_code") for one in transcripts)
    tally = Tally(path)
    for one in transcripts:
        spoken = [word for word in objects(one.get("words")) if word.get("type", "word") == "word"]
        add_words(tally, [_word(word, channel_number(one.get("channel_index"))) for word in spoken], language)
    return tally.transcript(FORMAT.name, language, len(transcripts))


def _transcripts(data: Any) -> list[dict[str, Any]]:
    return objects(child(data, "transcripts")) or objects([data])


def _word(word: dict[str, Any], channel: int | None) -> Word:
    number = channel_number(word.get("channel_index"))
    return Word(
        string(word.get("text")),
        *span(word),
        label(word.get("speaker_id")),
        channel if number is None else number,
    )


FORMAT = JsonFormat("elevenlabs", matches, read)
