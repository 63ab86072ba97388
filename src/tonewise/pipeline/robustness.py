"""Does a tone survive what happens to a recording? Clips of held-out voices, clean and changed, scored by one model."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise import bundle, evaluation, labels, splits
from tonewise.audio.perturb import Perturbation, choose
from tonewise.errors import OptionError
from tonewise.evaluation.robustness import LIMITS, UNCHANGED, Stability, stability
from tonewise.features import NO_BASELINE
from tonewise.pipeline.changed_sound import hear_changed
from tonewise.pipeline.evaluating import judged_rows
from tonewise.pipeline.hearing import open_cache
from tonewise.pipeline.loading import LoadedModel, loaded_model
from tonewise.pipeline.reading import read_audible
from tonewise.pipeline.voices import voices
from tonewise.records import Corpus, Interval, Problem, Progress

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

LIMIT = 300  # clips: with them an interval of a mean change is a few hundredths wide, and a run takes minutes
MINIMUM = 10  # clips: of fewer, no share means anything
MIXED_ROWS = 4000  # rows of features held at once where one clip at a time is set among clean ones


@dataclass(frozen=True, slots=True)
class Change:
    """One change of the sound and what became of the tones.

    Attributes:
        name, family, title, level: see `tonewise.audio.perturb.Perturbation`.
        found: every clip changed; a speaker's own baseline, where the model has one, is that of the changed clips, as in a
            call that came over that line from beginning to end.
        mixed: one clip changed, the speaker's baseline that of the clean ones; None where the model has no baseline.
    """

    name: str
    family: str
    title: str
    level: str
    found: Stability
    mixed: Stability | None = None


@dataclass(frozen=True, slots=True)
class RobustnessResult:
    """What the suite has to tell.

    Attributes:
        model, corpus, gold_column: what was asked.
        baseline: "none" or "speaker", of the model.
        utterances: clips that were scored, `available` that could have been, of `groups` speakers (or recordings).
        trained_groups: how many of them were in the model's training split; 0 unless there was nobody else.
        spread: standard deviation of the clean tones, to be seen beside their changes.
        clean: gold AUC of the clean clips, None without gold.
        changes: those that could be tried, in the order of the suite.
    """

    model: str
    corpus: str
    gold_column: str | None
    baseline: str
    utterances: int
    available: int
    groups: int
    grouped_by: str
    trained_groups: int
    spread: float
    clean: Interval | None
    changes: tuple[Change, ...]
    limit: int
    seed: int
    seconds: float
    problems: tuple[Problem, ...] = ()

    @property
    def passed(self) -> int:
        """How many changes were within all limits."""
        return sum(change.found.passed for change in self.changes)

    def as_json(self) -> dict[str, Any]:
        """What scripts read, what a model may keep, and what `tonewise.report.robustness` tells."""
        changes = [
            {
                **{key: getattr(each, key) for key in ("name", "family", "title", "level")},
                "passed": each.found.passed,
                **asdict(each.found),
                "mixed": None if each.mixed is None else {"passed": each.mixed.passed, **asdict(each.mixed)},
            }
            for each in self.changes
        ]
        return {
            **{key: getattr(self, key) for key in self.__slots__ if key not in ("clean", "changes", "problems")},
            "clean": None if self.clean is None else asdict(self.clean),
            "passed": self.passed,
            "tried": len(self.changes),
            "limits": {level: asdict(limits) for level, limits in LIMITS.items()},
            "unchanged_below": UNCHANGED,
            "changes": changes,
            "problems": [asdict(problem) for problem in self.problems],
        }


def robustness(
    model: LoadedModel | str | Path,
    corpora: Corpus | str | Path | Sequence[str | Path],
    *,
    gold: str | None = None,
    changes: Sequence[str] | None = None,
    limit: int = LIMIT,
    seed: int = 0,
    jobs: int = 2,
    cache: str | Path | bool = True,
    progress: Progress | None = None,
) -> RobustnessResult:
    """Score clips as they are and after every change of `tonewise.audio.perturb.SUITE`.

    Clips are of voices that the model was not trained on wherever there are any, spread over speakers, and in equal numbers
    positive and negative by gold as far as there are as many. The same clips are used for every change.

    Args:
        model: a loaded model or its folder.
        corpora: see `train`; or a corpus that was read with times checked.
        gold: a column of gold labels: then the AUC before and after is told, and its fall has a limit.
        changes: names or families of changes; None = all.
        limit: clips at most, 10 or more.
        seed: of the choice of clips, of what is drawn by changes, and of the bootstrap.
        jobs: sounds that are changed at once.
        cache: see `train`; of clean clips only, since a change is heard once.
        progress: called as `progress(stage, done, total)`.

    Raises:
        InputError: the corpus cannot be read, has no such column or too few clips, or an option is impossible.
    """
    start = time.perf_counter()
    _check_limit(limit)
    asked = choose(changes)
    loaded = loaded_model(model)
    corpus = corpora if isinstance(corpora, Corpus) else read_audible(corpora, jobs=jobs, progress=progress)
    sample = _sample(corpus, gold, loaded, limit, seed)
    clean, heard = loaded.hear(sample.rows, cache=open_cache(cache), progress=progress)
    sample, clean, matrix = sample.only(heard.heard), clean[heard.heard], heard.matrix[heard.heard]
    _check_enough(len(clean), corpus.source)
    changed, problems = hear_changed(loaded, sample.rows, asked, seed=seed, jobs=jobs, progress=progress)
    judge = _Judge(loaded, sample, clean, matrix, seed)
    return RobustnessResult(
        model=str(loaded.bundle.path),
        corpus=corpus.source,
        gold_column=gold,
        baseline=loaded.preparation.baseline,
        utterances=len(clean),
        available=sample.available,
        groups=sample.groups.nunique(),
        grouped_by=sample.grouped_by,
        trained_groups=sample.groups[sample.trained].nunique(),
        spread=float(clean.std()),
        clean=judge.clean_auc(),
        changes=tuple(judge.change(each, changed[each.name]) for each in asked if each.name in changed),
        limit=limit,
        seed=seed,
        seconds=time.perf_counter() - start,
        problems=(*loaded.notices, *corpus.problems, *heard.problems, *problems),
    )


def _check_limit(limit: int) -> None:
    if limit < MINIMUM:
        raise OptionError(f"{limit} clips are too few to tell what a change does; give {MINIMUM} or more")


def _check_enough(clips: int, source: str) -> None:
    if clips < MINIMUM:
        raise OptionError(f"{source} has {clips} clips to try changes on; expected {MINIMUM} or more")


@dataclass(frozen=True, slots=True)
class _Sample:
    """The clips that are tried; all columns have the index of `rows`. `gold` is None without gold."""

    rows: pd.DataFrame
    groups: pd.Series
    grouped_by: str
    trained: pd.Series
    gold: pd.Series | None
    available: int

    def only(self, kept: np.ndarray) -> _Sample:
        """The same of some rows: positions, or bool `(n,)`."""
        gold = None if self.gold is None else self.gold.iloc[kept]
        return _Sample(
            self.rows.iloc[kept],
            self.groups.iloc[kept],
            self.grouped_by,
            self.trained.iloc[kept],
            gold,
            self.available,
        )


def _sample(corpus: Corpus, gold: str | None, loaded: LoadedModel, limit: int, seed: int) -> _Sample:
    import numpy as np

    utterances = corpus.utterances
    rows = utterances if gold is None else judged_rows(utterances, gold, (), corpus.source)
    groups, grouped_by = splits.speaker_groups(rows)
    known = set(loaded.manifest["training"]["trained_groups"])
    trained = groups.map({name: bundle.fingerprints([name])[0] in known for name in groups.unique()}).astype(bool)
    positive = None if gold is None else rows["_gold"] == labels.POSITIVE
    new = np.flatnonzero(~trained) if not trained.all() else np.arange(len(rows))
    usable = _Sample(rows, groups, grouped_by, trained, positive, len(new)).only(new)
    return usable.only(_spread(usable, limit, seed))


def _spread(sample: _Sample, limit: int, seed: int) -> np.ndarray:
    """Positions of at most `limit` rows: classes in turn, and in each class speakers in turn, as long as there are any."""
    import numpy as np
    import pandas as pd

    kind = np.zeros(len(sample.rows)) if sample.gold is None else sample.gold.to_numpy()
    table = pd.DataFrame({"kind": kind, "who": sample.groups.to_numpy()})
    table = table.loc[np.random.default_rng(seed).permutation(len(table))]
    table["turn"] = table.groupby(["kind", "who"]).cumcount()
    table = table.sort_values("turn", kind="stable")
    table["place"] = table.groupby("kind").cumcount()
    return np.sort(table.sort_values("place", kind="stable").index.to_numpy()[:limit])


@dataclass(frozen=True, slots=True)
class _Judge:
    """Clean clips, and how changed ones are compared with them."""

    loaded: LoadedModel
    sample: _Sample
    clean: np.ndarray
    matrix: np.ndarray
    seed: int

    def clean_auc(self) -> Interval | None:
        """Of the clean clips by gold."""
        if self.sample.gold is None:
            return None
        gold, groups = self.sample.gold.to_numpy(), self.sample.groups.to_numpy()
        return evaluation.roc_auc_interval(self.clean, gold, groups, grouped_by=self.sample.grouped_by, seed=self.seed)

    def change(self, each: Perturbation, matrix: np.ndarray) -> Change:
        """One change, by the features of the changed clips."""
        found = self._stability(each, self.loaded.tones(matrix, self.sample.rows))
        mixed = None if self.loaded.preparation.baseline == NO_BASELINE else self._stability(each, self._mixed(matrix))
        return Change(each.name, each.family, each.title, each.level, found, mixed)

    def _stability(self, each: Perturbation, tones: np.ndarray) -> Stability:
        return stability(
            self.clean,
            tones,
            self.sample.groups.to_numpy(),
            limits=LIMITS[each.level],
            positive=None if self.sample.gold is None else self.sample.gold.to_numpy(),
            grouped_by=self.sample.grouped_by,
            seed=self.seed,
        )

    def _mixed(self, matrix: np.ndarray) -> np.ndarray:
        """Tones of changed clips, each among the clean ones of its speaker."""
        import numpy as np

        tones = np.full(len(matrix), np.nan)
        for _, rows in self.sample.rows.groupby(voices(self.sample.rows).to_numpy()).indices.items():
            step = max(1, MIXED_ROWS // len(rows))
            for first in range(0, len(rows), step):
                chosen = np.arange(first, min(first + step, len(rows)))
                tones[rows[chosen]] = self._among_clean(matrix, rows, chosen)
        return tones

    def _among_clean(self, matrix: np.ndarray, rows: np.ndarray, chosen: np.ndarray) -> np.ndarray:
        """Tones of some of one speaker's clips, by their places in `rows`."""
        import numpy as np

        block = np.repeat(self.matrix[rows][np.newaxis], len(chosen), axis=0)
        block[np.arange(len(chosen)), chosen] = matrix[rows[chosen]]
        # Every copy is a speaker of its own, of whom one clip is changed.
        names = np.repeat([f"copy {place}" for place in chosen], len(rows))
        utterances = self.sample.rows.iloc[np.tile(rows, len(chosen))].assign(speaker=names)
        tones = self.loaded.tones(block.reshape(-1, block.shape[2]), utterances)
        own: np.ndarray = tones.reshape(len(chosen), len(rows))[np.arange(len(chosen)), chosen]
        return own
