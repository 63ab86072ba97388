"""tonewise learns how speech sounds from what it says.

    >>> import tonewise
    >>> result = tonewise.train("corpus.csv", "model")          # doctest: +SKIP
    >>> model = tonewise.load("model")                          # doctest: +SKIP
    >>> model.score("call.mp3", transcript="call.srt")          # doctest: +SKIP

The names below are the public ones; they load what they need when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tonewise.version import __version__

if TYPE_CHECKING:
    from tonewise.corpus import read_corpus
    from tonewise.errors import InputError, TonewiseError, WeightsError
    from tonewise.pipeline import evaluate, label, load, score, train

_HOMES = {
    "InputError": "tonewise.errors",
    "TonewiseError": "tonewise.errors",
    "WeightsError": "tonewise.errors",
    "evaluate": "tonewise.pipeline",
    "label": "tonewise.pipeline",
    "load": "tonewise.pipeline",
    "read_corpus": "tonewise.corpus",
    "score": "tonewise.pipeline",
    "train": "tonewise.pipeline",
}

__all__ = [
    "InputError",
    "TonewiseError",
    "WeightsError",
    "__version__",
    "evaluate",
    "label",
    "load",
    "read_corpus",
    "score",
    "train",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'tonewise' has no attribute '{name}'")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
