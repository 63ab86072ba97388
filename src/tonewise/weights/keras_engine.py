"""Keras 3 with torch beneath it: what everything that is built with Keras is built with."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tonewise.errors import MissingExtraError, OptionError

if TYPE_CHECKING:
    import numpy as np

_SETTINGS = {"backend": "torch", "floatx": "float32", "image_data_format": "channels_last"}


def require(what: str) -> None:
    """Check that Keras can be had as it is needed, without importing it.

    Raises:
        MissingExtraError: Keras or torch is not installed; `what` needs them.
        OptionError: Keras was imported before, with other settings.
    """
    if not all(importlib.util.find_spec(package) for package in ("keras", "torch")):
        raise MissingExtraError(what, "vgg16")
    if "keras" in sys.modules:
        _check(sys.modules["keras"], what)


def engine(what: str) -> Any:
    """The module `keras`, running on torch, in float32, with an image's channels last.

    Keras settles this at its first import, by the variable KERAS_BACKEND and by the user's keras.json. The variable is
    set to `torch` for the length of that import and put back, and what keras.json says of numbers is overruled. A Keras
    that somebody else has imported is taken as it is, or refused.

    Raises:
        MissingExtraError: Keras or torch is not installed; `what` needs them.
        OptionError: Keras was imported before, with other settings.
    """
    require(what)
    first = "keras" not in sys.modules
    with _backend_chosen():
        import keras
    if first:
        keras.config.set_floatx(_SETTINGS["floatx"])
        keras.config.set_image_data_format(_SETTINGS["image_data_format"])
    return keras


def numbers(variable: Any) -> np.ndarray:
    """A copy of the numbers of a Keras variable. Keras' own way (`get_weights`) calls numpy as numpy 2 deprecates."""
    array: np.ndarray = variable.value.detach().cpu().numpy().copy()
    return array


def _check(keras: Any, what: str) -> None:
    for name, expected in _SETTINGS.items():
        if (found := getattr(keras.config, name)()) != expected:
            raise OptionError(
                f"Keras was imported before with {name} '{found}', and {what} needs '{expected}'; use another process, or "
                "set KERAS_BACKEND=torch and Keras' defaults before it is imported"
            )


@contextlib.contextmanager
def _backend_chosen() -> Iterator[None]:
    before = os.environ.get("KERAS_BACKEND")
    os.environ["KERAS_BACKEND"] = _SETTINGS["backend"]
    try:
        yield
    finally:
        del os.environ["KERAS_BACKEND"]
        if before is not None:
            os.environ["KERAS_BACKEND"] = before
