"""JSON that anybody may have written: parsed within bounds, and read without trusting its shape."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tonewise.errors import TranscriptError
from tonewise.transcripts.clock import parse_seconds

#: Objects and lists that one transcript may hold: ten hours of words need a tenth of it, and each takes 64 to 232 bytes
#: of memory however short its text.
MAX_CONTAINERS = 3_000_000

#: The unit of many a service, see `seconds`.
MILLISECONDS = 1000.0

_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_NUMBERED = re.compile(r"(?:(?:ch|channel)[ _-]?)?(\d{1,3})", re.IGNORECASE)


def looks_like_json(text: str) -> bool:
    """Whether a text begins as a JSON object or list does."""
    return text.lstrip()[:1] in ("{", "[")


def parse_json(path: Path, text: str) -> Any:
    """The value of a JSON text.

    Raises `TranscriptError` where it is broken, nested too deeply, or has more than `MAX_CONTAINERS` objects and lists.
    """
    if text.count("{") + text.count("[") > MAX_CONTAINERS:
        raise TranscriptError(f"{path}: more than {MAX_CONTAINERS:,} objects in this JSON; expected one transcript")
    try:
        return json.loads(text)
    except RecursionError as error:
        raise TranscriptError(f"{path}: this JSON is nested too deeply to be a transcript") from error
    except ValueError as error:
        raise TranscriptError(f"{path}: invalid JSON ({error}); is the file complete?") from error


def child(value: Any, *keys: str) -> Any:
    """What lies below `keys`, one object inside the other; None where one is not there."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def objects(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; none where it is no list."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def first(value: Any) -> dict[str, Any]:
    """The first object of a list, the best of alternatives; empty where there is none."""
    return next(iter(objects(value)), {})


def string(value: Any) -> str:
    """A string with single spaces, or a number as one; empty where it is neither.

    Half of a surrogate pair becomes U+FFFD: JSON can write it, and nothing else can store it.
    """
    return " ".join(verbatim(value).split())


def verbatim(value: Any) -> str:
    """As `string`, with its spaces as they are."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    try:
        text = str(value)
    except ValueError:  # more digits than Python writes
        return ""
    return storable(text)


def storable(text: str) -> str:
    """The text with U+FFFD for each half of a surrogate pair."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def label(value: Any) -> str | None:
    """A speaker's name or number as a string; None where there is none."""
    return None if isinstance(value, float) else string(value) or None


def role(value: Any) -> str | None:
    """A part in a conversation (`AGENT`, `Customer`) in lower case."""
    name = label(value)
    return None if name is None else name.lower()


def seconds(value: Any, unit: float = 1.0) -> float | None:
    """Seconds of a time that is counted in `unit`s a second (1000 = milliseconds); None where it is no time."""
    time = parse_seconds(value)
    # Ticks and milliseconds leave noise in the last bits; no transcript is finer than a nanosecond.
    return None if time is None else round(time / unit, 9)


def span(
    item: Mapping[str, Any], start: str = "start", end: str = "end", unit: float = 1.0
) -> tuple[float | None, float | None]:
    """The seconds that an object states under the keys `start` and `end`, counted as `seconds` counts them."""
    return seconds(item.get(start), unit), seconds(item.get(end), unit)


def after(start: Any, duration: Any, unit: float = 1.0) -> float | None:
    """The end, in seconds, of what lasts `duration` from `start`; None where either is missing."""
    begun, lasts = parse_seconds(start), parse_seconds(duration)
    return None if begun is None or lasts is None else seconds(begun + lasts, unit)


def channel_number(value: Any, counted_from: int = 0) -> int | None:
    """A channel, counted from 0, of a number or a name such as `ch_0` or `channel_1`; None where it is neither."""
    match = _NUMBERED.fullmatch(string(int(value) if isinstance(value, float) and value.is_integer() else value))
    number = None if match is None else int(match[1]) - counted_from
    return number if number is not None and number >= 0 else None


def language_tag(value: Any) -> str | None:
    """A BCP-47 tag, with hyphens where `en_us` is written; None for names ("english", as OpenAI's service writes)."""
    tag = string(value).replace("_", "-") if isinstance(value, str) else ""  # "nan" is a language, NaN is none
    return tag if _LANGUAGE_TAG.fullmatch(tag) else None


def first_tag(values: Iterable[Any]) -> str | None:
    """The first BCP-47 tag among values; None where none is one."""
    return next((tag for tag in map(language_tag, values) if tag), None)
