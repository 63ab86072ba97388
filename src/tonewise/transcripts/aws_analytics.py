"""JSON of Amazon Transcribe Call Analytics and of Amazon Connect's Contact Lens: turns with roles, in milliseconds
(https://docs.aws.amazon.com/transcribe/latest/dg/tca-output-post-call.html).

The roles (`agent`, `customer`) are the speakers. Which channel is whose is not in the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tonewise.transcripts.json_text import child, label, language_tag, objects, role, seconds, string
from tonewise.transcripts.phrases import Phrase, add_phrase
from tonewise.transcripts.sentences import Word
from tonewise.transcripts.transcript import JsonFormat, Tally, Transcript

_MILLISECONDS = 1000.0
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
    for turn in _turns(data):
        phrase = Phrase(
            string(turn.get("Content")),
            seconds(turn.get("BeginOffsetMillis"), _MILLISECONDS),
            seconds(turn.get("EndOffsetMillis"), _MILLISECONDS),
            _speaker(turn, roles),
            words=tuple(map(_word, objects(turn.get("Items")))),
        )
        add_phrase(tally, phrase, language)
    return tally.transcript(FORMAT.name, language)


def _turns(data: Any) -> list[dict[str, Any]]:
    turns = objects(child(data, "Transcript"))
    live = [child(segment, "Transcript") for segment in objects(child(data, "Segments"))]
    return turns or objects(live)


def _speaker(turn: dict[str, Any], roles: dict[str | None, Any]) -> str | None:
    name = label(turn.get("ParticipantId"))
    stated = role(turn.get("ParticipantRole")) or role(roles.get(name))
    return stated or (name.lower() if name and name.lower() in _ROLES else name)


def _word(item: dict[str, Any]) -> Word:
    return Word(
        string(item.get("Content")),
        seconds(item.get("BeginOffsetMillis"), _MILLISECONDS),
        seconds(item.get("EndOffsetMillis"), _MILLISECONDS),
        glued=item.get("Type") == "punctuation",
    )


FORMAT = JsonFormat("aws-call-analytics", matches, read)
