"""What a live socket and its client say to each other: the first message, the end, and why a socket was closed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tonewise.errors import InputError

#: Close codes of RFC 6455 and its registry.
DONE, BAD_INPUT, NOT_ALLOWED, TOO_LARGE, BROKEN, TRY_LATER = 1000, 1003, 1008, 1009, 1011, 1013

#: Characters that a text message may have.
MAX_TEXT = 4_096

_KINDS: dict[str, tuple[type, str]] = {
    "encoding": (str, "a name"),
    "rate": (int, "a whole number"),
    "channels": (int, "a whole number"),
    "channel": (int, "a whole number or null"),
    "token": (str, "a text"),
}


class RefusalError(InputError):
    """A socket is to be closed, with a code and one line that tells its client why."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Hello:
    """What a stream will hold, as its client says in the first message; see `pipeline.live.LiveScorer`."""

    encoding: str
    rate: int
    channels: int = 1
    channel: int | None = None
    token: str | None = None


def parse_hello(text: str) -> Hello:
    """The first message.

    Raises:
        RefusalError: it is none.
    """
    told = _object(text)
    unknown = sorted(set(told) - set(_KINDS))
    if unknown:
        raise RefusalError(BAD_INPUT, f"unknown '{unknown[0][:40]}' in the first message; expected {', '.join(_KINDS)}")
    given = {name: value for name, value in told.items() if value is not None}
    missing = [name for name in ("encoding", "rate") if name not in given]
    if missing:
        raise RefusalError(BAD_INPUT, f'the first message does not state "{missing[0]}"; {_EXAMPLE}')
    for name, value in given.items():
        kind, words = _KINDS[name]
        if not isinstance(value, kind) or isinstance(value, bool):
            raise RefusalError(BAD_INPUT, f'"{name}" of the first message is not {words}; {_EXAMPLE}')
    return Hello(**given)


def is_end(text: str) -> bool:
    """Whether a later text message says that the sound ends: `{"end": true}`.

    Raises:
        RefusalError: it says something else.
    """
    if _object(text) == {"end": True}:
        return True
    raise RefusalError(BAD_INPUT, 'after the first message, text can only be {"end": true}; send sound as binary')


_EXAMPLE = 'expected JSON such as {"encoding": "pcm_s16le", "rate": 16000}'


def _object(text: str) -> Mapping[str, Any]:
    if len(text) > MAX_TEXT:
        raise RefusalError(TOO_LARGE, f"a text message of {len(text)} characters; at most {MAX_TEXT} are allowed")
    try:
        told = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RefusalError(BAD_INPUT, f"a text message is no JSON; {_EXAMPLE}") from error
    if not isinstance(told, dict):
        raise RefusalError(BAD_INPUT, f"a text message is no JSON object; {_EXAMPLE}")
    return told
