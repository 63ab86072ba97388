"""Two mono files of one call: `call_agent.wav` and `call_customer.wav` in one folder.

The rule guesses nothing: the names must be equal but for an ending after `_`, `-`, `.` or a space, one ending must be
`agent` and the other `customer`, `caller` or `client`, and there must be one of each. Files that are named otherwise are
calls of their own; a manifest can state what belongs together by its columns `recording`, `speaker` and `text`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from tonewise.transcripts import Transcript

CUSTOMERS = frozenset({"customer", "caller", "client"})

_SIDE = re.compile(r"(?P<call>.*[^\s_.-])[\s_.-]+(?P<side>agent|customer|caller|client)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a call: `call` is the path without the ending, `name` the ending in lower case."""

    call: Path
    name: str


def find_sides(recordings: Iterable[Path]) -> dict[Path, Side]:
    """The side that each recording is, of those that are one."""
    found = {recording: side for recording in recordings if (side := _side(recording))}
    calls: dict[Path, list[str]] = {}
    for side in found.values():
        calls.setdefault(side.call, []).append(side.name)
    return {recording: side for recording, side in found.items() if _is_pair(calls[side.call])}


def _is_pair(names: list[str]) -> bool:
    return len(names) == 2 and names.count("agent") == 1


def _side(recording: Path) -> Side | None:
    match = _SIDE.fullmatch(recording.stem)
    return Side(recording.with_name(match["call"]), match["side"].lower()) if match else None


def said_in_call(side: Side, transcript: Transcript) -> Transcript:
    """Of a transcript of the whole call what this side says, on the only channel of its file.

    A customer may be called caller or client.
    """
    names = {"agent"} if side.name == "agent" else CUSTOMERS
    cues = [replace(cue, channel=None) for cue in transcript.cues if (cue.speaker or "").strip().lower() in names]
    return replace(transcript, cues=tuple(cues))


def said_in_own_file(side: Side, transcript: Transcript) -> Transcript:
    """The transcript of a side's own file: who is not named is the side."""
    return replace(transcript, cues=tuple(replace(cue, speaker=cue.speaker or side.name) for cue in transcript.cues))
