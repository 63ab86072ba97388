"""JSON of IBM Watson Speech to Text (https://cloud.ibm.com/docs/speech-to-text?topic=speech-to-text-basic-response).

Words are lists `[word, start, end]` in seconds, without punctuation; speakers stand beside, by the times of the words.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tonewise.transcripts.json_text import child, first, label, objects, seconds, string
from tonewise.transcripts.phrases import add_words
from tonewise.transcripts.sentences import Word
from tonewise.transcripts.transcript import JsonFormat, Tally, Transcript

_Speakers = dict[tuple[float | None, float | None], str | None]


def matches(data: Any) -> bool:
    """Whether the best alternatives have `timestamps`, or there are speakers beside the results."""
    return any(
        "speaker_labels" in response
        or any("timestamps" in first(one.get("alternatives")) for one in _results(response))
        for response in _responses(data)
        if "result_index" in response or _results(response)
    )


def read(path: Path, data: Any) -> Transcript:
    """Read sentences out of the words of each final result; a result ends a sentence."""
    tally = Tally(path)
    for response in _responses(data):
        speakers = _speakers(response)
        for result in _results(response):
            if result.get("final") is not False:
                add_words(tally, _words(first(result.get("alternatives")), speakers))
    return tally.transcript(FORMAT.name)


def _responses(data: Any) -> list[dict[str, Any]]:
    """What was answered: by itself, a list of such, or the results of an asynchronous job."""
    found = objects(data) if isinstance(data, list) else objects([data])
    inner = [one for response in found for one in _results(response) if isinstance(one.get("results"), list)]
    return inner or found


def _results(response: dict[str, Any]) -> list[dict[str, Any]]:
    return objects(response.get("results"))


def _speakers(response: dict[str, Any]) -> _Speakers:
    return {
        (seconds(one.get("from")), seconds(one.get("to"))): label(one.get("speaker"))
        for one in objects(child(response, "speaker_labels"))
    }


def _words(best: dict[str, Any], speakers: _Speakers) -> list[Word]:
    stamps = best.get("timestamps")
    if not isinstance(stamps, list):
        return [Word(word) for word in string(best.get("transcript")).split()]
    listed = [stamp for stamp in stamps if isinstance(stamp, list) and len(stamp) >= 3]
    times = [(seconds(stamp[1]), seconds(stamp[2])) for stamp in listed]
    return [
        Word(string(stamp[0]), start, end, speakers.get((start, end)))
        for stamp, (start, end) in zip(listed, times, strict=True)
    ]


FORMAT = JsonFormat("ibm", matches, read)
