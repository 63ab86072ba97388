"""JSON of Azure's batch transcription, versions 2 and 3 (https://learn.microsoft.com/azure/ai-services/speech-service/
batch-transcription-get), and of Video Indexer's `transcript.speechservices.json`.

Times are ticks of 100 ns, or milliseconds, or ISO 8601 durations. Phrases are grouped by channel and may be empty. Version 2
and Video Indexer write the same keys in other letters.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from tonewise.transcripts.json_text import (
    MILLISECONDS,
    after,
    channel_number,
    first,
    first_tag,
    label,
    objects,
    seconds,
    string,
)
from tonewise.transcripts.phrases import Phrase, add_phrases
from tonewise.transcripts.sentences import Word
from tonewise.transcripts.transcript import JsonFormat, Tally, Transcript

_TICKS = 1e7  # a second
_ISO = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?", re.IGNORECASE)


def matches(data: Any) -> bool:
    """Whether there are recognised phrases (version 3) or segment results (version 2)."""
    return any(key in result for result in _results(data) for key in ("recognizedphrases", "segmentresults"))


def read(path: Path, data: Any) -> Transcript:
    """Read the sentences of the best hypothesis of each phrase."""
    results = _results(data)
    phrases = [
        _lowered(phrase)
        for result in results
        for phrase in objects(result.get("recognizedphrases") or result.get("segmentresults"))
    ]
    combined = [objects(one.get("combinedrecognizedphrases") or one.get("combinedresults")) for one in results]
    language = first_tag(phrase.get("locale") for phrase in phrases)
    tally = Tally(path)
    add_phrases(tally, map(_phrase, phrases), language)
    return tally.transcript(FORMAT.name, language, max(map(len, combined), default=0))


def _results(data: Any) -> list[dict[str, Any]]:
    if not isinstance(data, dict):
        return []
    whole = _lowered(data)
    return [whole, *map(_lowered, objects(whole.get("audiofileresults")))]


def _lowered(item: dict[str, Any]) -> dict[str, Any]:
    return {str(key).lower(): value for key, value in item.items()}


def _phrase(phrase: dict[str, Any]) -> Phrase:
    best = _lowered(first(phrase.get("nbest")))
    start, end = _times(phrase)
    speaker = phrase.get("speaker", phrase.get("speakerid", best.get("speaker")))
    return Phrase(
        string(best.get("display") or best.get("lexical")),
        start,
        end,
        label(speaker),
        channel_number(phrase.get("channel", phrase.get("channelnumber"))),
        tuple(map(_word, objects(best.get("displaywords")) or objects(best.get("words")))),
    )


def _word(item: dict[str, Any]) -> Word:
    word = _lowered(item)
    return Word(string(word.get("displaytext") or word.get("word")), *_times(word))


def _times(item: dict[str, Any]) -> tuple[float | None, float | None]:
    """Start and end in seconds, from the most exact of what is stated."""
    for suffix, unit in (("inticks", _TICKS), ("milliseconds", MILLISECONDS)):
        begun, lasts = item.get(f"offset{suffix}"), item.get(f"duration{suffix}")
        if seconds(begun) is not None:
            return seconds(begun, unit), after(begun, lasts, unit)
    start, duration = _iso(item.get("offset")), _iso(item.get("duration"))
    return start, after(start, duration)


def _iso(value: Any) -> float | None:
    """Seconds of `PT1M3.21S`; a bare number is ticks, as version 2 writes them."""
    match = _ISO.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return seconds(value, _TICKS)
    hours, minutes, rest = (seconds(part) or 0.0 for part in match.groups())
    return seconds(hours * 3600 + minutes * 60 + rest)


FORMAT = JsonFormat("azure-batch", matches, read)
