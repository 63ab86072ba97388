"""A labeller that remembers: sentences that it has read before are not read again."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator, Sequence
from importlib import resources
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, cast

from tonewise.labels.base import Abstention, Labeller, Sentence, Vote, sends_texts
from tonewise.labels.combining import CombinedLabeller
from tonewise.labels.kept_votes import KeptVotes, key_of
from tonewise.labels.languages import detect_languages
from tonewise.labels.lexicon import LexiconLabeller
from tonewise.records import Progress

if TYPE_CHECKING:
    import pandas as pd

#: Distinct sentences that are read together and kept at once: what a killed run has lost at most.
CHUNK = 2048


class Remembering:
    """A labeller and the votes that it gave, which are found by its identity, our own code, and the sentence.

    Sentences are read once each, in an order that is theirs, a chunk at a time. A network's numbers may depend in their
    last digits on what is read beside a sentence: where a labeller does not promise that they do not, the whole chunk
    is part of the key. So a run that was killed goes on to the same numbers as one that was not.
    """

    def __init__(self, labeller: Labeller, kept: KeptVotes) -> None:
        """Ask `labeller` for what is not in `kept`."""
        self._labeller, self._kept = labeller, kept

    def __getattr__(self, name: str) -> Any:
        """All else is the labeller's own: name, parts, languages, source, licence, reads_context, identity …"""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._labeller, name)

    @property
    def labeller(self) -> Labeller:
        """The one that is asked."""
        return self._labeller

    def votes(self, sentences: Sequence[Sentence], progress: Progress | None = None) -> list[Vote]:
        """One vote a sentence, in order; see the labeller's own."""
        distinct = in_reading_order(sentences)
        asked = self._identity()
        keys = dict(self._keys(distinct, asked))
        found = self._kept.get_many(list(keys.values()))
        known = {sentence: _restored(found[key]) for sentence, key in keys.items() if key in found}
        for chunk in _missing(distinct, known, whole=not self._is_alone()):
            told = _Told(progress, len(known), len(distinct), len(chunk)) if progress else None
            made = dict(zip(chunk, self._labeller.votes(chunk, told), strict=True))
            known |= made
            self._keep({keys[sentence]: vote for sentence, vote in made.items()})
        if progress and distinct:
            progress("labels", len(distinct), len(distinct))
        return [known[sentence] for sentence in sentences]

    def _keys(self, distinct: Sequence[Sentence], asked: str) -> Iterator[tuple[Sentence, bytes]]:
        is_alone = self._is_alone()
        for start in range(0, len(distinct), CHUNK):
            chunk = distinct[start : start + CHUNK]
            company = None if is_alone else key_of([_fields(sentence) for sentence in chunk]).hex()
            for sentence in chunk:
                yield sentence, key_of(asked, company, _fields(sentence))

    def _identity(self) -> str:
        return key_of(self._labeller.identity(), _own_code()).hex()

    def _is_alone(self) -> bool:
        return reads_alone(self._labeller)

    def _keep(self, made: dict[bytes, Vote]) -> None:
        answered = {key: _stored(vote) for key, vote in made.items() if vote.abstention != Abstention.NO_ANSWER}
        self._kept.put_many(self._labeller.name, answered)


def remembering(labeller: Labeller, kept: KeptVotes) -> Labeller:
    """The labeller with a memory; one that keeps its answers itself (a language model's) stays as it is."""
    if isinstance(labeller, CombinedLabeller):
        members = tuple(remembering(member, kept) for member in labeller.members)
        return CombinedLabeller(members, labeller.weights, labeller.threshold, labeller.name)
    if sends_texts(labeller):
        return labeller
    return cast(Labeller, Remembering(labeller, kept))  # whose other members `__getattr__` brings


def in_reading_order(sentences: Sequence[Sentence]) -> list[Sentence]:
    """Distinct sentences in the order in which a memory reads them."""
    return sorted(set(sentences), key=_order)


def reads_alone(labeller: Labeller) -> bool:
    """Whether a vote depends, to its last digit, on the sentence alone, and not on what is read beside it."""
    if isinstance(labeller, LexiconLabeller):
        return True
    from tonewise.labels.semantic import SemanticLabeller

    return isinstance(labeller, SemanticLabeller) and labeller.encoder is None  # whole numbers, and no padding


def detect_languages_once(texts: pd.Series, recordings: pd.Series, kept: KeptVotes) -> pd.Series:
    """As `detect_languages`; the languages of a column that was looked at before are looked up."""
    import pandas as pd

    key = key_of("languages", _own_code(), version("py3langid"), *_plain(texts, recordings))
    found = kept.get_many([key]).get(key)
    if found is not None and len(found) == len(texts):
        return pd.Series(found, index=texts.index, dtype=object)
    told = detect_languages(texts, recordings)
    kept.put_many("languages", {key: told.to_list()})
    return told


def _plain(texts: pd.Series, recordings: pd.Series) -> tuple[list[str | None], list[str]]:
    return [text if isinstance(text, str) else None for text in texts], [repr(recording) for recording in recordings]


class _Told:
    """Progress of all sentences, from the progress of one chunk."""

    def __init__(self, progress: Progress, done: int, total: int, share: int) -> None:
        self._progress, self._done, self._total, self._share = progress, done, total, share

    def __call__(self, stage: str, done: int, total: int) -> None:
        self._progress(stage, self._done + self._share * done // max(total, 1), self._total)


def _missing(distinct: Sequence[Sentence], known: dict[Sentence, Vote], *, whole: bool) -> Iterator[list[Sentence]]:
    """What is to be read, in chunks: `whole` ones where anything of them is missing."""
    rest = distinct if whole else [sentence for sentence in distinct if sentence not in known]
    for start in range(0, len(rest), CHUNK):
        chunk = list(rest[start : start + CHUNK])
        if any(sentence not in known for sentence in chunk):
            yield chunk


def _order(sentence: Sentence) -> tuple[Any, ...]:
    """By length, then by all that there is: whatever the order of a corpus, the same chunks are read."""
    text = sentence.text or ""
    return len(text), text, sentence.language or "", sentence.before, sentence.after, sentence.text is None


def _fields(sentence: Sentence) -> list[Any]:
    return [sentence.text, sentence.language, sentence.before, sentence.after]


def _stored(vote: Vote) -> list[Any]:
    reason = None if vote.abstention is None else vote.abstention.value
    return [vote.score, vote.confidence, reason, vote.parts]


def _restored(value: Any) -> Vote:
    score, confidence, reason, parts = value
    return Vote(score, confidence, None if reason is None else Abstention(reason), parts)


@functools.cache
def _own_code() -> str:
    """Checksum of this package's own modules: how words are read changes with them, whatever the version says."""
    digest = hashlib.sha256()
    files = (each for each in resources.files("tonewise.labels").iterdir() if each.name.endswith((".py", ".txt")))
    for each in sorted(files, key=lambda file: file.name):
        digest.update(each.name.encode() + b"\0" + each.read_bytes())
    return digest.hexdigest()
