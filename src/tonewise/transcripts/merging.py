"""A transcript and what is known about it from elsewhere: who speaks when, and what channels are called."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from tonewise.records import Cue, Problem
from tonewise.transcripts.rttm import Turn
from tonewise.transcripts.transcript import Transcript

# Names of channels that mean the same everywhere. Which of them is the agent's differs from platform to platform, and so
# does whether "channel 1" is the first; Amazon's "ch_0" is.
_SIDES: Mapping[str, int] = {"left": 0, "right": 1}
_NUMBERED = re.compile(r"(?:ch_?)?(\d{1,3})")

_INSTANT = 1e-3  # seconds: what lasts no time overlaps the turn that it lies in


def with_speakers(transcript: Transcript, turns: Sequence[Turn], source: str) -> Transcript:
    """Give each cue without a speaker the one who speaks longest during it.

    A turn on a channel speaks for cues of that channel, and of none. Cues that nobody speaks during stay without a
    speaker and are counted as one `Problem` of kind `no_speaker` about `source`. O(n log n) unless all turns overlap.
    """
    ordered = sorted(turns, key=lambda turn: turn.start)
    starts = [turn.start for turn in ordered]
    reach = list(itertools.accumulate((turn.end for turn in ordered), max))
    cues = [
        cue if cue.speaker else replace(cue, speaker=_speaker(cue, ordered, starts, reach)) for cue in transcript.cues
    ]
    without = [cue for cue in cues if not cue.speaker]
    problems = transcript.problems
    if without:
        detail = (
            f"nobody speaks during {len(without)} of {len(cues)} sentences, such as the one at {without[0].start:g} s"
        )
        problems = (*problems, Problem("no_speaker", source, detail, len(without)))
    return replace(transcript, cues=tuple(cues), problems=problems)


def channel_of(name: str) -> int | None:
    """The channel, counted from 0, that `left`, `right`, `0` or `ch_0` names; None where it is none of these."""
    lower = name.strip().lower()
    match = _NUMBERED.fullmatch(lower)
    return int(match[1]) if match else _SIDES.get(lower)


def _speaker(cue: Cue, turns: Sequence[Turn], starts: Sequence[float], reach: Sequence[float]) -> str | None:
    end = max(cue.end, cue.start + _INSTANT)
    spoken: dict[str, float] = defaultdict(float)
    for position in range(bisect_left(starts, end) - 1, -1, -1):
        if reach[position] <= cue.start:
            break
        turn = turns[position]
        seconds = min(turn.end, end) - max(turn.start, cue.start)
        if seconds > 0 and (cue.channel is None or turn.channel in (None, cue.channel)):
            spoken[turn.speaker] += seconds
    if not spoken:
        return None
    # Of two who speak equally long the one whose name comes first: nothing depends on the order of lines.
    return min(spoken, key=lambda name: (-spoken[name], name))
