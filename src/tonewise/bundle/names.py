"""The files that a model on disk is made of, and how large each may be. No other file is ever read."""

from __future__ import annotations

FORMAT = "tonewise-bundle"

MANIFEST, CLASSIFIER, CARD, BASELINE = "manifest.json", "classifier.onnx", "README.md", "baseline.npy"

#: Where a model was pulled from. It is no part of the model: it is neither exported nor pushed.
ORIGIN = "origin.json"

MIB = 2**20

#: The most bytes of each file.
LIMITS = {MANIFEST: 64 * MIB, CLASSIFIER: 1024 * MIB, CARD: 4 * MIB, BASELINE: 64 * MIB, ORIGIN: MIB}
