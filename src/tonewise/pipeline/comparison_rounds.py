"""What a comparison judges and hears: the corpus as it is split, and what each encoder heard of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise import features, labels, splits, weights
from tonewise.errors import InputError, WeightsError
from tonewise.pipeline.hearing import Heard, create_encoders, hear, open_cache
from tonewise.pipeline.kept import Kept, key_of
from tonewise.pipeline.labelling import LabelledCorpus, label_corpus, words_scores
from tonewise.pipeline.study import require_two_classes
from tonewise.pipeline.systems import System
from tonewise.pipeline.voting import LabelRequest
from tonewise.records import Corpus, Problem, Progress

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Asked:
    """What a comparison is asked to do, see `compare`; `judged_by` are the labels that all systems are judged by."""

    systems: tuple[System, ...]
    judged_by: str
    gold: str | None
    seed: int
    jobs: int
    cache: str | Path | bool
    progress: Progress | None

    def labels_of(self, system: System) -> str:
        """What a system learns from."""
        return system.labels or self.judged_by


@dataclass(frozen=True, slots=True, eq=False)
class Round:
    """One split of the corpus; every column has its index.

    Attributes:
        parts: train, valid or test.
        labelled: the labels of every kind that some system learns from, by labeller.
        gold: positive, negative, neutral or None.
        words: the text's own score, −1 to 1, NaN = none.
    """

    strategy: str
    parts: pd.Series
    labelled: dict[str, LabelledCorpus]
    gold: pd.Series
    words: pd.Series

    def needed(self, system: System, asked: Asked) -> pd.Series:
        """Rows that a system must hear: what it learns from, and what it is judged on."""
        judged = self.labelled[asked.judged_by].columns["label"].notna() & (self.parts != splits.TRAIN)
        judged |= labels.is_polar(self.gold.to_numpy()) & (self.parts == splits.TEST)
        columns = self.labelled[asked.labels_of(system)].columns
        learned = columns["score"].notna() if system.refine else columns["label"].notna()
        return judged | (learned & (self.parts == splits.TRAIN))


@dataclass(frozen=True, slots=True, eq=False)
class Ear:
    """What one encoder heard of all rows that any system needs, or why it could not.

    Attributes:
        matrix: float32 `(n, d)`, NaN in rows that were not needed or not heard; None where it could hear nothing.
        heard: bool `(n,)`.
        seconds: how long hearing takes without a cache, None = not known.
        audio_seconds: of what was heard.
        failure: why it could not; empty where it could.
    """

    matrix: np.ndarray | None
    heard: np.ndarray | None
    seconds: float | None
    problems: tuple[Problem, ...] = ()
    audio_seconds: float = 0.0
    failure: str = ""


def split_corpus(corpus: Corpus, groups: pd.Series, strategy: str, asked: Asked) -> Round:
    """One split of the corpus, with the labels of every kind that the chosen systems learn from.

    Raises:
        InputError: the labels that all are judged by are of one class.
    """
    import pandas as pd

    parts = splits.split(groups, strategy, seed=asked.seed)
    kinds = dict.fromkeys([asked.judged_by, *map(asked.labels_of, asked.systems)])
    labelled = {
        kind: label_corpus(
            corpus,
            LabelRequest.of(kind, seed=asked.seed),
            parts=parts,
            cache=asked.cache,
            progress=asked.progress,
        )
        for kind in kinds
    }
    judged = labelled[asked.judged_by].columns
    require_two_classes(judged["label"], corpus.source)
    utterances = corpus.utterances
    nothing = pd.Series(None, index=utterances.index, dtype=object)
    from_text = labels.is_labeller(asked.judged_by)
    return Round(
        strategy,
        parts,
        labelled,
        labels.polarity_column(utterances, asked.gold) if asked.gold else nothing,
        judged["score"] if from_text else words_scores(utterances, labels.create("lexicon"), asked.cache),
    )


def listen(utterances: pd.DataFrame, rounds: Sequence[Round], asked: Asked) -> dict[str, Ear]:
    """Every encoder's features of the rows that some system needs in some split."""
    import pandas as pd

    ears = {}
    for spec in dict.fromkeys(spec for system in asked.systems for spec in system.features):
        needed = pd.Series(False, index=utterances.index)
        for system, each in product(asked.systems, rounds):
            if spec in system.features:
                needed |= each.needed(system, asked)
        ears[spec] = _ear(utterances, needed.to_numpy(), spec, asked)
    return ears


def _ear(utterances: pd.DataFrame, needed: np.ndarray, spec: str, asked: Asked) -> Ear:
    import numpy as np

    start = time.perf_counter()
    try:
        encoders = create_encoders([spec], asked.progress)
        found = hear(
            utterances[needed], encoders, seed=asked.seed, cache=open_cache(asked.cache), progress=asked.progress
        )
    except (InputError, WeightsError) as error:
        return Ear(None, None, None, failure=str(error))
    matrix = np.full((len(utterances), found.matrix.shape[1]), np.nan, dtype=np.float32)
    matrix[needed] = found.matrix
    heard = np.zeros(len(utterances), dtype=bool)
    heard[needed] = found.heard
    seconds = _seconds(found, time.perf_counter() - start, kept_rows(asked.cache), encoders[0])
    return Ear(matrix, heard, seconds, found.problems, found.audio_seconds)


def _seconds(found: Heard, taken: float, kept: Kept, encoder: features.Encoder) -> float | None:
    """How long it takes to hear all clips: now if none was in the cache, else as it was timed when none was."""
    key = key_of("seconds", found.matrix, encoder.identity())
    if found.hits == 0:
        kept.put(key, taken)
        return taken
    earlier = kept.get(key)
    return float(earlier) if isinstance(earlier, int | float) else None


def kept_rows(cache: str | Path | bool) -> Kept:
    """Where finished rows of comparisons are kept."""
    if not cache:
        return Kept(None)
    return Kept(weights.cache_root() / "compare" if cache is True else Path(cache) / "compare")
