"""How a corpus was labelled: kept with a model, so that it can be told, and words be read the same way later."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tonewise.errors import LabelError
from tonewise.labels.base import DEFAULT_THRESHOLD, Labeller, sends_texts
from tonewise.labels.combining import OTHER_RELIABILITY, CombinedLabeller
from tonewise.labels.poles import Poles, read_poles
from tonewise.labels.prototypes import Prototypes, read_prototypes
from tonewise.labels.registry import COMBINED, LabellerOptions, create_with, is_labeller

#: What reads the words where the labels did not come from them, or from a service that nobody asked to be called again.
WORDS = "lexicon"


@dataclass(frozen=True, slots=True)
class LabelPolicy:
    """What made the labels of a corpus.

    Attributes:
        name: the labeller as it was asked for, or `registry.COLUMN`.
        options: what it was asked.
        members: labellers that were combined, each with its weight; empty for a single one.
        reliabilities: correlation of each labeller's score with the mood behind it, as estimated without gold.
        evidence: what told them, see `combining.Combination`.
        context: how many neighbouring sentences on either side were taken into account.
        identity: everything that changes the votes.
    """

    name: str
    options: LabellerOptions = field(default_factory=LabellerOptions)
    members: dict[str, float] = field(default_factory=dict)
    reliabilities: dict[str, float] = field(default_factory=dict)
    evidence: str = ""
    context: int = 0
    identity: dict[str, Any] = field(default_factory=dict)

    @property
    def reliability(self) -> float:
        """Correlation of the final score with the mood: independent errors add up their information r² / (1 − r²)."""
        if not self.reliabilities:
            return OTHER_RELIABILITY
        information = sum(value**2 / (1 - value**2) for value in self.reliabilities.values())
        return math.sqrt(information / (1 + information))

    def as_dict(self) -> dict[str, Any]:
        """Values for JSON; files of prototypes and poles are written out, so that nothing else is needed."""
        prototypes, poles = self.options.prototypes, self.options.poles
        return {
            "name": self.name,
            "threshold": self.options.threshold,
            "prototypes": None if prototypes is None else _prototypes(prototypes).as_dict(),
            "poles": None if poles is None else _poles(poles).as_dict(),
            "members": self.members,
            "reliabilities": self.reliabilities,
            "evidence": self.evidence,
            "context": self.context,
            "identity": self.identity,
        }


def restore(policy: Mapping[str, Any]) -> tuple[Labeller, str]:
    """The labeller that reads words as `LabelPolicy.as_dict` says, and why it is another one (empty if it is not).

    Whoever scores sends no text to another machine: labellers that would are left out, as are those of plug-ins that are
    not here. Where none is left, the words are read by `WORDS`.

    Raises:
        LabelError: the policy is damaged.
    """
    name, options = str(policy.get("name", "")), _options(policy)
    if name.partition(":")[0] == COMBINED:
        return _combined(name, policy.get("members"), options)
    if not is_labeller(name):
        absent = _is_of_plugin(name, policy.get("identity"))
        return _stand_in(options, f"'{name}' is of a plug-in that is not here" if absent else "")
    made = create_with(name, options)
    if sends_texts(made):
        return _stand_in(options, f"scoring sends nothing to '{name}'")
    return made, ""


def _options(policy: Mapping[str, Any]) -> LabellerOptions:
    prototypes, poles = policy.get("prototypes"), policy.get("poles")
    return LabellerOptions(
        policy.get("threshold", DEFAULT_THRESHOLD),
        prototypes=Prototypes.from_dict(prototypes) if prototypes else None,
        poles=Poles.from_dict(poles) if poles else None,
    )


def _combined(name: str, weights: Any, options: LabellerOptions) -> tuple[Labeller, str]:
    """The members that are here and send nothing, and which are left out."""
    if not isinstance(weights, Mapping) or not weights:
        raise LabelError(f"the model does not say what '{name}' was made of; train it again")
    here = {spec: create_with(spec, options) for spec in weights if is_labeller(spec)}
    local = {spec: labeller for spec, labeller in here.items() if not sends_texts(labeller)}
    reasons = ["scoring sends nothing to a server"] if len(local) < len(here) else []
    reasons += ["a plug-in is not here"] if len(here) < len(weights) else []
    if not local:
        return _stand_in(options, ", and ".join(reasons))
    left_out = ", ".join(sorted(set(weights) - set(local)))
    shares = {labeller.name: weights[spec] for spec, labeller in local.items()}
    why = f"words are read without {left_out}: {', and '.join(reasons)}" if left_out else ""
    return CombinedLabeller(tuple(local.values()), shares, options.threshold), why


def _stand_in(options: LabellerOptions, reason: str) -> tuple[Labeller, str]:
    return create_with(WORDS, options), f"words are read by the {WORDS}: {reason}" if reason else ""


def _is_of_plugin(name: str, identity: Any) -> bool:
    own = identity.get(name) if isinstance(identity, Mapping) else None
    return isinstance(own, Mapping) and "plugin" in own


def _prototypes(given: Path | Prototypes) -> Prototypes:
    return given if isinstance(given, Prototypes) else read_prototypes(given)


def _poles(given: Path | Poles) -> Poles:
    return given if isinstance(given, Poles) else read_poles(given)
