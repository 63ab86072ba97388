"""Speechmatics' `json-v2` (https://docs.speechmatics.com/speech-to-text/batch/output), in seconds.

Results are words, entities (spoken otherwise than written) and punctuation that attaches to a side; a speaker that could not
be told is `UU`. Channels are counted from 1 or have the names that were asked for.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tonewise.transcripts.json_text import channel_number, child, first, first_tag, label, objects, span, string
from tonewise.transcripts.phrases import add_words
from tonewise.transcripts.sentences import Word
from tonewise.transcripts.transcript import JsonFormat, Tally, Transcript

_SPOKEN = ("word", "entity")


def matches(data: Any) -> bool:
    """Whether the results are typed, timed and have alternatives."""
    results = objects(child(data, "results"))
    return any({"type", "start_time", "alternatives"} <= result.keys() for result in results)


def read(path: Path, data: Any) -> Transcript:
    """Read sentences out of the words of each channel."""
    about = child(data, "metadata")
    asked = child(about, "transcription_config", "language")  # "auto" is no tag
    language = first_tag((asked, child(about, "language_identification", "predicted_language")))
    results = objects(child(data, "results"))
    channels = _channels(data, results)
    tally = Tally(path)
    add_words(tally, _words(results, channels), language)
    return tally.transcript(FORMAT.name, language, len(set(channels.values())))


def _channels(data: Any, results: list[dict[str, Any]]) -> dict[str, int]:
    """Numbers of the channels by their names: `channel_1` is 0, others are counted as they were asked for."""
    found = list(dict.fromkeys(string(result.get("channel")) for result in results if result.get("channel")))
    asked = child(data, "metadata", "transcription_config", "channel_diarization_labels")
    names = [string(name) for name in asked] if isinstance(asked, list) else found
    places = {name: number for number, name in enumerate(dict.fromkeys([*names, *found]))}
    numbers = {name: channel_number(name, counted_from=1) for name in found}
    return {name: places[name] if number is None else number for name, number in numbers.items()}


def _words(results: list[dict[str, Any]], channels: dict[str, int]) -> list[Word]:
    words, opening = [], ""
    for result in results:
        best = first(result.get("alternatives"))
        text = opening + string(best.get("content"))
        spoken = result.get("type") in _SPOKEN
        opening = "" if spoken or result.get("attaches_to") != "next" else text
        if opening:
            continue
        words.append(
            Word(
                text,
                *span(result, "start_time", "end_time"),
                _speaker(best, result),
                channels.get(string(result.get("channel"))),
                glued=not spoken,
            )
        )
    return words


def _speaker(best: dict[str, Any], result: dict[str, Any]) -> str | None:
    name = label(best.get("speaker")) or label(result.get("speaker"))
    return None if name == "UU" else name


FORMAT = JsonFormat("speechmatics", matches, read)
