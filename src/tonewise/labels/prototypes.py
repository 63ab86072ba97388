"""Prototypes: sentences that stand for the two poles of the `semantic` labeller."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tonewise.errors import LabelError

#: tonewise's own prototypes: what people say when they feel good, and when they do not.
OWN = Path(__file__).with_name("prototypes.txt")

MINIMUM = 3  # sentences a pole: each is judged by the others when the score is calibrated


@dataclass(frozen=True, slots=True)
class Prototypes:
    """Sentences of the two poles, and the names that the poles have in their file."""

    positive: tuple[str, ...]
    negative: tuple[str, ...]
    poles: tuple[str, str]

    @property
    def checksum(self) -> str:
        """SHA-256 of the sentences in their order."""
        text = "\n".join([*self.positive, "", *self.negative])
        return hashlib.sha256(text.encode()).hexdigest()

    def as_dict(self) -> dict[str, list[str]]:
        """For JSON: `poles` (names, the positive one first), `positive` and `negative` (sentences)."""
        return {"poles": list(self.poles), "positive": list(self.positive), "negative": list(self.negative)}

    @classmethod
    def from_dict(cls, content: Any) -> Prototypes:
        """What `as_dict` made, after JSON.

        Raises:
            LabelError: it is something else, or a pole has fewer than `MINIMUM` sentences.
        """
        if not _is_prototypes(content):
            raise LabelError(
                "prototypes are ill-formed; expected an object with two names in poles, and lists of "
                f"{MINIMUM} sentences or more in positive and in negative"
            )
        positive_name, negative_name = content["poles"]
        return cls(tuple(content["positive"]), tuple(content["negative"]), (positive_name, negative_name))


def read_prototypes(path: Path | None = None) -> Prototypes:
    """Read a file of prototypes: UTF-8, `[a pole's name]` above its sentences, one a line, `#` before a remark.

    The first pole is the positive one.

    Raises:
        LabelError: it cannot be read, or does not have two poles with `MINIMUM` sentences each.
    """
    path = OWN if path is None else path
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise LabelError(f"{path} cannot be read as prototypes ({_reason(error)}); expected UTF-8 text") from error
    poles = _poles(path, lines)
    if len(poles) != 2 or min(map(len, poles.values())) < MINIMUM:
        found = ", ".join(f"[{name}] with {len(sentences)}" for name, sentences in poles.items()) or "none"
        raise LabelError(
            f"{path}: expected two poles, the positive one first, such as [calm] and [angry], with {MINIMUM} sentences or "
            f"more each, one a line; found {found}"
        )
    (positive_name, positive), (negative_name, negative) = poles.items()
    return Prototypes(tuple(positive), tuple(negative), (positive_name, negative_name))


def _is_prototypes(content: Any) -> bool:
    if not isinstance(content, dict) or set(content) != {"poles", "positive", "negative"}:
        return False
    if not all(_is_texts(values) for values in content.values()):
        return False
    return len(content["poles"]) == 2 and min(len(content["positive"]), len(content["negative"])) >= MINIMUM


def _is_texts(values: Any) -> bool:
    """Whether it is a list of texts that say something; half of a surrogate pair, which JSON allows, is no text."""
    if not isinstance(values, list) or not all(isinstance(value, str) and value.strip() for value in values):
        return False
    return all(value.encode("utf-8", "ignore").decode() == value for value in values)


def _poles(path: Path, lines: list[str]) -> dict[str, list[str]]:
    poles: dict[str, list[str]] = {}
    current: list[str] | None = None
    for number, line in enumerate(map(str.strip, lines), start=1):
        if line.startswith("[") and line.endswith("]"):
            current = poles.setdefault(line[1:-1].strip(), [])
        elif line and not line.startswith("#"):
            if current is None:
                raise LabelError(
                    f"{path}, line {number}: a sentence before any pole; expected a line such as [positive]"
                )
            current.append(line)
    return poles


def _reason(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or "unreadable") if isinstance(error, OSError) else "it is not UTF-8"
