"""Made-up but plausible records for the report and the card."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tonewise.records import Evaluation, Interval, LabelSummary, Problem, TrainingResult
from tonewise.report import LanguageResult, Spectrogram

HOSTILE = "</title></svg><script>alert('x')</script> & \"more\" {{ 7 * 7 }}"


def example(text: str, score: float, vader: float | None, textblob: float | None) -> dict[str, Any]:
    return {"text": text, "score": score, "vader": vader, "textblob": textblob}


@pytest.fixture(scope="session")
def hostile_text() -> str:
    return HOSTILE


@pytest.fixture(scope="session")
def labels() -> LabelSummary:
    edges = tuple(round(-1 + step / 10, 1) for step in range(21))
    return LabelSummary(
        labeller="lexicon",
        utterances=5442,
        counts={"positive": 1904, "negative": 1217, "abstained": 2321},
        abstentions={"near_zero": 1502, "no_text": 118},
        coverage=0.5735,
        agreement={
            "vader~textblob": {"both": 2810, "agree": 2266, "rate": 0.8064},
            "vader~semantic": {"both": 0, "agree": 0, "rate": None},
        },
        examples={
            "positive": [example("Wonderful, thank you.", 0.78, 0.86, 0.70)],
            "negative": [example("This is terrible.", -0.71, -0.60, -0.82)],
            "conflict": [example(HOSTILE, 0.02, -0.30, 0.34)],
            "abstained": [example("Account four four seven.", 0.0, None, 0.0)],
        },
        histogram=(edges, tuple(range(3, 23))),
    )


@pytest.fixture(scope="session")
def make_result(labels: LabelSummary) -> Callable[..., TrainingResult]:
    curve = ((0.0, 0.0), (0.2, 0.5), (0.6, 0.9), (1.0, 1.0))
    test = Evaluation(Interval(0.583, 0.551, 0.614, 812, 498, 11), 0.66, 0.613, 0.556, 0.571, 0.6133, None, curve)
    valid = Evaluation(Interval(0.597, 0.541, 0.652, 790, 470, 9), 0.65, 0.596, 0.561, 0.58, 0.596, None, curve)
    words = Interval(0.561, 0.52, 0.601, 640, 310, 11)
    gold = Evaluation(Interval(0.734, 0.682, 0.781, 640, 310, 11), 0.712, 0.484, 0.668, 0.667, 0.516, words, curve)

    def make(**changes: Any) -> TrainingResult:
        fields: dict[str, Any] = {
            "model": "/home/someone/models/townhall",
            "corpus": "/home/someone/data/townhall/manifest.csv",
            "layout": "manifest",
            "utterances": 5442,
            "recordings": 61,
            "speakers": 48,
            "labelled": 3121,
            "coverage": 0.5735,
            "labels": labels,
            "features": ("turn", "mel"),
            "dimensions": 1152,
            "classifier": "logistic",
            "split": {
                "kind": "speaker",
                "train": {"utterances": 3840, "speakers": 27},
                "test": {"speakers": 11},
            },
            "seed": 7,
            "evaluations": {"valid": valid, "test": test},
            "gold": gold,
            "gold_column": "emotion",
            "seconds": {"total": 226.0, "read": 1.25, "features": 211.0},
            "audio_seconds": 19283.0,
            "cache": {"hits": 1204, "misses": 4238},
            "problems": (
                Problem("undecodable", "calls/0044.mp3", "empty file", 9),
                Problem("times_outside_audio", "calls/0193.wav", "cue ends 3.2 s late; clamped", 4),
                Problem("undecodable", "calls/0045.mp3", "empty file", 7),
            ),
            "versions": {"tonewise": "0.1.0", "numpy": "2.4.6"},
            "data_note": "Public meetings in English; figures from them say little about telephone calls.",
        }
        return TrainingResult(**{**fields, **changes})

    return make


@pytest.fixture(scope="session")
def result(make_result: Callable[..., TrainingResult]) -> TrainingResult:
    return make_result()


@pytest.fixture(scope="session")
def spectrograms() -> tuple[Spectrogram, ...]:
    rng = np.random.default_rng(0)
    sound = rng.normal(-40, 15, (80, 800)).astype(np.float32)
    sound[:, :590] = -np.inf
    first = Spectrogram("Short <b>clip</b>", sound, 8.0, (5.9, 0.0), "Scored 0.81.")
    return first, Spectrogram("Long clip", rng.normal(-40, 15, (160, 2000)), 20.0)


@pytest.fixture(scope="session")
def languages() -> tuple[LanguageResult, ...]:
    english = Evaluation(Interval(0.78, 0.71, 0.86, 80, 40, 12))
    chinese = Evaluation(Interval(0.68, 0.42, 0.93, 4, 2, 2))
    return (
        LanguageResult("en", "English & $more$", english, (0.6, 0.9), (0.1, 0.4)),
        LanguageResult("zh", "中文", chinese, (0.5,), (0.3,)),
    )
