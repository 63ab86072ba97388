"""Where pretrained files come from, checked by hash, and how Keras and transformers are loaded.

The only part below the surfaces that reads a variable of the environment: `cache_root`.
"""

from tonewise.weights.checksums import digest
from tonewise.weights.known import KNOWN, WHISPER_HUB, File, Weights
from tonewise.weights.store import cache_root, checksum, get, listing, put, verify

__all__ = [
    "KNOWN",
    "WHISPER_HUB",
    "File",
    "Weights",
    "cache_root",
    "checksum",
    "digest",
    "get",
    "listing",
    "put",
    "verify",
]
