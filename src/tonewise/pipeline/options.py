"""What a training run can be asked to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tonewise import features, models, splits
from tonewise.errors import OptionError
from tonewise.features import DEFAULT_FEATURES
from tonewise.labels import DEFAULT_THRESHOLD


@dataclass(frozen=True, slots=True)
class TrainingOptions:
    """What a training run is asked to do; see `train`."""

    labels: str = "lexicon"
    threshold: float = DEFAULT_THRESHOLD
    features: tuple[str, ...] = DEFAULT_FEATURES
    classifier: str = "logistic"
    split: str = "speaker"
    gold: str | None = None
    seed: int = 0
    jobs: int = 2
    note: str = ""

    def __post_init__(self) -> None:
        if self.classifier not in models.names():
            raise OptionError(f"unknown classifier '{self.classifier}'; choose {', '.join(models.names())}")
        if self.split not in splits.names():
            raise OptionError(f"unknown split '{self.split}'; choose {', '.join(splits.names())}")
        if not self.features:
            raise OptionError(f"no features were named; choose from {', '.join(features.names())}")
        if self.jobs < 1:
            raise OptionError(f"--jobs {self.jobs} is impossible; expected 1 or more")

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
