"""What the player of a recording's page reads: pictures, curves and times, as JSON that may stand inside HTML."""

from __future__ import annotations

import base64
import json
import statistics
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from tonewise.records import Curve, CurvePoint, RecordingScore

if TYPE_CHECKING:
    import numpy as np
    from markupsafe import Markup

MOST_POINTS = 3_000  # of a curve that is drawn: more than a screen has pixels

#: A curve is broken where nothing is known for this long: seconds, and times the usual step.
_GAP, _GAP_STEPS = 20.0, 8.0


def player_data(
    score: RecordingScore, curves: Sequence[Curve], peaks: Sequence[np.ndarray], spectrogram: Sequence[np.ndarray]
) -> dict[str, Any]:
    """The player's input. Times are milliseconds and tones thousandths: whole numbers, and short ones.

    Args:
        score: gives the times of segments, in the order in which the page lists them.
        curves: the voices that have a lane.
        peaks: float `(count, 2)` a channel, −1..1.
        spectrogram: uint8 `(bands, columns)` a channel.
    """
    return {
        "duration": score.duration,
        "peaks": [_bytes(_quantised(each)) for each in peaks],
        "spectra": [{"bands": len(each), "columns": each.shape[1], "data": _bytes(each)} for each in spectrogram],
        "voices": [_voice(curve, score) for curve in curves],
        "times": [[_milli(segment.start), _milli(segment.end)] for segment in score.segments],
        "mismatches": [number for number, segment in enumerate(score.segments) if segment.mismatch],
    }


def inside_html(data: dict[str, Any]) -> Markup:
    """JSON for a `<script type="application/json">`: nothing in it can end the element or open a comment."""
    from markupsafe import Markup

    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return Markup(text)


def thinned(points: Sequence[CurvePoint], most: int = MOST_POINTS) -> list[CurvePoint]:
    """Points at equal steps, and the last: `most` of them or fewer."""
    step = -(-len(points) // most) or 1
    kept = list(points[::step])
    if kept and kept[-1] is not points[-1]:
        kept[-1] = points[-1]
    return kept


def stretches(points: Sequence[CurvePoint]) -> list[list[CurvePoint]]:
    """Points that may be joined by a line: a new list after each long silence."""
    steps = [after.time - before.time for before, after in pairwise(points)]
    most = max(_GAP, _GAP_STEPS * statistics.median(steps)) if steps else _GAP
    found: list[list[CurvePoint]] = []
    for number, point in enumerate(points):
        if number == 0 or steps[number - 1] > most:
            found.append([])
        found[-1].append(point)
    return found


def belongs(curve: Curve, channel: int | None, speaker: str | None) -> bool:
    """Whether a segment of this channel and speaker is in the voice of a curve."""
    return curve.channel == channel and (curve.speaker is None or curve.speaker == speaker)


def _voice(curve: Curve, score: RecordingScore) -> dict[str, Any]:
    lines = [
        [[_milli(each.time), _milli(each.tone), _milli(each.low), _milli(each.high)] for each in line]
        for line in stretches(thinned(curve.points))
    ]
    sentences = [
        [number, _milli(segment.tone)]
        for number, segment in enumerate(score.segments)
        if segment.tone is not None and belongs(curve, segment.channel, segment.speaker)
    ]
    return {"lines": lines, "sentences": sentences}


def _milli(value: float) -> int:
    return round(value * 1000)


def _quantised(peaks: np.ndarray) -> np.ndarray:
    """−1..1 in a signed byte: a lane has fewer pixels than that."""
    import numpy as np

    steps: np.ndarray = np.clip(np.rint(np.asarray(peaks) * 127), -127, 127).astype(np.int8)
    return steps


def _bytes(values: np.ndarray) -> str:
    return base64.b64encode(values.tobytes()).decode()
