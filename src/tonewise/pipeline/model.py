"""A loaded model: what `tonewise.load` returns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise import bundle, labels
from tonewise.errors import BundleError
from tonewise.features import Encoder
from tonewise.pipeline.hearing import Heard, create_encoders, hear, open_cache
from tonewise.records import Problem, Progress

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from tonewise.pipeline.evaluating import EvaluationResult
    from tonewise.pipeline.scoring import RecordingScore


@dataclass(frozen=True, slots=True)
class Model:
    """A bundle with its encoders ready to hear. Made by `load`.

    Attributes:
        bundle: manifest and classifier.
        encoders: one for each of the model's features.
        notices: what differs from when the model was trained.
    """

    bundle: bundle.Bundle
    encoders: tuple[Encoder, ...]
    notices: tuple[Problem, ...] = ()

    @property
    def manifest(self) -> dict[str, Any]:
        """What the model says of itself."""
        return self.bundle.manifest

    @property
    def text_labeller(self) -> labels.Labeller:
        """The labeller that the model was trained with, for the words' side; the lexicon where a column was used."""
        policy = self.manifest["labels"]
        if policy.get("name") in labels.names():
            return labels.create(policy["name"], threshold=policy["threshold"])
        return labels.create("lexicon")

    def hear(
        self, utterances: pd.DataFrame, *, cache: str | Path | bool = True, progress: Progress | None = None
    ) -> tuple[np.ndarray, Heard]:
        """Tone of utterances with finite times: `(n,)` 0 (negative) to 1 (positive), NaN where it could not be heard."""
        import numpy as np

        heard = hear(utterances, self.encoders, seed=self.manifest["seed"], cache=open_cache(cache), progress=progress)
        tone = np.full(len(utterances), np.nan)
        tone[heard.heard] = self.bundle.classifier.positive(heard.matrix[heard.heard])
        return tone, heard

    def score(self, recordings: str | Path | Sequence[str | Path], **options: Any) -> list[RecordingScore]:
        """Tone over time of recordings; see `tonewise.pipeline.score`."""
        from tonewise.pipeline.scoring import score

        return score(self, recordings, **options)

    def evaluate(self, corpora: str | Path | Sequence[str | Path], **options: Any) -> EvaluationResult:
        """Judge the model by gold labels; see `tonewise.pipeline.evaluate`."""
        from tonewise.pipeline.evaluating import evaluate

        return evaluate(self, corpora, **options)


def load(path: str | Path) -> Model:
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
    return Model(found, encoders, tuple(notices))
