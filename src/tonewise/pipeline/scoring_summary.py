"""What the segments of a recording come to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tonewise.records import ROLES, Segment

LEAST = 3  # segments with a tone, in each third of a recording, to say where it goes

#: Seconds that the worst and the best moment last at least, where there are such: shorter ones are mostly noise.
MOMENT = 1.0


def summarise(segments: Sequence[Segment], duration: float) -> dict[str, Any]:
    """Means weighted by seconds, over the segments whose tone was judged; what is undefined is None. See docs/scoring.md."""
    judged = [segment for segment in segments if segment.tone is not None]
    talking = _seconds_by_voice(segments)
    silence, overlap = _silence_and_overlap(segments, duration)
    return {
        "segments": len(segments),
        "heard": len(judged),
        "speech_seconds": _seconds(judged),
        **_tones(judged),
        "mismatches": sum(segment.mismatch for segment in segments),
        "trend": _trend(judged, duration),
        "worst": _moment(judged, worst=True),
        "best": _moment(judged, worst=False),
        "talk_ratio": {voice: seconds / sum(talking.values()) for voice, seconds in talking.items()},
        "silence_share": silence,
        "overlap_share": overlap,
        "by_role": _by_role(judged),
    }


def _seconds(segments: Sequence[Segment]) -> float:
    return sum(segment.end - segment.start for segment in segments)


def _mean(segments: Sequence[Segment]) -> float | None:
    seconds = _seconds(segments)
    return sum((each.tone or 0.0) * (each.end - each.start) for each in segments) / seconds if seconds else None


def _tones(judged: Sequence[Segment]) -> dict[str, float | None]:
    seconds = _seconds(judged)
    positive = _seconds([segment for segment in judged if (segment.tone or 0.0) > 0.5])
    return {
        "mean_tone": _mean(judged),
        "positive_share": positive / seconds if seconds else None,
        "negative_share": 1 - positive / seconds if seconds else None,
    }


def _by_role(judged: Sequence[Segment]) -> dict[str, dict[str, Any]]:
    found = {role: [segment for segment in judged if segment.role == role] for role in ROLES}
    return {role: {**_tones(spoken), "n": len(spoken)} for role, spoken in found.items() if spoken}


def _trend(judged: Sequence[Segment], duration: float) -> float | None:
    """Mean tone of the last third of the recording less that of its first."""
    first = [each for each in judged if (each.start + each.end) / 2 < duration / 3]
    last = [each for each in judged if (each.start + each.end) / 2 >= duration * 2 / 3]
    before, after = _mean(first), _mean(last)
    enough = len(first) >= LEAST and len(last) >= LEAST and before is not None and after is not None
    return after - before if enough else None  # type: ignore[operator]


def _moment(judged: Sequence[Segment], *, worst: bool) -> dict[str, Any] | None:
    long = [segment for segment in judged if segment.end - segment.start >= MOMENT] or list(judged)
    if not long:
        return None
    chosen = (min if worst else max)(long, key=lambda segment: segment.tone or 0.0)
    return {"start": chosen.start, "end": chosen.end, "tone": chosen.tone, "text": chosen.text}


def _seconds_by_voice(segments: Sequence[Segment]) -> dict[str, float]:
    """By channel where all are on one each, else by speaker; nothing where voices cannot be told apart."""
    by_channel = all(segment.channel is not None for segment in segments)
    found: dict[str, float] = {}
    for segment in segments:
        name = str(segment.channel) if by_channel else segment.speaker
        if name is not None:
            found[name] = found.get(name, 0.0) + segment.end - segment.start
    return dict(sorted(found.items()))


def _silence_and_overlap(segments: Sequence[Segment], duration: float) -> tuple[float | None, float | None]:
    """Shares of the recording during which nobody speaks, and during which two segments overlap."""
    if not duration > 0:
        return None, None
    changes = sorted(
        [(segment.start, 1) for segment in segments] + [(segment.end, -1) for segment in segments],
    )
    spoken = together = before = 0.0
    speaking = 0
    for time, change in changes:
        spoken += (time - before) * (speaking > 0)
        together += (time - before) * (speaking > 1)
        before, speaking = time, speaking + change
    return max(1 - spoken / duration, 0.0), together / duration
