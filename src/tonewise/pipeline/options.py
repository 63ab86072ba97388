"""What a training run can be asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tonewise import features, models, splits
from tonewise.errors import OptionError
from tonewise.features import DEFAULT_BASELINE, DEFAULT_FEATURES
from tonewise.labels import DEFAULT_LABELS, DEFAULT_THRESHOLD
from tonewise.pipeline.voting import LabelRequest

LARGEST_SEED = 2**32 - 1  # scikit-learn takes no larger one


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """What a training run is asked to do; see `train`."""

    labels: str = DEFAULT_LABELS
    threshold: float = DEFAULT_THRESHOLD
    prototypes: str | Path | None = None
    poles: str | Path | None = None
    endpoint: str | None = None
    context: int = 0
    refine: bool = False
    features: tuple[str, ...] = DEFAULT_FEATURES
    baseline: str = DEFAULT_BASELINE
    classifier: str = "logistic"
    split: str = "speaker"
    gold: str | None = None
    seed: int = 0
    jobs: int = 2
    note: str = ""
    audit: bool = True
    raw: str | None = None
    transcript_format: str | None = None

    def __post_init__(self) -> None:
        if self.classifier not in models.names():
            raise OptionError(f"unknown classifier '{self.classifier}'; choose {', '.join(models.names())}")
        models.create(self.classifier, 1)  # a missing extra is told now, not after hours of listening
        if self.split not in splits.names():
            raise OptionError(f"unknown split '{self.split}'; choose {', '.join(splits.names())}")
        if not self.features:
            raise OptionError(f"no features were named; choose from {', '.join(features.names())}")
        if self.baseline not in features.BASELINES:
            raise OptionError(f"unknown baseline '{self.baseline}'; choose {' or '.join(features.BASELINES)}")
        if not 0 <= self.seed <= LARGEST_SEED:
            raise OptionError(f"--seed {self.seed} is impossible; expected 0 to {LARGEST_SEED}")
        if self.jobs < 1:
            raise OptionError(f"--jobs {self.jobs} is impossible; expected 1 or more")
        if self.refine and not self.request.from_text:
            raise OptionError(
                f"--refine weighs what words say against the voice, and '{self.labels}' is a column of labels; leave one out"
            )

    @property
    def request(self) -> LabelRequest:
        """How the corpus is to be labelled."""
        return LabelRequest.of(
            self.labels,
            threshold=self.threshold,
            prototypes=self.prototypes,
            poles=self.poles,
            endpoint=self.endpoint,
            context=self.context,
            seed=self.seed,
        )

    @classmethod
    def of(cls, options: dict[str, Any]) -> TrainingOptions:
        """Options by name; `features` may be one string with commas, as on the command line.

        Raises:
            OptionError: an unknown option, name or value.
        """
        unknown = set(options) - set(cls.__dataclass_fields__)
        if unknown:
            raise OptionError(f"unknown option '{min(unknown)}'; choose {', '.join(cls.__dataclass_fields__)}")
        given = options.get("features", DEFAULT_FEATURES)
        names = given.split(",") if isinstance(given, str) else given
        return cls(**{**options, "features": tuple(name.strip() for name in names if name.strip())})
