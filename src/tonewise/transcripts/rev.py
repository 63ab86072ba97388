"""JSON of Rev and Rev AI: monologues of elements (https://docs.rev.ai/api/asynchronous/transcripts).

Rev AI has `ts` and `end_ts` in seconds, Rev's people clock times in `timestamp` and `end_timestamp`. Punctuation, spaces
included, is an element of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tonewise.transcripts.json_text import child, label, language_tag, objects, seconds, string
from tonewise.transcripts.phrases import Phrase, add_phrases
from tonewise.transcripts.sentences import Word
from tonewise.transcripts.transcript import JsonFormat, Tally, Transcript


def matches(data: Any) -> bool:
    """Whether there are monologues with elements."""
    return any("elements" in monologue for monologue in objects(child(data, "monologues")))


def read(path: Path, data: Any) -> Transcript:
    """Read the sentences of each monologue; speakers have names where the file has a list of them."""
    names = {label(one.get("id")): label(one.get("name")) for one in objects(child(data, "speakers"))}
    language = language_tag(child(data, "language"))
    phrases = [_phrase(monologue, names) for monologue in objects(child(data, "monologues"))]
    tally = Tally(path)
    add_phrases(tally, (phrase for phrase in phrases if any(word.text for word in phrase.words)), language)
    return tally.transcript(FORMAT.name, language)


def _phrase(monologue: dict[str, Any], names: dict[str | None, str | None]) -> Phrase:
    speaker = label(monologue.get("speaker"))
    words = tuple(map(_word, objects(monologue.get("elements"))))
    return Phrase(speaker=names.get(speaker) or speaker, words=words)


def _word(element: dict[str, Any]) -> Word:
    return Word(
        string(element.get("value")),
        seconds(element.get("ts", element.get("timestamp"))),
        seconds(element.get("end_ts", element.get("end_timestamp"))),
        glued=element.get("type") == "punct",
    )


FORMAT = JsonFormat("rev", matches, read)
