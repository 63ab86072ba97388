"""Versions of what figures depend on."""

from __future__ import annotations

import platform
from importlib.metadata import version
from importlib.util import find_spec

from tonewise import models
from tonewise.version import __version__

_PACKAGES = (
    "av", "ctranslate2", "faster-whisper", "librosa", "numpy", "onnxruntime", "scikit-learn", "skl2onnx", "soundfile",
    "soxr", "textblob", "vaderSentiment",
)  # fmt: skip


def versions(*classifiers: str) -> dict[str, str]:
    """Versions of tonewise, Python and every library that a figure depends on, with those that classifiers bring."""
    found = {"tonewise": __version__, "python": platform.python_version()}
    extra = {library for name in classifiers for library in models.libraries(name) if find_spec(library)}
    return found | {package: version(package) for package in (*_PACKAGES, *sorted(extra))}
