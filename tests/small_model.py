"""A small trained model on disk, made in milliseconds, with everything in its manifest that training writes."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np

from tonewise import bundle, models

AUC = {"roc_auc": 0.7, "ci_low": 0.6, "ci_high": 0.8, "n": 50, "positives": 20, "groups": 5, "grouped_by": "speaker"}
EVALUATION = {
    **AUC,
    **dict.fromkeys(("pr_auc", "positive_rate", "balanced_accuracy", "accuracy", "majority"), 0.5),
    "words": dict(AUC),
}
ESTIMATE = {"value": 1.1, "ci_low": -0.2, "ci_high": 1.4, "n": 50}
FINDINGS = {
    "truth": "gold column 'mood'",
    "verdict": "hears tone",
    "why": "it does",
    "held_out": "sentences",
    "splits": {"random": {**AUC, "contents": 9, "trained": 40, "text": dict(AUC), "length": None}},
    "missing": {"lexical": "too few"},
    **dict.fromkeys(("fall", "kept", "above_text", "above_length", "text_share"), ESTIMATE),
    "repeated": dict(AUC),
    "without_words": {"hum": {**AUC, "untouched": dict(AUC)}},
}
MANIFEST: dict[str, Any] = {
    "classes": ["negative", "positive"],
    "features": [
        {"spec": "mel", "dimensions": 3, "identity": {"name": "mel", "version": 1, "sizes": [1, 2], "x": None}}
    ],
    "baseline": {"kind": "none", "shrinkage": 40.0},
    "classifier": "logistic",
    "labels": {
        "name": "combined",
        "threshold": 0.1,
        "prototypes": None,
        "poles": {"positive": ["joy"], "negative": ["anger"], "neutral": []},
        "members": {"lexicon": 0.5, "semantic": 0.5},
        "reliabilities": {"lexicon": 0.35, "semantic": 0.55},
        "evidence": "prior",
        "context": 0,
        "identity": {"lexicon": {"name": "lexicon"}},
    },
    "refinement": {
        "rounds": 1,
        "dropped": 0.1,
        "before": 0.6,
        "after": None,
        "flipped": 2,
        "added": 3,
        "utterances": 50,
    },
    "split": {
        "strategy": "speaker",
        "grouped_by": "speaker",
        "left_out": 3,
        **{part: {"labelled": 20, "positive": 9, "groups": 3} for part in ("train", "valid", "test")},
    },
    "seed": 0,
    "note": "Beeps.",
    "training": {
        "utterances": 60,
        "recordings": 8,
        "speakers": None,
        "labelled": 50,
        "coverage": 0.8,
        "counts": {"positive": 20, "negative": 30, "abstained": 10},
        "agreement": {"vader~textblob": {"both": 9, "agree": 5, "rate": 0.6, "kappa": None}},
        "languages": {"en": 60},
        "trained_groups": bundle.fingerprints(["anna", "bert"]),
        "tone_quantiles": [0.1, 0.5, 0.9],
    },
    "calibration": {"slope": 1.0, "intercept": 0.0, "n": 50, "against": "weak labels"},
    "mismatch": {
        "threshold": 0.95,
        "allowed": 0.05,
        "false_alarms": 0.04,
        "n": 9,
        "fitted_on": 50,
        "quantiles": [-0.5, 0.5],
    },
    "metrics": {"valid": EVALUATION, "test": EVALUATION},
    "gold": {"column": "mood", **EVALUATION},
    "audit": [FINDINGS],
    "versions": {"tonewise": "0.1.0", "onnxruntime": "1.0"},
    "options": {"labels": "combined", "features": ["mel"], "poles": None, "audit": True, "threshold": 0.1},
}


def manifest(**changes: Any) -> dict[str, Any]:
    """The manifest with other entries."""
    return {**copy.deepcopy(MANIFEST), **changes}


def classifier(name: str = "logistic", dimensions: int = 3, rows: int = 60) -> bytes:
    """ONNX bytes of a classifier that was fitted on noise."""
    random = np.random.default_rng(0)
    features = random.normal(size=(rows, dimensions)).astype(np.float32)
    return models.to_onnx(models.fit(name, features, features[:, 0] > 0), dimensions)


def save_model(folder: Path, **changes: Any) -> Path:
    """A model in a new folder; `changes` are entries of its manifest."""
    return bundle.save(folder, manifest=manifest(**changes), classifier=classifier(), card="# Card\n")


__all__ = ["MANIFEST", "classifier", "manifest", "save_model"]
