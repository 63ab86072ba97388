"""How an encoder is fine-tuned."""

from __future__ import annotations

import importlib.util
import math
from dataclasses import dataclass
from types import MappingProxyType

from tonewise.errors import MissingExtraError, OptionError
from tonewise.features.hub_files import require

#: `lora`: small matrices beside the encoder's own, merged when done (Hu et al., "LoRA", ICLR 2022). `full`: all its blocks.
#: `head`: nothing of it, only the weights of its layers and the attention over its frames.
LORA, FULL, HEAD = TUNINGS = ("lora", "full", "head")

#: Learning rates at their highest. A whole encoder forgets at rates that its small additions need.
RATES = MappingProxyType({LORA: 3e-4, FULL: 2e-5, HEAD: 1e-3})


@dataclass(frozen=True, slots=True)
class Settings:
    """How an encoder is fine-tuned.

    Attributes:
        tuning: one of `TUNINGS`.
        epochs: how often every training clip is heard, at most.
        batch_seconds: of sound a step.
        learning_rate: of what `tuning` names, at its highest; None = by `RATES`. A head beside it always learns at 1e-3.
        patience: epochs without a better validation AUC, after which training ends.
        seed: of everything random.
    """

    tuning: str = LORA
    epochs: int = 10
    batch_seconds: float = 40.0
    learning_rate: float | None = None
    patience: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        if self.tuning not in TUNINGS:
            raise OptionError(f"unknown tuning '{self.tuning}'; choose {', '.join(TUNINGS)}")
        if self.epochs < 1 or self.patience < 1:
            raise OptionError(f"--epochs {self.epochs} and --patience {self.patience} must both be 1 or more")
        if not (math.isfinite(self.batch_seconds) and self.batch_seconds >= 1):
            raise OptionError(f"--batch-seconds {self.batch_seconds:g} is out of range; expected 1 second or more")
        if not (math.isfinite(self.rate) and 0 < self.rate < 1):
            raise OptionError(
                f"--learning-rate {self.rate:g} is out of range; expected between 0 and 1, such as 0.0003"
            )
        if not 0 <= self.seed < 2**32:
            raise OptionError(f"--seed {self.seed} is out of range; expected 0 or more")

    @property
    def rate(self) -> float:
        """The learning rate of what is tuned."""
        return RATES[self.tuning] if self.learning_rate is None else self.learning_rate

    @property
    def head_rate(self) -> float:
        """The learning rate of the head."""
        return self.rate if self.tuning == HEAD else RATES[HEAD]

    def require(self) -> None:
        """Raise `MissingExtraError` unless what is needed is installed."""
        require("fine-tuning", "torch")
        if self.tuning == LORA and importlib.util.find_spec("peft") is None:
            raise MissingExtraError("fine-tuning by --lora", "torch")
