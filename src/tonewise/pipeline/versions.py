"""Versions of what figures depend on."""

from __future__ import annotations

import platform
from importlib.metadata import version

from tonewise.version import __version__

_PACKAGES = (
    "av", "ctranslate2", "faster-whisper", "librosa", "numpy", "onnxruntime", "scikit-learn", "skl2onnx", "soundfile",
    "soxr", "textblob", "vaderSentiment",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Versions of tonewise, Python and every library that a figure depends on."""
    found = {"tonewise": __version__, "python": platform.python_version()}
    return found | {package: version(package) for package in _PACKAGES}
