"""What scoring a recording has to tell: its segments, the curve of each voice, and their summary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tonewise.records.utterances import Problem

#: Roles in a call. Where nobody's role is known, `role` is None.
CUSTOMER, AGENT = ROLES = ("customer", "agent")


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech.

    Attributes:
        start, end: seconds from the start of the recording.
        channel: counted from 0; None = all channels together.
        speaker, text: from the transcript, None where it has none.
        tone: 0 (negative) to 1 (positive), from the sound alone: how probable positive *words* are with such a sound, where
            the model was calibrated; None where it could not be heard or was not asked for.
        words: −1 to 1, from the text alone; None where there is none.
        mismatch: whether words and tone disagree by more than the model's threshold.
        role: "customer" or "agent"; None = unknown.
        tone_low, tone_high: 95 % interval of the smoothed tone at the segment's middle, 0..1; None where there is no curve.
        relative: tone less the median tone of the same voice in this recording, −1..1; None where there is no tone.
        disagreement: 0..1, among how many in a hundred agreeing segments one would disagree less; None where words or tone
            are missing or take no side.
    """

    start: float
    end: float
    channel: int | None
    speaker: str | None
    text: str | None
    tone: float | None
    words: float | None
    mismatch: bool
    role: str | None = None
    tone_low: float | None = None
    tone_high: float | None = None
    relative: float | None = None
    disagreement: float | None = None


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The smoothed tone at one moment: `time` in seconds, `tone` and its 95 % interval `low` to `high`, 0..1."""

    time: float
    tone: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Curve:
    """The smoothed tone of one voice over a recording, points in the order of time."""

    channel: int | None
    speaker: str | None
    role: str | None
    points: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True)
class RecordingScore:
    """The segments of one recording, in order, and what they come to.

    Attributes:
        recording: its file.
        duration: seconds.
        segments: in the order of time.
        summary: figures; docs/scoring.md names them.
        problems: what was left out or is worth knowing.
        curves: one a voice that was scored.
        channels: of the recording.
        sample_rate: of the recording in Hz; None = unknown.
        scored_channels: channels whose tone was judged, counted from 0; empty = all of them together.
    """

    recording: str
    duration: float
    segments: tuple[Segment, ...]
    summary: dict[str, Any]
    problems: tuple[Problem, ...] = ()
    curves: tuple[Curve, ...] = ()
    channels: int = 1
    sample_rate: int | None = None
    scored_channels: tuple[int, ...] = ()
