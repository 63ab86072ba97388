"""How a corpus was labelled: kept with a model, so that it can be told, and words be read the same way later."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tonewise.errors import LabelError
from tonewise.labels.base import DEFAULT_THRESHOLD, Labeller
from tonewise.labels.combining import OTHER_RELIABILITY, CombinedLabeller
from tonewise.labels.poles import Poles, read_poles
from tonewise.labels.prototypes import Prototypes, read_prototypes
from tonewise.labels.registry import COMBINED, LabellerOptions, create, is_labeller

COLUMN = "column"

#: What reads the words where the labels did not come from them, or from a service that nobody asked to be called again.
WORDS = "lexicon"


@dataclass(frozen=True, slots=True)
class LabelPolicy:
    """What made the labels of a corpus.

    Attributes:
        name: the labeller as it was asked for, or `column`.
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
            "poles": None if poles is None else _poles(poles),
            "members": self.members,
            "reliabilities": self.reliabilities,
            "evidence": self.evidence,
            "context": self.context,
            "identity": self.identity,
        }


def restore(policy: Mapping[str, Any]) -> tuple[Labeller, str]:
    """The labeller that reads words as `LabelPolicy.as_dict` says, and why it is another one (empty if it is not).

    Raises:
        LabelError: the policy is damaged.
    """
    name, threshold = str(policy.get("name", "")), policy.get("threshold", DEFAULT_THRESHOLD)
    options: dict[str, Any] = {"threshold": threshold}
    if name.partition(":")[0] == "llm":
        return create(WORDS, **options), f"words are read by the {WORDS}: scoring sends nothing to '{name}'"
    if not is_labeller(name):
        absent = "plugin" in policy.get("identity", {}).get(name, {})
        why = f"words are read by the {WORDS}: '{name}' is of a plug-in that is not here" if absent else ""
        return create(WORDS), why
    if policy.get("prototypes"):
        options["prototypes"] = Prototypes.from_dict(policy["prototypes"])
    if policy.get("poles"):
        options["poles"] = Poles(**{pole: tuple(names) for pole, names in policy["poles"].items()})
    if name.partition(":")[0] != COMBINED:
        made = create(name, **options)
        if hasattr(made, "warning"):  # a plug-in's, which sends texts to another machine
            return create(WORDS, **options), f"words are read by the {WORDS}: scoring sends nothing to '{name}'"
        return made, ""
    weights = policy.get("members")
    if not isinstance(weights, Mapping) or not weights:
        raise LabelError(f"the model does not say what '{name}' was made of; train it again")
    local = {member: weight for member, weight in weights.items() if not member.startswith("llm:")}
    if not local:
        return create(WORDS, threshold=threshold), f"words are read by the {WORDS}: scoring sends nothing to a server"
    left_out = sorted(set(weights) - set(local))
    why = f"words are read without {', '.join(left_out)}: scoring sends nothing to a server" if left_out else ""
    members = {create(member, **options): weight for member, weight in local.items()}
    named = {labeller.name: weight for labeller, weight in members.items()}
    return CombinedLabeller(tuple(members), named, threshold), why


def _prototypes(given: Any) -> Prototypes:
    return given if isinstance(given, Prototypes) else read_prototypes(given)


def _poles(given: Any) -> dict[str, list[str]]:
    poles = given if isinstance(given, Poles) else read_poles(given)
    return {pole: list(getattr(poles, pole)) for pole in ("positive", "negative", "neutral")}
