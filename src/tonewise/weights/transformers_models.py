"""Models that transformers loads: its refusals in one line, and its own bars kept away from ours."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tonewise.errors import WeightsError

#: What transformers raises of files that are damaged or say what cannot be, beside its own.
_ILL_FORMED = (ArithmeticError, AttributeError, ImportError, LookupError, OSError, RuntimeError, TypeError, ValueError)


@contextlib.contextmanager
def readable(what: str, expected: str) -> Iterator[None]:
    """transformers' own ways of refusing a folder's files, in one line: `what` cannot be loaded, `expected` was."""
    from huggingface_hub.errors import StrictDataclassError
    from safetensors import SafetensorError

    try:
        yield
    except (*_ILL_FORMED, StrictDataclassError, SafetensorError) as error:
        words = " ".join(str(error).split())[:200]
        raise WeightsError(f"{what} cannot be loaded ({words}); expected {expected}") from error


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers' own bars and warnings from being drawn across ours, for a while."""
    from transformers.utils import logging

    verbosity, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()
