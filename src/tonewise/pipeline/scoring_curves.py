"""The tone of each voice over a recording: smoothed, and beside how that voice usually sounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

from tonewise.evaluation.smoothing import smooth
from tonewise.pipeline.voices import voices
from tonewise.records import Curve, CurvePoint, Segment

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Drawn:
    """Segments with their intervals and what they are beside their voice's median, and one curve a voice."""

    segments: tuple[Segment, ...]
    curves: tuple[Curve, ...]


def draw(segments: Sequence[Segment], utterances: pd.DataFrame, noise: float) -> Drawn:
    """Smooth the tones of each voice; voices are told apart as a speaker's baseline tells them.

    Args:
        segments: one a row of `utterances`, in the order of time.
        noise: see `smooth`.
    """
    rows: dict[str, list[int]] = {}
    for row, voice in enumerate(voices(utterances)):
        if segments[row].tone is not None:
            rows.setdefault(voice, []).append(row)
    found, curves = list(segments), []
    for together in rows.values():
        told, curve = _voice([segments[row] for row in together], noise)
        curves.append(curve)
        for row, segment in zip(together, told, strict=True):
            found[row] = segment
    return Drawn(tuple(found), tuple(curves))


def _voice(spoken: Sequence[Segment], noise: float) -> tuple[list[Segment], Curve]:
    tones = [segment.tone for segment in spoken if segment.tone is not None]
    times = [(segment.start + segment.end) / 2 for segment in spoken]
    smoothed = smooth(times, tones, [segment.end - segment.start for segment in spoken], noise=noise)
    ends = list(zip(smoothed.low.tolist(), smoothed.high.tolist(), strict=True))
    usual = median(tones)
    told = [
        replace(segment, tone_low=low, tone_high=high, relative=tone - usual)
        for segment, tone, (low, high) in zip(spoken, tones, ends, strict=True)
    ]
    points = tuple(
        CurvePoint(time, tone, low, high)
        for time, tone, (low, high) in zip(times, smoothed.tone.tolist(), ends, strict=True)
    )
    first = spoken[0]
    return told, Curve(first.channel, first.speaker, first.role, points)
