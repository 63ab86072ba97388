"""The votes of every labeller that was asked, and what they amount to together."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise import labels, splits, weights
from tonewise.engines import Engine
from tonewise.errors import OptionError
from tonewise.labels import LabellerOptions, LabelPolicy, combining, context
from tonewise.labels.kept_votes import KeptVotes
from tonewise.labels.remembering import detect_languages_once, remembering
from tonewise.records import Problem, Progress

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LabelRequest:
    """How a corpus is to be labelled.

    Attributes:
        labeller: see `labels.names()`, or a column of the corpus.
        options: threshold, prototypes, poles, endpoint.
        context: neighbouring sentences on either side to take into account, 0 = none.
        seed: of the draw of examples.
    """

    labeller: str = labels.DEFAULT_LABELS
    options: LabellerOptions = field(default_factory=LabellerOptions)
    context: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.context <= 20:
            raise OptionError(f"--context {self.context} is out of range; expected 0 (none) to 20 sentences")

    @classmethod
    def of(
        cls,
        labeller: str,
        *,
        threshold: float = labels.DEFAULT_THRESHOLD,
        prototypes: str | Path | None = None,
        poles: str | Path | None = None,
        endpoint: str | None = None,
        context: int = 0,
        seed: int = 0,
    ) -> LabelRequest:
        """A request with files by path, however they are written."""
        files = {
            name: None if given is None else Path(given)
            for name, given in (("prototypes", prototypes), ("poles", poles))
        }
        return cls(labeller, LabellerOptions(threshold, endpoint=endpoint, **files), context, seed)

    @property
    def from_text(self) -> bool:
        """Whether the labels are made from words."""
        return labels.is_labeller(self.labeller)

    @property
    def members(self) -> tuple[str, ...]:
        """The single labellers that are asked."""
        combined = self.labeller.partition(":")[0] == labels.COMBINED
        return combining.member_specs(self.labeller) if combined else (self.labeller,)


@dataclass(frozen=True, slots=True)
class Voted:
    """Label columns, the single labellers' tables, how they were put together, and what went wrong with kept votes."""

    columns: pd.DataFrame
    members: dict[str, pd.DataFrame]
    combination: combining.Combination
    policy: LabelPolicy
    problems: tuple[Problem, ...] = ()


def open_votes(cache: str | Path | bool) -> KeptVotes:
    """The votes that are kept: True = beside the user's own cache of features, False = none, a path = in that folder."""
    return KeptVotes(weights.cache_root() / "votes" if cache is True else Path(cache) / "votes" if cache else None)


def vote(
    utterances: pd.DataFrame,
    asked: LabelRequest,
    parts: pd.Series | None,
    progress: Progress | None,
    cache: str | Path | bool = False,
    engine: Engine | None = None,
) -> Voted:
    """Ask every labeller, and combine them and their neighbours as `asked`; what is estimated is so on `train` rows."""
    import pandas as pd

    kept = open_votes(cache)
    found = context.sequences(utterances, parts)
    languages = _languages(utterances, parts, kept)
    made = {spec: _made(spec, asked.options, kept, engine) for spec in asked.members}
    members = {
        spec: _member(utterances["text"], labeller, languages, found, asked.context, progress)
        for spec, labeller in made.items()
    }
    scores = pd.DataFrame({spec: table["score"] for spec, table in members.items()})
    known = scores if parts is None else scores[(parts == splits.TRAIN).to_numpy()].reindex(scores.index)
    combination = combining.fit(known, found)
    columns = _columns(scores, known, members, combination, made, found, asked)
    columns.insert(4, "text_language", languages)
    policy = LabelPolicy(
        name=asked.labeller,
        options=asked.options,
        members=combination.weights if len(members) > 1 else {},
        reliabilities=combination.reliabilities,
        evidence=combination.evidence,
        context=asked.context,
        identity={spec: labeller.identity() for spec, labeller in made.items()},
    )
    return Voted(columns, members, combination, policy, tuple(dict.fromkeys(kept.problems)))


def _made(spec: str, options: LabellerOptions, kept: KeptVotes, engine: Engine | None) -> labels.Labeller:
    """A labeller with a memory, which reads here or by an engine's workers."""
    if engine is None:
        return remembering(labels.create_with(spec, options), kept)
    from tonewise.pipeline.spreading_labels import spread_votes

    return spread_votes(spec, options, kept, engine)


def _columns(
    scores: pd.DataFrame,
    known: pd.DataFrame,
    members: Mapping[str, pd.DataFrame],
    combination: combining.Combination,
    made: Mapping[str, labels.Labeller],
    found: list[np.ndarray],
    asked: LabelRequest,
) -> pd.DataFrame:
    """The final label columns, those of the members beside them where there are several."""
    first = next(iter(members.values()))
    alone = len(members) == 1
    smoothed = asked.context > 0 and not all(labeller.reads_context for labeller in made.values())
    if alone and not smoothed:
        return first.copy()
    weights = combination.weights
    final = combining.combine(scores, weights)
    if smoothed:
        lasting = context.persistence(combining.combine(known, weights), found)
        final = context.smooth(final, found, lasting, asked.context).clip(-1, 1)
    columns = labels.score_table(final, scores.index, asked.options.threshold, first["abstention"])
    own = ("label", "score", "confidence", "abstention")
    for spec, table in members.items():
        if not alone:
            columns[f"{spec}_score"] = table["score"]
            columns[f"{spec}_confidence"] = table["confidence"]
        columns = columns.join(table.drop(columns=list(own)))
    return columns


def _member(
    texts: pd.Series,
    labeller: labels.Labeller,
    languages: pd.Series,
    found: list[np.ndarray],
    width: int,
    progress: Progress | None,
) -> pd.DataFrame:
    around = context.neighbours(texts, found, width) if labeller.reads_context and width else None
    warn = getattr(labeller, "warning", None)
    if warn is not None:  # before anything leaves this machine
        _log.warning(warn([labels.Sentence(text) for text in texts if isinstance(text, str)]))
    return labels.label_texts(texts, labeller, languages=languages, neighbours=around, progress=progress)


def _languages(utterances: pd.DataFrame, parts: pd.Series | None, kept: KeptVotes) -> pd.Series:
    """Language of each text; what other parts say does not help, so that nothing passes between parts."""
    import pandas as pd

    if parts is None:
        return detect_languages_once(utterances["text"], utterances["recording"], kept)
    told = [
        detect_languages_once(group["text"], group["recording"], kept)
        for _, group in utterances.groupby(parts.to_numpy(), sort=False)
    ]
    return pd.concat(told).reindex(utterances.index)
