"""How public names are given up: they work on for a while, and say what to use instead. docs/api-policy.md has the rule."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import Any, TypeVar, cast

_Function = TypeVar("_Function", bound=Callable[..., Any])


def deprecated(*, since: str, removed_in: str, instead: str) -> Callable[[_Function], _Function]:
    """Mark a public function: its first call in a process warns (`FutureWarning`, which is shown unless it is silenced).

    Args:
        since: the version that deprecates it.
        removed_in: the version that will not have it, a later minor or major one.
        instead: what to use, or why there is nothing.

    Raises:
        ValueError: a version is not written as `1.2` or `1.2.3`, or `removed_in` is not at least one minor version later.
    """
    if _minor(removed_in) <= _minor(since):
        raise ValueError(
            f"deprecated in {since} and removed in {removed_in}: expected at least one minor version between"
        )

    def mark(function: _Function) -> _Function:
        message = f"{function.__qualname__} is deprecated since tonewise {since} and goes in {removed_in}: {instead}"
        told = False

        @functools.wraps(function)
        def call(*arguments: Any, **options: Any) -> Any:
            nonlocal told
            if not told:
                told = True
                warnings.warn(message, FutureWarning, stacklevel=2)
            return function(*arguments, **options)

        return cast(_Function, call)

    return mark


def _minor(version: str) -> tuple[int, int]:
    major, minor, *_ = version.split(".")
    return int(major), int(minor)
