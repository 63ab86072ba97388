"""JSON of Amazon Transcribe Call Analytics and of Amazon Connect's Contact Lens: turns with roles, in milliseconds
(https://docs.aws.amazon.com/transcribe/latest/dg/tca-output-post-call.html).

The roles (`agent`, `customer`) are the speakers. Which channel is whose is not in the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tonewise.transcripts.json_text import MILLISECONDS, child, label, language_tag, objects, role, span, string
from tonewise.transcripts.phrases import Phrase, add_phrases
from tonewise.transcripts.sentences import Word
from tonewise.transcripts.transcript import JsonFormat, Tally, Transcript

_OFFSETS = ("BeginOffsetMillis", "EndOffsetMillis")
_ROLES = ("agent", "customer", "system", "supervisor")


def matches(data: Any) -> bool:
    """Whether there is a `Transcript` of turns, or `Segments` of such (Contact Lens in real time)."""
    return any("Content" in turn and ("ParticipantRole" in turn or "ParticipantId" in turn) for turn in _turns(data))


def read(path: Path, data: Any) -> Transcript:
    """Read the sentences of each turn; a chat, whose turns have no offsets, has no usable cue."""
    language = language_tag(child(data, "LanguageCode"))
    roles = {
        label(one.get("ParticipantId")): one.get("ParticipantRole") for one in objects(child(data, "Participants"))
    }
    tally = Tally(path)
    add_phrases(tally, (_phrase(turn, roles) for turn in _turns(data)), language)
    return tally.transcript(FORMAT.name, language)


def _turns(data: Any) -> list[dict[str, Any]]:
    turns = objects(child(data, "Transcript"))
    live = [child(segment, "Transcript") for segment in objects(child(data, "Segments"))]
    return turns or objects(live)


def _phrase(turn: dict[str, Any], roles: dict[str | None, Any]) -> Phrase:
    return Phrase(
        string(turn.get("Content")),
        *span(turn, *_OFFSETS, MILLISECONDS),
        _speaker(turn, roles),
        words=tuple(map(_word, objects(turn.get("Items")))),
    )


def _speaker(turn: dict[str, Any], roles: dict[str | None, Any]) -> str | None:
    name = label(turn.get("ParticipantId"))
    stated = role(turn.get("ParticipantRole")) or role(roles.get(name))
    return stated or (name.lower() if name and name.lower() in _ROLES else name)


def _word(item: dict[str, Any]) -> Word:
    times = span(item, *_OFFSETS, MILLISECONDS)
    return Word(string(item.get("Content")), *times, glued=item.get("Type") == "punctuation")


FORMAT = JsonFormat("aws-call-analytics", matches, read)
