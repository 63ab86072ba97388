"""Which of a classifier's label names speak for the positive pole and which for the negative one."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from tonewise.errors import OptionError
from tonewise.labels.base import NEGATIVE, NEUTRAL, POSITIVE

_POLES = MappingProxyType({POSITIVE: 1, NEGATIVE: -1, NEUTRAL: 0})


@dataclass(frozen=True, slots=True)
class Poles:
    """Label names by pole; names are compared without case, and `_`, `-` and spaces are one."""

    positive: tuple[str, ...]
    negative: tuple[str, ...]
    neutral: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All of them: positive, negative, neutral."""
        return self.positive + self.negative + self.neutral

    def sides(self) -> dict[str, int]:
        """1, −1 or 0 by plain name."""
        return {plain(name): _POLES[pole] for pole, names in self.as_dict().items() for name in names}

    def as_dict(self) -> dict[str, list[str]]:
        """Names by pole, for JSON."""
        return {POSITIVE: list(self.positive), NEGATIVE: list(self.negative), NEUTRAL: list(self.neutral)}

    @classmethod
    def from_dict(cls, content: Mapping[str, Sequence[str]]) -> Poles:
        """What `as_dict` made, after JSON; a pole that is left out has no names."""
        return cls(**{pole: tuple(content.get(pole, ())) for pole in _POLES})


#: What an entailment model is asked about where the user names nothing: as many feelings on each side, so that a model
#: that entails everything alike says neither.
FEELINGS = Poles(
    positive=("happy", "grateful", "excited", "relieved"),
    negative=("angry", "sad", "worried", "disappointed"),
    neutral=("neutral",),
)

# Emotions are grouped as in GoEmotions (Demszky et al., ACL 2020, table 2), whose "ambiguous" group is neutral here;
# beside its names stand those of other corpora for the same feelings: Ekman's six, DailyDialog, IEMOCAP, RAVDESS.
_KNOWN = Poles(
    positive=(
        *("positive", "pos", "very positive", "extremely positive", "slightly positive", "4 stars", "5 stars"),
        *("admiration", "amusement", "approval", "caring", "desire", "excitement", "gratitude", "joy", "love"),
        *("optimism", "pride", "relief", "trust", "contentment", "happiness", "happy", "hap", "excited", "exc"),
        *("joyful", "grateful", "proud", "hopeful", "relieved", "pleasant surprise"),
    ),
    negative=(
        *("negative", "neg", "very negative", "extremely negative", "slightly negative", "1 star", "2 stars"),
        *("anger", "annoyance", "disappointment", "disapproval", "disgust", "embarrassment", "fear", "grief"),
        *("nervousness", "remorse", "sadness", "pessimism", "contempt", "frustration", "shame", "guilt"),
        *("angry", "ang", "sad", "fearful", "disgusted", "frustrated", "fru", "annoyed", "disappointed", "worried"),
    ),
    neutral=(
        *("neutral", "neu", "neutrality", "3 stars", "mixed", "no emotion", "calm"),
        *("confusion", "curiosity", "realization", "surprise", "surprised", "anticipation"),
    ),
)


def plain(name: str) -> str:
    """A label name as it is compared: small letters, words apart by one space."""
    return " ".join(name.replace("_", " ").replace("-", " ").casefold().split())


def sides(labels: Sequence[str], poles: Poles | None, whose: str) -> tuple[int, ...]:
    """The pole of each of a classifier's classes: 1 positive, −1 negative, 0 neither.

    Args:
        labels: names of the classes.
        poles: the user's own, None = by names that are known. Classes that the user does not name belong to neither.
        whose: the classifier, for errors.

    Raises:
        OptionError: a name says nothing (`LABEL_0`), the user names a class that is not there, or a pole is empty.
    """
    known = (poles or _KNOWN).sides()
    present = {plain(label) for label in labels}
    unknown = [label for label in labels if plain(label) not in known]
    if poles is None and unknown:
        raise OptionError(
            f"which pole {_listed(unknown)} of {whose} belong to cannot be told from their names; name them in a JSON "
            'file and give it with --poles: {"positive": […], "negative": […], "neutral": […]}'
        )
    if poles is not None and (absent := [name for name in poles.names if plain(name) not in present]):
        raise OptionError(f"{whose} has no labels {_listed(absent)}, which --poles names; it has {_listed(labels)}")
    found = tuple(known.get(plain(label), 0) for label in labels)
    if not {1, -1} <= set(found):
        raise OptionError(
            f"{whose} has the labels {_listed(labels)}; expected a positive and a negative one among them, or a "
            "--poles file that says which is which"
        )
    return found


def read_poles(path: str | Path) -> Poles:
    """Read a JSON object of label names by pole: `{"positive": ["joy"], "negative": ["anger"], "neutral": []}`.

    Raises:
        OptionError: the file cannot be read, is something else, leaves a pole empty or names a label twice.
    """
    expected = 'expected a JSON object {"positive": […], "negative": […], "neutral": […]} of label names'
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise OptionError(f"poles file {path} cannot be read ({error.strerror or error}); {expected}") from error
    except (ValueError, RecursionError) as error:
        raise OptionError(f"poles file {path} is not JSON; {expected}") from error
    if not _is_poles(content):
        raise OptionError(f"poles file {path} holds something else; {expected}, neutral ones may be left out")
    poles = Poles.from_dict(content)
    if len(poles.sides()) < len(poles.names):
        raise OptionError(f"poles file {path} names a label twice; each belongs to one pole")
    return poles


def _is_poles(content: Any) -> bool:
    if not isinstance(content, dict) or not {POSITIVE, NEGATIVE} <= set(content) <= set(_POLES):
        return False
    listed = all(isinstance(names, list) for names in content.values())
    if not listed or not (content[POSITIVE] and content[NEGATIVE]):
        return False
    return all(isinstance(name, str) and name.strip() for names in content.values() for name in names)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:8])
    return shown + (f" and {len(names) - 8} more" if len(names) > 8 else "")
