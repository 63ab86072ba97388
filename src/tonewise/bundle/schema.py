"""What a value that was read from JSON may be: small checks that are put together to one of a whole file.

A check is a function of a value and of where it stands (`training.coverage`); it raises `Mismatch`, or returns nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

Check = Callable[[Any, str], None]

#: Characters. A note or a path may be long; a book is no note.
LONGEST = 100_000

#: A number may be as large as a hash of 64 bits, and no larger: what counts more is no count.
_LARGEST = 2**64


class Mismatch(Exception):
    """A value is not what it should be; the message says where and what was expected, as the end of a sentence."""


def number(low: float = -math.inf, high: float = math.inf) -> Check:
    """A finite number from `low` to `high`."""

    def check(value: Any, where: str) -> None:
        fits = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= _LARGEST
        if not fits or not low <= value <= high:
            raise Mismatch(f"{where} is no number{_range(low, high)}")

    return check


def whole(low: float = -math.inf, high: float = math.inf) -> Check:
    """A whole number from `low` to `high`."""
    inside = number(low, high)

    def check(value: Any, where: str) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            raise Mismatch(f"{where} is no whole number{_range(low, high)}")
        inside(value, where)

    return check


def text(pattern: str | None = None, what: str = "text") -> Check:
    """A text, all of which is matched by `pattern`."""

    def check(value: Any, where: str) -> None:
        if not isinstance(value, str) or len(value) > LONGEST or (pattern and not re.fullmatch(pattern, value)):
            raise Mismatch(f"{where} is no {what}")

    return check


def exactly(expected: Any) -> Check:
    """One value and no other."""

    def check(value: Any, where: str) -> None:
        if value != expected or type(value) is not type(expected):
            raise Mismatch(f"{where} is not {expected!r}")

    return check


def maybe(check: Check) -> Check:
    """What `check` wants, or null."""

    def either(value: Any, where: str) -> None:
        if value is not None:
            check(value, where)

    return either


def listed(check: Check, low: int = 0, high: int = 10_000_000) -> Check:
    """A list of `low` to `high` values, each as `check` wants it."""

    def all_of(value: Any, where: str) -> None:
        if not isinstance(value, list) or not low <= len(value) <= high:
            raise Mismatch(f"{where} is no list{f' of {low} or more' if low else ''}")
        for position, each in enumerate(value):
            check(each, f"{where}.{position}")

    return all_of


def rising(low: float, high: float) -> Check:
    """Two or more numbers in ascending order."""
    inside = number(low, high)

    def check(value: Any, where: str) -> None:
        try:
            listed(inside, 2)(value, where)
        except Mismatch:
            value = None
        if value is None or value != sorted(value):
            raise Mismatch(f"{where} are not ascending numbers{_range(low, high)}")

    return check


def mapping(check: Check) -> Check:
    """An object with any keys, each value as `check` wants it."""

    def all_of(value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise Mismatch(f"{where} is no object")
        for key, each in value.items():
            check(each, f"{where}.{key[:60]}")

    return all_of


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """An object with these keys and no others."""
    known = {**required, **(optional or {})}

    def check(value: Any, where: str) -> None:
        if not isinstance(value, dict):
            raise Mismatch(f"{where or 'it'} is no object")
        for key in value:
            if key not in known:
                raise Mismatch(f"it has the unknown key '{_at(where, key[:60])}'")
        for key in required:
            if key not in value:
                raise Mismatch(f"it has no '{_at(where, key)}'")
        for key, each in value.items():
            known[key](each, _at(where, key))

    return check


def plain(value: Any, where: str, depth: int = 8) -> None:
    """Anything that JSON can say in eight levels: what labellers and encoders tell of themselves."""
    if isinstance(value, dict | list):
        if not depth:
            raise Mismatch(f"{where} is nested too deeply")
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            plain(each, f"{where}.{str(key)[:60]}", depth - 1)
    elif isinstance(value, str):
        text()(value, where)
    elif value is not None and not isinstance(value, bool):
        number()(value, where)


def _at(where: str, key: str) -> str:
    return f"{where}.{key}" if where else key


def _range(low: float, high: float) -> str:
    if math.isinf(low):
        return "" if math.isinf(high) else f" up to {high:g}"
    return f" of {low:g} or more" if math.isinf(high) else f" from {low:g} to {high:g}"
