"""Votes of a corpus's sentences, read by an engine's workers and kept by the caller."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast

from tonewise import labels
from tonewise.engines import Engine
from tonewise.labels import Labeller, LabellerOptions
from tonewise.labels.base import Sentence, Vote
from tonewise.labels.kept_votes import KeptVotes
from tonewise.labels.remembering import CHUNK, Remembering, in_reading_order, reads_alone, remembering
from tonewise.records import Progress

#: Sentences that a worker reads at a time, where it does not matter what is read beside a sentence.
SENTENCES = 256


@dataclass(frozen=True, slots=True)
class VoteTask:
    """Read sentences with a labeller; the value is a list of votes.

    Attributes:
        spec: of the labeller; `options` are what it is asked.
    """

    spec: str
    options: LabellerOptions

    stage: ClassVar[str] = "labels"
    gpu: ClassVar[bool] = False  # models of text run on the processor

    def prepare(self) -> None:
        """Make the labeller, which loads its weights with its first sentence."""
        _reader(self.spec, self.options)

    def __call__(self, item: Sentences) -> list[Vote]:
        """One vote a sentence, in order."""
        return _reader(self.spec, self.options).votes(item.sentences)


@dataclass(frozen=True, slots=True)
class Sentences:
    """Sentences that are read together."""

    sentences: tuple[Sentence, ...]

    @property
    def name(self) -> str:
        """What a problem calls them."""
        return f"{len(self.sentences)} sentences from '{(self.sentences[0].text or '')[:40]}' on"


class SpreadVotes(Remembering):
    """A labeller with a memory, whose new sentences are read by an engine first.

    What a worker has read is kept at once. What no worker could read is left to the caller's own process, which tells
    what is wrong with it.
    """

    def __init__(self, labeller: Labeller, kept: KeptVotes, task: VoteTask, engine: Engine) -> None:
        memory = _AlsoInMemory(kept)
        super().__init__(labeller, memory)
        self._memory, self._task, self._engine = memory, task, engine

    def votes(self, sentences: Sequence[Sentence], progress: Progress | None = None) -> list[Vote]:
        """One vote a sentence, in order."""
        distinct = in_reading_order(sentences)
        keys = dict(self._keys(distinct, self._identity()))
        known = self._memory.get_many(list(keys.values()))
        missing = {sentence for sentence in distinct if keys[sentence] not in known}
        items = list(_shares(distinct, missing, alone=reads_alone(self.labeller)))
        for outcome in self._engine.map(self._task, items, progress=progress):
            if outcome.problem is None:
                read = zip(items[outcome.index].sentences, outcome.value, strict=True)
                self._keep({keys[sentence]: vote for sentence, vote in read})
        return super().votes(sentences, progress)


class _AlsoInMemory(KeptVotes):
    """Votes of this run beside those on the disk, for where nothing can be kept there."""

    def __init__(self, kept: KeptVotes) -> None:
        super().__init__(None)
        self._kept = kept
        self._here: dict[bytes, Any] = {}

    def get_many(self, keys: Sequence[bytes]) -> dict[bytes, Any]:
        """The values of those keys that are known."""
        rest = [key for key in keys if key not in self._here]
        self._here |= self._kept.get_many(rest) if rest else {}
        return {key: self._here[key] for key in keys if key in self._here}

    def put_many(self, labeller: str, values: Mapping[bytes, Any]) -> None:
        """Remember, and keep."""
        self._here |= values
        self._kept.put_many(labeller, values)


def spread_votes(spec: str, options: LabellerOptions, kept: KeptVotes, engine: Engine) -> Labeller:
    """A labeller that reads with an engine; one that asks a server stays here, where its answers are kept."""
    labeller = labels.create_with(spec, options)
    remembered = remembering(labeller, kept)
    if remembered is labeller:
        return labeller
    return cast(Labeller, SpreadVotes(labeller, kept, VoteTask(spec, options), engine))


def _shares(distinct: Sequence[Sentence], missing: set[Sentence], *, alone: bool) -> Iterator[Sentences]:
    """What is to be read, share by share; where sentences change each other's digits, whole chunks of the memory."""
    rest = [sentence for sentence in distinct if sentence in missing] if alone else distinct
    size = SENTENCES if alone else CHUNK
    for start in range(0, len(rest), size):
        share = tuple(rest[start : start + size])
        if not missing.isdisjoint(share):
            yield Sentences(share)


@functools.lru_cache(maxsize=2)
def _reader(spec: str, options: LabellerOptions) -> Labeller:
    """The labeller of this process, made once."""
    return labels.create_with(spec, options)
