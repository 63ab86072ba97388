"""Where pretrained files come from, checked by hash; the only part below the surfaces that reads the environment."""

from tonewise.weights.checksums import digest
from tonewise.weights.known import KNOWN, WHISPER_HUB, File, Weights, Wheel, describe
from tonewise.weights.store import cache_root, checksum, get, listing, verify

__all__ = [
    "KNOWN",
    "WHISPER_HUB",
    "File",
    "Weights",
    "Wheel",
    "cache_root",
    "checksum",
    "describe",
    "digest",
    "get",
    "listing",
    "verify",
]
