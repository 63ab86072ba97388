"""A bundle whose encoders are ready: what evaluation and scoring hear with."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise import bundle, labels
from tonewise.errors import BundleError, OptionError
from tonewise.features import Encoder, FeatureCache, Preparation, restore
from tonewise.pipeline.hearing import Heard, create_encoders, hear
from tonewise.pipeline.scoring_scale import Scale, read_scale
from tonewise.pipeline.voices import voices
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
        preparation: what is done to features before they are judged.
        notices: what differs from when the model was trained.
        text_labeller: reads the words as the labels of training were read; the lexicon where a column was used.
    """

    bundle: bundle.Bundle
    encoders: tuple[Encoder, ...]
    text_labeller: labels.Labeller
    preparation: Preparation = field(default_factory=Preparation)
    notices: tuple[Problem, ...] = ()

    @property
    def manifest(self) -> dict[str, Any]:
        """What the model says of itself."""
        return self.bundle.manifest

    @property
    def has_baseline(self) -> bool:
        """Whether each voice is compared with how it usually sounds, so that all that it says should be heard."""
        return self.preparation.everybody is not None

    @property
    def scale(self) -> Scale:
        """How its tones are to be read: calibration, ranks among held-out voices, and when words and voice disagree."""
        return read_scale(self.manifest)

    def hear(
        self, utterances: pd.DataFrame, *, cache: FeatureCache, progress: Progress | None = None
    ) -> tuple[np.ndarray, Heard]:
        """Tone of utterances with finite times: `(n,)` 0 (negative) to 1 (positive), NaN where it could not be heard.

        Where the model has a speaker's baseline, the utterances of a speaker that are given together are it.
        """
        heard = hear(utterances, self.encoders, seed=self.manifest["seed"], cache=cache, progress=progress)
        return self.tones(heard.matrix, utterances), heard

    def tones(self, matrix: np.ndarray, utterances: pd.DataFrame) -> np.ndarray:
        """Calibrated tone by raw features `(n, d)` of utterances: `(n,)` 0..1, NaN where a row is not finite."""
        import numpy as np

        heard = np.isfinite(matrix).all(axis=1)
        tone = np.full(len(matrix), np.nan)
        prepared = self.preparation.apply(matrix[heard], voices(utterances).to_numpy()[heard])
        tone[heard] = self.scale.tone(self.bundle.classifier.positive(prepared))
        return tone


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
    return LoadedModel(found, encoders, labeller, _preparation(found), tuple(notices))


def loaded_model(model: LoadedModel | str | Path) -> LoadedModel:
    """A model that was loaded, or the one of a folder; see `load_model`."""
    return model if isinstance(model, LoadedModel) else load_model(model)


def _preparation(found: bundle.Bundle) -> Preparation:
    width = sum(feature["dimensions"] for feature in found.manifest["features"])
    try:
        return restore(found.manifest.get("baseline") or {}, found.baseline, dimensions=width)
    except OptionError as error:
        raise BundleError(f"{found.path}: {error}") from error
