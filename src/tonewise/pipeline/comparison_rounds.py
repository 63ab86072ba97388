"""What a comparison judges and hears: the corpus as it is split, and what each encoder heard of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, eq=False)
class Round:
    """One split of the corpus, with the labels of every kind that some system learns from."""

    strategy: str
    parts: pd.Series
    labelled: dict[str, LabelledCorpus]
    gold: pd.Series
    words: pd.Series

    def needed(self, system: System, judged_by: str) -> pd.Series:
        """Rows that a system must hear: what it learns from, and what it is judged on."""
        judged = self.labelled[judged_by].columns["label"].notna() & (self.parts != splits.TRAIN)
        judged |= labels.is_polar(self.gold.to_numpy()) & (self.parts == splits.TEST)
        columns = self.labelled[system.labels or judged_by].columns
        learned = columns["score"].notna() if system.refine else columns["label"].notna()
        return judged | (learned & (self.parts == splits.TRAIN))


@dataclass(frozen=True, slots=True, eq=False)
class Ear:
    """What one encoder heard of all rows that any system needs, or why it could not."""

    matrix: np.ndarray | None
    heard: np.ndarray | None
    seconds: float | None
    problems: tuple[Problem, ...] = ()
    audio_seconds: float = 0.0
    failure: str = ""


def split_corpus(
    corpus: Corpus,
    groups: pd.Series,
    strategy: str,
    chosen: Sequence[System],
    judged_by: str,
    gold: str | None,
    seed: int,
    cache: str | Path | bool,
    progress: Progress | None,
) -> Round:
    """One split of the corpus, with the labels of every kind that the chosen systems learn from.

    Raises:
        InputError: the labels that all are judged by are of one class.
    """
    import pandas as pd

    parts = splits.split(groups, strategy, seed=seed)
    kinds = dict.fromkeys([judged_by, *(system.labels for system in chosen if system.labels)])
    labelled = {
        kind: label_corpus(corpus, LabelRequest.of(kind, seed=seed), parts=parts, cache=cache, progress=progress)
        for kind in kinds
    }
    require_two_classes(labelled[judged_by].columns["label"], corpus.source)
    utterances = corpus.utterances
    nothing = pd.Series(None, index=utterances.index, dtype=object)
    from_text = labels.is_labeller(judged_by)
    return Round(
        strategy,
        parts,
        labelled,
        labels.polarity_column(utterances, gold) if gold else nothing,
        labelled[judged_by].columns["score"] if from_text else words_scores(utterances, labels.create("lexicon")),
    )


def listen(
    utterances: pd.DataFrame,
    chosen: Sequence[System],
    rounds: Sequence[Round],
    judged_by: str,
    seed: int,
    cache: str | Path | bool,
    progress: Progress | None,
) -> dict[str, Ear]:
    """Every encoder's features of the rows that some system needs in some split."""
    import pandas as pd

    ears = {}
    for spec in dict.fromkeys(spec for system in chosen for spec in system.features):
        needed = pd.Series(False, index=utterances.index)
        for system in chosen:
            if spec in system.features:
                for each in rounds:
                    needed |= each.needed(system, judged_by)
        ears[spec] = _ear(utterances, needed.to_numpy(), spec, seed, cache, progress)
    return ears


def _ear(
    utterances: pd.DataFrame,
    needed: np.ndarray,
    spec: str,
    seed: int,
    cache: str | Path | bool,
    progress: Progress | None,
) -> Ear:
    import numpy as np

    start = time.perf_counter()
    try:
        encoders = create_encoders([spec], progress)
        found = hear(utterances[needed], encoders, seed=seed, cache=open_cache(cache), progress=progress)
    except (InputError, WeightsError) as error:
        return Ear(None, None, None, failure=str(error))
    matrix = np.full((len(utterances), found.matrix.shape[1]), np.nan, dtype=np.float32)
    matrix[needed] = found.matrix
    heard = np.zeros(len(utterances), dtype=bool)
    heard[needed] = found.heard
    seconds = _seconds(found, time.perf_counter() - start, kept_rows(cache), encoders[0])
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
