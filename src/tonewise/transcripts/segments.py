"""The `segments` list that Whisper and its relatives write as JSON."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from typing import Any

from tonewise.errors import TranscriptError
from tonewise.transcripts.json_text import channel_number, child, label, language_tag, objects, span, string, verbatim
from tonewise.transcripts.phrases import Phrase, add_phrase
from tonewise.transcripts.sentences import Word
from tonewise.transcripts.transcript import Tally, Transcript


def segments_of(data: Any) -> list[Any] | None:
    """The list of segments of a Whisper-like value, which may be that list itself; None where there is none."""
    found = data if isinstance(data, list) else child(data, "segments")
    return found if isinstance(found, list) else None


def read_segments(path: Path, data: Any, name: str) -> Transcript:
    """Read the segments of a Whisper-like JSON value as format `name`.

    A segment whose words have times becomes its sentences, one without stays whole. Words may stand beside the segments, as
    OpenAI's service writes them, or be all there is. A segment without a start (or end) takes that of its first (last) word
    that has one; where no word has, it is left out as `untimed`. A segment without a speaker takes that of most of its
    words. Raises `TranscriptError` where there are neither segments nor words.
    """
    segments = segments_of(data)
    words = [_word(word) for word in objects(child(data, "words"))]
    if segments is None and not words:
        raise TranscriptError(f"{path}: no list of segments with times in this JSON; times are needed")
    timed = sorted(((word.start, word) for word in words if word.start is not None), key=itemgetter(0))
    language = language_tag(child(data, "language"))
    tally = Tally(path)
    if not segments and words:
        add_phrase(tally, Phrase(string(child(data, "text")), words=tuple(words)), language)
    for number, segment in enumerate(segments or (), start=1):
        if isinstance(segment, dict):
            add_phrase(tally, _with_words(_phrase(segment), timed), language)
        else:
            tally.leave_out("bad_cue", f"segment {number} is no JSON object")
    return tally.transcript(name, language)


def _with_words(phrase: Phrase, timed: Sequence[tuple[float, Word]]) -> Phrase:
    """A segment with those of the words beside it, sorted by their starts, that begin in it, if it has none of its own."""
    if phrase.words or phrase.start is None or phrase.end is None:
        return phrase
    begin, end = (bisect_left(timed, time, key=itemgetter(0)) for time in (phrase.start, phrase.end))
    return replace(phrase, words=tuple(word for _, word in timed[begin:end]))


def _phrase(segment: dict[str, Any]) -> Phrase:
    return Phrase(
        string(segment.get("text")),
        *span(segment),
        label(segment.get("speaker")),
        channel_number(segment.get("channel")),
        tuple(map(_word, objects(segment.get("words")))),
    )


def _word(word: dict[str, Any]) -> Word:
    # Whisper and WhisperX call it "word", whisper-timestamped "text".
    text = verbatim(word.get("word")) or verbatim(word.get("text"))
    return Word(text, *span(word), label(word.get("speaker")))
