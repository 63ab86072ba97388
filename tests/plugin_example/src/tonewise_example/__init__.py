"""A labeller, an encoder and a transcript format that tonewise does not have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tonewise.errors import OptionError
from tonewise.features import JSON
from tonewise.labels import Abstention, LabellerOptions, Sentence, Vote
from tonewise.records import Cue, Progress
from tonewise.transcripts import Format, Transcript

MARKS = {"!": 0.8, "…": -0.6, "?": -0.2}


@dataclass(frozen=True)
class Exclamations:
    """Says of a sentence what its last mark says."""

    threshold: float
    name: str = "exclamations"
    parts: tuple[str, ...] = ()  # names of the scores that a vote is made from
    source: str = "made up for this example"
    licence: str = "Apache-2.0"
    languages: frozenset[str] | None = None  # every language
    reads_context: bool = False

    def votes(self, sentences: Sequence[Sentence], progress: Progress | None = None) -> list[Vote]:
        return [self._vote((sentence.text or "").rstrip()) for sentence in sentences]

    def identity(self) -> dict[str, object]:
        return {"name": self.name, "threshold": self.threshold, "marks": MARKS}

    def _vote(self, text: str) -> Vote:
        score = MARKS.get(text[-1:], 0.0)
        if abs(score) <= self.threshold:
            return Vote(score, 0.0, Abstention.NEAR_NEUTRAL if text else Abstention.NO_TEXT)
        return Vote(score, abs(score))


def exclamations(argument: str | None, options: LabellerOptions) -> Exclamations:
    if argument is not None:
        raise OptionError("the labeller exclamations takes nothing after a colon")
    return Exclamations(options.threshold)


class Loudness:
    """Mean and spread of the level of ten pieces of a clip, dB."""

    name = "loudness"
    minimum_seconds = 0.1
    clip_seconds = None  # any length
    dimensions = 2

    def prepare(self, progress: Progress | None = None) -> None:
        """Nothing is pretrained."""

    def identity(self) -> dict[str, JSON]:
        return {"name": self.name, "pieces": 10}

    def encode(self, clips: Sequence[np.ndarray]) -> np.ndarray:
        levels = [[10 * np.log10(np.mean(piece**2) + 1e-10) for piece in np.array_split(c, 10)] for c in clips]
        return np.array([[np.mean(level), np.std(level)] for level in levels], dtype=np.float32)


def loudness(argument: str) -> Loudness:
    if argument:
        raise OptionError("the features loudness take nothing after a colon")
    return Loudness()


def sniff(path: Path, head: str) -> bool:
    return head.startswith("MINUTES\n")


def read(path: Path, text: str) -> Transcript:
    rows = [line.split("|") for line in text.splitlines()[1:] if line]
    cues = tuple(Cue(float(start), float(end), said.strip(), speaker=who) for start, end, who, said in rows)
    return Transcript(cues, (), MINUTES.name)


MINUTES = Format("minutes", (".minutes",), sniff, read)
