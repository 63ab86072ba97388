"""Sound to vectors: one file an encoder, one contract, and a cache that is addressed by content."""

from tonewise.features.base import JSON, Encoder
from tonewise.features.cache import FeatureCache
from tonewise.features.extract import Extraction, extract, extract_all
from tonewise.features.mel import log_mel
from tonewise.features.preparation import BASELINES, DEFAULT_BASELINE, NO_BASELINE, Preparation, prepare, restore
from tonewise.features.registry import DEFAULT_FEATURES, create, names

__all__ = [
    "BASELINES",
    "DEFAULT_BASELINE",
    "DEFAULT_FEATURES",
    "JSON",
    "NO_BASELINE",
    "Encoder",
    "Extraction",
    "FeatureCache",
    "Preparation",
    "create",
    "extract",
    "extract_all",
    "log_mel",
    "names",
    "prepare",
    "restore",
]
