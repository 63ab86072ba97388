"""The labellers by name. To add one: write its class in a file of its own, and give it a line here."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from tonewise.errors import OptionError
from tonewise.labels.base import DEFAULT_THRESHOLD, Labeller
from tonewise.labels.lexicon import LexiconLabeller

#: Each makes a labeller that abstains below a threshold.
_REGISTRY: MappingProxyType[str, Callable[[float], Labeller]] = MappingProxyType({"lexicon": LexiconLabeller})


def names() -> tuple[str, ...]:
    """Names that `create` knows."""
    return tuple(_REGISTRY)


def create(name: str, *, threshold: float = DEFAULT_THRESHOLD) -> Labeller:
    """Make a labeller by name.

    Args:
        name: one of `names()`.
        threshold: 0..1; scores of smaller absolute value become abstentions.

    Raises:
        OptionError: the name is unknown or the threshold out of range.
    """
    if not 0 <= threshold < 1:
        raise OptionError(f"threshold {threshold:g} is out of range: expected 0 to 1, such as {DEFAULT_THRESHOLD:g}")
    if name not in _REGISTRY:
        raise OptionError(f"unknown labeller '{name}'; choose {', '.join(names())}, or name a column of the corpus")
    return _REGISTRY[name](threshold)
