"""A model as scripts use it: what `tonewise.load` returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tonewise.pipeline.evaluating import EvaluationResult, evaluate
from tonewise.pipeline.loading import LoadedModel, load_model
from tonewise.pipeline.scoring import RecordingScore, score


@dataclass(frozen=True, slots=True)
class Model(LoadedModel):
    """A trained model, ready to hear; `manifest` is what it says of itself."""

    def score(self, recordings: str | Path | Sequence[str | Path], **options: Any) -> list[RecordingScore]:
        """Tone over time of recordings; see `tonewise.pipeline.score`."""
        return score(self, recordings, **options)

    def evaluate(self, corpora: str | Path | Sequence[str | Path], **options: Any) -> EvaluationResult:
        """Judge the model by gold labels; see `tonewise.pipeline.evaluate`."""
        return evaluate(self, corpora, **options)


def load(path: str | Path) -> Model:
    """Load a model that `train` wrote.

    Raises:
        BundleError: it is missing, damaged, or made with other pretrained weights than can be had.
        WeightsError: its pretrained weights cannot be had.
    """
    found = load_model(path)
    return Model(found.bundle, found.encoders, found.text_labeller, found.preparation, found.notices)
