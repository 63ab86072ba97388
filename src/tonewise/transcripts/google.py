"""JSON of Google Speech-to-Text, versions 1 and 2, from REST, client libraries and batch jobs
(https://cloud.google.com/speech-to-text/v2/docs/reference/rest/v2/SpeechRecognitionResult).

Times are strings ("12.900s") or objects (`{"seconds": "12", "nanos": 900000000}`). With diarisation version 1 repeats all
words, now with speakers, in the last result. Without word times a result has only its end.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Any

from tonewise.errors import TranscriptError
from tonewise.transcripts.json_text import channel_number, child, first, first_tag, label, objects, seconds, string
from tonewise.transcripts.nist import own_recording
from tonewise.transcripts.phrases import Phrase, add_phrase
from tonewise.transcripts.sentences import Word
from tonewise.transcripts.transcript import JsonFormat, Tally, Transcript

_NANOSECONDS = 1e9
_PLACES: tuple[tuple[str, ...], ...] = ((), ("response",), ("transcript",), ("inlineResult", "transcript"))
_UNDERSCORE = re.compile(r"_([a-z])")
_SAME = 0.05  # seconds by which a repeated word may differ


def matches(data: Any) -> bool:
    """Whether there are results with alternatives that have transcripts or words."""
    alternatives = [first(result.get("alternatives")) for result in _results(data)]
    return any({"transcript", "words"} & best.keys() for best in alternatives)


def read(path: Path, data: Any) -> Transcript:
    """Read the sentences of the best alternative of each result.

    A result without words begins where the one before it on its channel ended. Of a batch's answer about several files,
    what it says of the one that has this file's name is read. Raises `TranscriptError` where that is not exactly one.
    """
    results = _without_repeated([_camel(result) for result in _own_results(path, data)])
    language = first_tag(result.get("languageCode") for result in results)
    tally = Tally(path)
    ended: dict[int | None, float] = {}
    for result in results:
        phrase = _phrase(result)
        if not phrase.words:
            phrase = _between(phrase, ended.get(phrase.channel, 0.0), result)
            tally.guess(int(phrase.start is not None), "results")
        add_phrase(tally, phrase, language)
        ended[phrase.channel] = _ended(result) or ended.get(phrase.channel, 0.0)
    return tally.transcript(FORMAT.name, language)


def _results(data: Any) -> list[dict[str, Any]]:
    """The results of an answer, of an operation, or of the files of a batch."""
    found = _listed(data)
    if isinstance(found, dict):
        return [result for file in found.values() for result in objects(_listed(file))]
    return objects(found)


def _own_results(path: Path, data: Any) -> list[dict[str, Any]]:
    """As `_results`, of the one recording that the transcript belongs to."""
    files = _listed(data)
    if not isinstance(files, dict):
        return objects(files)
    names = {address: PurePosixPath(address).stem for address in files}
    own = own_recording(path, names.values(), "results")
    mine = [address for address, name in names.items() if name == own]
    if len(mine) > 1:
        raise TranscriptError(
            f"{path}: results of {len(mine)} recordings called {own!r} ({', '.join(mine[:3])}); keep one"
        )
    return [result for address in mine for result in objects(_listed(files[address]))]


def _listed(data: Any) -> Any:
    places = (child(data, *place, "results") for place in _PLACES)
    return next((found for found in places if isinstance(found, list | dict)), None)


def _camel(item: dict[str, Any]) -> dict[str, Any]:
    """The keys of one object as REST writes them: libraries of some languages use underscores."""
    return {_UNDERSCORE.sub(lambda match: match[1].upper(), str(key)): value for key, value in item.items()}


def _without_repeated(results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Only the last result where it repeats, with speakers, what the others said."""
    if len(results) < 2:
        return results
    *others, last = [_words(result) for result in results]
    if not any(word.speaker for word in last):
        return results
    starts = [word.start for words in others for word in words if word.start is not None]
    begins = next((word.start for word in last if word.start is not None), None)
    repeats = begins is not None and starts and begins <= min(starts) + _SAME and len(last) >= len(starts)
    return results[-1:] if repeats or not string(_best(results[-1]).get("transcript")) else results


def _best(result: dict[str, Any]) -> dict[str, Any]:
    return _camel(first(result.get("alternatives")))


def _phrase(result: dict[str, Any]) -> Phrase:
    channel = channel_number(result.get("channelTag"), counted_from=1)
    return Phrase(string(_best(result).get("transcript")), channel=channel, words=_words(result))


def _between(phrase: Phrase, start: float, result: dict[str, Any]) -> Phrase:
    end = _ended(result)
    if end is None or not phrase.text:
        return phrase
    return Phrase(phrase.text, start, end, None, phrase.channel)


def _ended(result: dict[str, Any]) -> float | None:
    return _time(result.get("resultEndTime", result.get("resultEndOffset")))


def _words(result: dict[str, Any]) -> tuple[Word, ...]:
    return tuple(_word(_camel(word)) for word in objects(_best(result).get("words")))


def _word(word: dict[str, Any]) -> Word:
    # Japanese words carry their reading: "今日|キョウ".
    text = string(word.get("word")).split("|")[0]
    start = _time(word.get("startTime", word.get("startOffset")))
    end = _time(word.get("endTime", word.get("endOffset")))
    # Protobuf leaves out what is zero: a word that has an end begins at 0 where no start is stated.
    begins_at_zero = start is None and end is not None and not {"startTime", "startOffset"} & word.keys()
    return Word(text, 0.0 if begins_at_zero else start, end, _speaker(word))


def _speaker(word: dict[str, Any]) -> str | None:
    tag = label(word.get("speakerLabel")) or label(word.get("speakerTag"))
    return None if tag == "0" else tag  # nobody has number 0


def _time(value: Any) -> float | None:
    if isinstance(value, dict):
        whole, nanos = _integer(value.get("seconds", 0)), seconds(value.get("nanos", 0), _NANOSECONDS)
        return None if whole is None or nanos is None else seconds(whole + nanos)
    return seconds(value.strip().removesuffix("s")) if isinstance(value, str) else seconds(value)


def _integer(value: Any) -> float | None:
    # JavaScript's 64-bit integers are objects with a low half.
    return seconds(child(value, "low") if isinstance(value, dict) else value)


FORMAT = JsonFormat("google-stt", matches, read)
