"""The systems that `compare` sets side by side: the founding article's rows, and ours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tonewise.errors import OptionError
from tonewise.features import DEFAULT_BASELINE, DEFAULT_FEATURES
from tonewise.labels import DEFAULT_LABELS


@dataclass(frozen=True, slots=True)
class System:
    """What hears, what learns, and what from.

    Attributes:
        key, title: what it is called in files and by people.
        features, classifier: see `features.names()` and `models.names()`.
        labels: what it learns from; None = what the whole comparison is judged by.
        baseline: see `features.BASELINES`.
        refine: whether the voice corrects these labels.
        founding: whether the founding article has it.
    """

    key: str
    title: str
    features: tuple[str, ...]
    classifier: str
    labels: str | None = None
    refine: bool = False
    founding: bool = False
    baseline: str = "none"


SYSTEMS = (
    System("mel-forest", "Random forest on time-averaged Mels", ("mel",), "forest", founding=True),
    System("mel-neighbors", "Nearest neighbours on time-averaged Mels", ("mel",), "neighbors", founding=True),
    System("mel-network", "Dense network on time-averaged Mels", ("mel",), "network", founding=True),
    System("vgg16", "VGG16, ImageNet; Keras dense network", ("vgg16",), "keras", founding=True),
    System("vgg16-edge", "VGG16, edge-tuned; Keras dense network", ("vgg16:edge",), "keras", founding=True),
    System("vgg16-random", "VGG16, random weights; Keras dense network", ("vgg16:random",), "keras", founding=True),
    System("melstats", "Mel statistics; logistic", ("melstats",), "logistic"),
    System("whisper", "Whisper's encoder; logistic", ("whisper",), "logistic"),
    System("turn", "smart-turn's early layers; logistic", ("turn",), "logistic"),
    System("turn-melstats", "smart-turn and Mel statistics; logistic", ("turn", "melstats"), "logistic"),
    System("turn-combined", "smart-turn; combined labels", ("turn",), "logistic", labels="combined"),
    System(
        "default",
        "What `tonewise train` does: one early layer, each speaker's own baseline, combined labels",
        DEFAULT_FEATURES,
        "logistic",
        labels=DEFAULT_LABELS,
        baseline=DEFAULT_BASELINE,
    ),
    System(
        "turn-refined", "smart-turn; combined labels, refined by the voice", ("turn",), "logistic", "combined", True
    ),
)


def systems(keys: Sequence[str] | None = None) -> tuple[System, ...]:
    """Systems by key, in the order of `SYSTEMS`; all of them where nobody asks.

    Raises:
        OptionError: an unknown key.
    """
    known = [system.key for system in SYSTEMS]
    unknown = set(keys or ()) - set(known)
    if unknown:
        raise OptionError(f"unknown system '{min(unknown)}'; choose from {', '.join(known)}")
    return tuple(system for system in SYSTEMS if not keys or system.key in keys)
