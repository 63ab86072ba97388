"""A bundle whose encoders are ready: what evaluation and scoring hear with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise import bundle, labels
from tonewise.errors import BundleError
from tonewise.features import Encoder, FeatureCache
from tonewise.pipeline.hearing import Heard, create_encoders, hear
from tonewise.records import Problem, Progress

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """A bundle with its encoders ready to hear. Made by `load_model`.

    Attributes:
        bundle: manifest and classifier.
        encoders: one for each of the model's features.
        notices: what differs from when the model was trained.
        text_labeller: reads the words as the labels of training were read; the lexicon where a column was used.
    """

    bundle: bundle.Bundle
    encoders: tuple[Encoder, ...]
    text_labeller: labels.Labeller
    notices: tuple[Problem, ...] = ()

    @property
    def manifest(self) -> dict[str, Any]:
        """What the model says of itself."""
        return self.bundle.manifest

    def hear(
        self, utterances: pd.DataFrame, *, cache: FeatureCache, progress: Progress | None = None
    ) -> tuple[np.ndarray, Heard]:
        """Tone of utterances with finite times: `(n,)` 0 (negative) to 1 (positive), NaN where it could not be heard."""
        import numpy as np

        heard = hear(utterances, self.encoders, seed=self.manifest["seed"], cache=cache, progress=progress)
        tone = np.full(len(utterances), np.nan)
        tone[heard.heard] = self.bundle.classifier.positive(heard.matrix[heard.heard])
        return tone, heard


def load_model(path: str | Path) -> LoadedModel:
    """Load a model that `train` wrote.

    Raises:
        BundleError: it is missing, damaged, or made with other pretrained weights than can be had.
        WeightsError: its pretrained weights cannot be had.
    """
    found = bundle.load(path)
    encoders = tuple(create_encoders(found.feature_specs))
    notices = []
    for feature, encoder in zip(found.manifest["features"], encoders, strict=True):
        now, then = encoder.identity(), feature["identity"]
        if now.get("weights") != then.get("weights") or encoder.dimensions != feature["dimensions"]:
            raise BundleError(
                f"{path} was trained with other weights of '{feature['spec']}' than are here; fetch the same ones with "
                "`tonewise weights get`, or train again"
            )
        changed = sorted(key for key in {*now, *then} if now.get(key) != then.get(key))
        if changed:
            detail = f"differs from training in {', '.join(changed)}: scores may differ in their last digits"
            notices.append(Problem("other_version", feature["spec"], detail))
    labeller, why = labels.restore(found.manifest["labels"])
    if why:
        notices.append(Problem("other_words", str(path), why))
    return LoadedModel(found, encoders, labeller, tuple(notices))
