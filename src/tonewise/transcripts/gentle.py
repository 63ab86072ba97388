"""JSON of the Gentle forced aligner (https://github.com/lowerquality/gentle).

Words point into the transcript by their offsets, which is where the punctuation is; words that were not found in the audio
have no times.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tonewise.transcripts.json_text import child, objects, span, string, verbatim
from tonewise.transcripts.phrases import add_words
from tonewise.transcripts.sentences import Word
from tonewise.transcripts.transcript import JsonFormat, Tally, Transcript


def matches(data: Any) -> bool:
    """Whether there are words with the aligner's verdict (`case`) or with offsets into the transcript."""
    return any("case" in word or "startOffset" in word for word in objects(child(data, "words")))


def read(path: Path, data: Any) -> Transcript:
    """Read sentences out of the words of the transcript; words that were only heard are not of it."""
    transcript = verbatim(child(data, "transcript"))
    words = [word for word in objects(child(data, "words")) if word.get("case") != "not-found-in-transcript"]
    begins = [_offset(word, "startOffset") for word in words]
    tally = Tally(path)
    add_words(tally, [_word(word, transcript, after) for word, after in zip(words, [*begins[1:], None], strict=False)])
    return tally.transcript(FORMAT.name)


def _word(word: dict[str, Any], transcript: str, after: int | None) -> Word:
    end = _offset(word, "endOffset")
    between = "" if end is None else transcript[end : after if after is not None else end + 8]
    # Up to the first space it belongs to this word; a bracket that opens after it belongs to the next.
    mark = between.split(maxsplit=1)[0] if between[:1].strip() else ""
    return Word(string(word.get("word")) + mark, *span(word))


def _offset(word: dict[str, Any], key: str) -> int | None:
    value = word.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


FORMAT = JsonFormat("gentle", matches, read)
