"""Times as transcripts write them."""

from __future__ import annotations

import math
import re

# [[H:]M:]S with a decimal point or comma; Microsoft Teams does not pad, other writers leave the hours out.
_CLOCK = re.compile(r"-?(?:\d+:){0,2}\d*(?:\d|[.,]\d+)")
_EXPONENT = re.compile(r"-?\d+(?:\.\d+)?[eE][-+]?\d+")


def parse_seconds(value: object) -> float | None:
    """Seconds of a number, a numeric string or a clock time such as `1:02:03,5`; None if it is no time."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _finite(value)
    if not isinstance(value, str):
        return None
    text = value.strip()
    if _EXPONENT.fullmatch(text):
        return _finite(float(text))
    if not _CLOCK.fullmatch(text):
        return None
    sign = -1.0 if text.startswith("-") else 1.0
    seconds = 0.0
    for part in text.lstrip("-").replace(",", ".").split(":"):
        seconds = seconds * 60 + float(part)
    # Minutes added to a fraction leave noise in the last bits; no transcript is finer than a nanosecond.
    return _finite(sign * round(seconds, 9) if math.isfinite(seconds) else seconds)


def _finite(value: float) -> float | None:
    try:
        seconds = float(value)
    except OverflowError:  # an integer beyond 1e308
        return None
    return seconds if math.isfinite(seconds) else None
