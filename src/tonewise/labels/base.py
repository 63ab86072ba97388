"""The contract of a labeller: sentences in; a vote or a named abstention out, one a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from tonewise.records import Progress

POSITIVE, NEGATIVE, NEUTRAL = "positive", "negative", "neutral"

#: Means of no greater absolute value than this say nothing. VADER's authors call a compound score under 0.05 neutral; the
#: founding article leaves out "near-zero" means without a number. 0.1 keeps about half of natural sentences, as the
#: article did (just over 11,000 of about 23,500).
DEFAULT_THRESHOLD = 0.1


class Abstention(StrEnum):
    """Why a labeller does not answer."""

    NO_TEXT = "no_text"
    NEAR_NEUTRAL = "near_neutral"
    OTHER_LANGUAGE = "other_language"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a labeller is given.

    Attributes:
        text: what was said; None or blank = nothing.
        language: BCP-47 tag of the text (not of the voice); None = cannot be told.
        before, after: neighbouring sentences of the same recording, in their order, where context was asked for.
    """

    text: str | None
    language: str | None = None
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Vote:
    """What one labeller says of one sentence.

    Attributes:
        score: −1 (negative) to 1 (positive); None where the labeller cannot score the text at all.
        confidence: 0..1; 0 where it abstains.
        abstention: why there is no label, None where there is one.
        parts: scores of what the score was made from, by name (None where a part has no opinion).
    """

    score: float | None
    confidence: float
    abstention: Abstention | None = None
    parts: dict[str, float | None] = field(default_factory=dict)

    @property
    def label(self) -> str | None:
        """`positive`, `negative`, or None for an abstention."""
        if self.abstention is not None or self.score is None:
            return None
        return POSITIVE if self.score > 0 else NEGATIVE


def vote(score: float, threshold: float, parts: dict[str, float | None] | None = None) -> Vote:
    """A vote of which the confidence is the score's absolute value, or an abstention where that is `threshold` or less."""
    near = abs(score) <= threshold
    return Vote(score, 0.0 if near else abs(score), Abstention.NEAR_NEUTRAL if near else None, parts or {})


NO_TEXT = Vote(None, 0.0, Abstention.NO_TEXT)
OTHER_LANGUAGE = Vote(None, 0.0, Abstention.OTHER_LANGUAGE)


class Labeller(Protocol):
    """Scores sentences in batches.

    One that sends texts to another machine also has a method `warning(sentences)`, which says so in one line before it is
    asked for votes. It keeps its answers itself, and is not asked when a recording is scored.

    Attributes:
        name: what users call it; `parts` names the scores that each vote carries.
        source, licence: where the method comes from.
        languages: primary language subtags that it can read ("en"); None = any. Sentences of another language are not
            shown to it: whoever asks abstains for it (see `label_texts`). One whose language cannot be told is shown.
        reads_context: whether `Sentence.before` and `after` change its votes.
    """

    @property
    def name(self) -> str: ...
    @property
    def parts(self) -> tuple[str, ...]: ...
    @property
    def source(self) -> str: ...
    @property
    def licence(self) -> str: ...
    @property
    def languages(self) -> frozenset[str] | None: ...
    @property
    def reads_context(self) -> bool: ...

    def votes(self, sentences: Sequence[Sentence], progress: Progress | None = None) -> list[Vote]:
        """One vote a sentence, in order. Pretrained weights are fetched on the first call.

        Raises:
            InputError: options do not fit together, or an extra is not installed.
            WeightsError: pretrained weights cannot be had.
        """
        ...

    def identity(self) -> dict[str, object]:
        """Everything that changes the votes: name, options, versions of what scores, checksums of weights."""
        ...


def sends_texts(labeller: Labeller) -> bool:
    """Whether the labeller sends texts to another machine."""
    return hasattr(labeller, "warning")


def primary_subtag(tag: str) -> str:
    """`fr` of `fr-CA`."""
    return tag.partition("-")[0].lower()


def encodable(text: str) -> str:
    """The text without halves of surrogate pairs, which JSON transcripts may hold, and no tokenizer or server takes."""
    return text.encode("utf-8", "replace").decode("utf-8")


def votes_on_readable(
    labeller: Labeller, sentences: Sequence[Sentence], progress: Progress | None = None
) -> list[Vote]:
    """A labeller's votes; it is not shown what it cannot read, and abstains from it by name."""
    readable = [_can_read(labeller, sentence) for sentence in sentences]
    shown = [sentence for sentence, is_readable in zip(sentences, readable, strict=True) if is_readable]
    answers = iter(labeller.votes(shown, progress))
    return [next(answers) if is_readable else OTHER_LANGUAGE for is_readable in readable]


def _can_read(labeller: Labeller, sentence: Sentence) -> bool:
    """Whether the sentence is in a language that the labeller reads, or in one that cannot be told."""
    if sentence.language is None or labeller.languages is None:
        return True
    return primary_subtag(sentence.language) in labeller.languages
