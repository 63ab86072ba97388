"""A scored recording in words, row by row, for its page: everything that can be seen there can be read there, too."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tonewise.records import Curve, CurvePoint, RecordingScore, Segment
from tonewise.report import wording

EVEN = (0.4, 0.6)  # tone that is called neither: near the middle a difference of a few hundredths says nothing

#: Seconds between rows of the curve's table; the first that makes no more than `_MOST_ROWS` of them.
_STEPS = (5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
_MOST_ROWS = 60

SYMBOLS = {"negative": "▼", "even": "●", "positive": "▲"}  # of the kinds of tone

AGENT_UNHEARD = (
    "words only: whether agents are judged is a deliberate choice (in the EU, inferring emotions of people at work is "
    "prohibited with narrow exceptions), and it was not made"
)
CHANNEL_UNHEARD = "words only: the tone of this channel was not asked for"
TOO_QUIET = "words only: its tone could not be heard"


@dataclass(frozen=True, slots=True)
class Chip:
    """A tone as a sign, a word and figures: `kind` is positive, negative or even."""

    kind: str
    symbol: str
    figure: str
    interval: str


@dataclass(frozen=True, slots=True)
class Row:
    """A sentence of the transcript; `unheard` says why there is no chip."""

    number: int
    at: str
    start: float
    who: str
    text: str
    chip: Chip | None
    unheard: str
    mismatch: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A picture beside which `name` and `note` stand; `kind` is wave, tone or spectrum."""

    kind: str
    name: str
    note: str = ""


def clock(seconds: float) -> str:
    """A moment: "0:07", "59:59", "1:02:03"."""
    whole = max(math.floor(seconds), 0)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def tone_kind(tone: float) -> str:
    """positive, negative or even."""
    return "negative" if tone < EVEN[0] else "positive" if tone > EVEN[1] else "even"


def rows(score: RecordingScore) -> list[Row]:
    """The transcript, in the order of the segments."""
    return [
        Row(
            number=number,
            at=clock(segment.start),
            start=segment.start,
            who=voice_name(segment.role, segment.speaker, segment.channel),
            text=_spaced(segment.text),
            chip=_chip(segment),
            unheard="" if segment.tone is not None else unheard(score, segment),
            mismatch=mismatch_phrase(segment) if segment.mismatch else "",
        )
        for number, segment in enumerate(score.segments)
    ]


def unheard(score: RecordingScore, segment: Segment) -> str:
    """Why a segment has no tone."""
    asked = not score.scored_channels or segment.channel is None or segment.channel in score.scored_channels
    if segment.role == "agent" and not _heard(score, "agent"):
        return AGENT_UNHEARD
    return TOO_QUIET if asked else CHANNEL_UNHEARD


def strongest_first(score: RecordingScore) -> list[int]:
    """Numbers of the segments whose words and tone disagree."""
    found = [number for number, segment in enumerate(score.segments) if segment.mismatch]
    return sorted(found, key=lambda number: -(score.segments[number].disagreement or 0.0))


def mismatch_phrase(segment: Segment) -> str:
    """How words and tone part: "says positive, sounds negative"."""
    said = "positive" if (segment.words or 0.0) > 0 else "negative"
    heard = "positive" if segment.tone is not None and segment.tone > 0.5 else "negative"
    if said == heard:  # apart in degree only
        return f"says {said}, sounds less so" if (said == "positive") else f"says {said}, sounds more positive"
    return f"says {said}, sounds {heard}"


def strength(segment: Segment) -> str:
    """How strong a disagreement is, in plain words; empty where it was not measured."""
    if segment.disagreement is None:
        return ""
    share = wording.percent(min(segment.disagreement, 0.99))  # "more than over 99 %" says less, not more
    return f"disagrees more than {share} of agreeing sentences do"


def voice_name(role: str | None, speaker: str | None, channel: int | None) -> str:
    """Who speaks, for people: "Customer", "Anna (agent)", "Channel 1"; empty where voices are not told apart."""
    if role and speaker and speaker.lower() != role:
        return f"{speaker} ({role})"
    if role or speaker:
        return wording.capital(role or speaker or "")
    return "" if channel is None else f"Channel {channel}"


def curve_name(curve: Curve) -> str:
    """Whose tone a curve shows."""
    return voice_name(curve.role, curve.speaker, curve.channel) or "All voices"


def channel_names(score: RecordingScore, shown: int) -> list[str]:
    """What each of the shown channels is called: by the role of most of its segments, else by its number."""
    if score.channels == 1:
        return ["Recording"]
    return ["All channels"] if shown == 1 else [_channel_name(score, channel) for channel in range(shown)]


def lanes(channels: Sequence[str], curves: Sequence[Curve]) -> list[Lane]:
    """Pictures from top to bottom: waveforms, curves of tone, spectrograms."""
    numbers = [f", channel {number}" if len(channels) > 1 else "" for number in range(len(channels))]
    return [
        *(Lane("wave", name, f"waveform{number}") for name, number in zip(channels, numbers, strict=True)),
        *(Lane("tone", curve_name(each), "tone") for each in curves),
        *(Lane("spectrum", name, f"spectrogram{number}") for name, number in zip(channels, numbers, strict=True)),
    ]


def facts(score: RecordingScore) -> list[tuple[str, str]]:
    """The summary's figures that are there, with their names."""
    found = score.summary
    shares = [
        ("Speech that sounds positive", found.get("positive_share")),
        ("Speech that sounds negative", found.get("negative_share")),
        ("Silence", found.get("silence_share")),
        ("Several speak at once", found.get("overlap_share")),
    ]
    rows = [("Mean tone", wording.number(found.get("mean_tone")))]
    if found.get("trend") is not None:
        rows.append(("From the first third to the last", wording.signed(found["trend"])))
    rows += [(name, wording.percent(share)) for name, share in shares if share is not None]
    rows += [
        (f"Talks: {_named(name)}", wording.percent(share)) for name, share in (found.get("talk_ratio") or {}).items()
    ]
    return rows


def moments(score: RecordingScore) -> list[tuple[str, float, str]]:
    """The best and the worst moment: name, start in seconds, and what was said."""
    found = [("Most negative", score.summary.get("worst")), ("Most positive", score.summary.get("best"))]
    return [(name, each["start"], _moment(each)) for name, each in found if each]


def role_rows(score: RecordingScore) -> list[tuple[str, ...]]:
    """By role: name, mean tone, positive and negative share, sentences."""
    return [
        (
            wording.capital(str(role)),
            wording.number(each.get("mean_tone")),
            wording.percent(each.get("positive_share")),
            wording.percent(each.get("negative_share")),
            wording.count(each.get("n", 0)),
        )
        for role, each in (score.summary.get("by_role") or {}).items()
    ]


def curve_table(curves: Sequence[Curve], duration: float) -> list[tuple[str, list[str]]]:
    """The curves as a table: a moment, and each voice's tone and interval then."""
    step = next((each for each in _STEPS if duration / each <= _MOST_ROWS), _STEPS[-1])
    moments = [number * step for number in range(math.floor(duration / step) + 1)]
    return [(clock(moment), [_at(each.points, moment, step) for each in curves]) for moment in moments]


def _at(points: Sequence[CurvePoint], moment: float, step: float) -> str:
    nearest = min(points, key=lambda point: abs(point.time - moment), default=None)
    if nearest is None or abs(nearest.time - moment) > step / 2:
        return "–"
    return f"{wording.number(nearest.tone)} ({wording.number(nearest.low)}–{wording.number(nearest.high)})"


def _chip(segment: Segment) -> Chip | None:
    if segment.tone is None:
        return None
    kind = tone_kind(segment.tone)
    bounds = (segment.tone_low, segment.tone_high)
    interval = "" if None in bounds else "–".join(map(wording.number, bounds))
    return Chip(kind, SYMBOLS[kind], wording.number(segment.tone), interval)


def _channel_name(score: RecordingScore, channel: int) -> str:
    roles = [each.role for each in score.segments if each.channel == channel and each.role]
    return wording.capital(max(sorted(set(roles)), key=roles.count)) if roles else f"Channel {channel}"


def _heard(score: RecordingScore, role: str) -> bool:
    return any(segment.role == role and segment.tone is not None for segment in score.segments)


def _moment(found: dict[str, Any]) -> str:
    text = _spaced(found.get("text"))
    said = f"“{text if len(text) <= 120 else text[:119] + '…'}”" if text else "no words"
    return f"{wording.number(found.get('tone'))}, {said}"


def _named(name: object) -> str:
    text = str(name)
    return f"channel {text}" if text.isdecimal() else text


def _spaced(text: str | None) -> str:
    return " ".join((text or "").split())
