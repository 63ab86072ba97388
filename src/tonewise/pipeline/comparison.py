"""The founding article's systems and ours on one corpus, at random as the article split it and by speaker."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise import features, labels, models, splits, weights
from tonewise.errors import InputError, WeightsError
from tonewise.pipeline.hearing import Heard, create_encoders, hear, open_cache
from tonewise.pipeline.kept import Kept, evaluation_of, evaluations_of, key_of
from tonewise.pipeline.labelling import LabelledCorpus, label_corpus, words_scores
from tonewise.pipeline.reading import audible, read_corpora
from tonewise.pipeline.study import Study, require_two_classes
from tonewise.pipeline.systems import System, systems
from tonewise.pipeline.versions import versions
from tonewise.pipeline.voting import LabelRequest
from tonewise.records import ComparisonResult, ComparisonRow, Corpus, Problem, Progress

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

STRATEGIES = ("random", "speaker")


@dataclass(frozen=True, slots=True, eq=False)
class _Round:
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
class _Ear:
    """What one encoder heard of all rows that any system needs, or why it could not."""

    matrix: np.ndarray | None
    heard: np.ndarray | None
    seconds: float | None
    problems: tuple[Problem, ...] = ()
    audio_seconds: float = 0.0
    failure: str = ""


def compare(
    corpora: str | Path | Sequence[str | Path],
    *,
    labels: str = "lexicon",
    gold: str | None = None,
    systems: Sequence[str] | None = None,
    seed: int = 0,
    jobs: int = 2,
    note: str = "",
    cache: str | Path | bool = True,
    progress: Progress | None = None,
) -> ComparisonResult:
    """Train and judge every system on the same utterances, split at random and by speaker.

    All rows are judged by the same labels, whatever they learned from. A system whose libraries or weights cannot be had
    gets a row that says so. Features and finished rows are kept in the cache: an interrupted run goes on.

    Args:
        corpora: see `train`.
        labels: what all systems are judged by and, unless they say otherwise, learn from.
        gold: a column of gold labels to judge by as well, never learned from.
        systems: keys of `pipeline.systems.SYSTEMS`; None = all.
        seed, jobs, note, cache, progress: see `train`.

    Raises:
        InputError: the corpus or the options do not allow it.
    """
    start = time.perf_counter()
    chosen = _chosen(systems)
    corpus = audible(read_corpora(corpora), jobs=jobs, progress=progress)
    groups, grouped_by = splits.speaker_groups(corpus.utterances)
    rounds = [_round(corpus, groups, s, chosen, labels, gold, seed, progress) for s in STRATEGIES]
    ears = _listen(corpus.utterances, chosen, rounds, labels, seed, cache, progress)
    run = _Run(corpus, groups, grouped_by, labels, seed, jobs, _kept(cache), progress)
    rows = list(run.rows(chosen, rounds, ears))
    judged_by = rounds[-1].labelled[labels]
    return ComparisonResult(
        corpus=corpus.source,
        layout=corpus.layout,
        utterances=len(corpus.utterances),
        recordings=corpus.utterances["recording"].nunique(),
        speakers=corpus.utterances["speaker"].nunique() or None,
        labels=judged_by.summary,
        gold_column=gold,
        splits={each.strategy: _sizes(each, labels, groups) for each in rounds},
        seed=seed,
        rows=tuple(rows),
        seconds=time.perf_counter() - start,
        audio_seconds=max((ear.audio_seconds for ear in ears.values()), default=0.0),
        problems=(*corpus.problems, *dict.fromkeys(problem for ear in ears.values() for problem in ear.problems)),
        versions=versions(*(system.classifier for system in chosen)),
        data_note=note,
    )


def _chosen(keys: Sequence[str] | None) -> tuple[System, ...]:
    return systems(keys)


def _round(
    corpus: Corpus,
    groups: pd.Series,
    strategy: str,
    chosen: Sequence[System],
    judged_by: str,
    gold: str | None,
    seed: int,
    progress: Progress | None,
) -> _Round:
    import pandas as pd

    parts = splits.split(groups, strategy, seed=seed)
    kinds = dict.fromkeys([judged_by, *(system.labels for system in chosen if system.labels)])
    labelled = {
        kind: label_corpus(corpus, LabelRequest.of(kind, seed=seed), parts=parts, progress=progress) for kind in kinds
    }
    require_two_classes(labelled[judged_by].columns["label"], corpus.source)
    utterances = corpus.utterances
    nothing = pd.Series(None, index=utterances.index, dtype=object)
    from_text = labels.is_labeller(judged_by)
    return _Round(
        strategy,
        parts,
        labelled,
        labels.polarity_column(utterances, gold) if gold else nothing,
        labelled[judged_by].columns["score"] if from_text else words_scores(utterances, labels.create("lexicon")),
    )


def _listen(
    utterances: pd.DataFrame,
    chosen: Sequence[System],
    rounds: Sequence[_Round],
    judged_by: str,
    seed: int,
    cache: str | Path | bool,
    progress: Progress | None,
) -> dict[str, _Ear]:
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
) -> _Ear:
    import numpy as np

    start = time.perf_counter()
    try:
        encoders = create_encoders([spec], progress)
        found = hear(utterances[needed], encoders, seed=seed, cache=open_cache(cache), progress=progress)
    except (InputError, WeightsError) as error:
        return _Ear(None, None, None, failure=str(error))
    matrix = np.full((len(utterances), found.matrix.shape[1]), np.nan, dtype=np.float32)
    matrix[needed] = found.matrix
    heard = np.zeros(len(utterances), dtype=bool)
    heard[needed] = found.heard
    seconds = _seconds(found, time.perf_counter() - start, _kept(cache), encoders[0])
    return _Ear(matrix, heard, seconds, found.problems, found.audio_seconds)


def _seconds(found: Heard, taken: float, kept: Kept, encoder: features.Encoder) -> float | None:
    """How long it takes to hear all clips: now if none was in the cache, else as it was timed when none was."""
    key = key_of("seconds", found.matrix, encoder.identity())
    if found.hits == 0:
        kept.put(key, taken)
        return taken
    earlier = kept.get(key)
    return float(earlier) if isinstance(earlier, int | float) else None


def _kept(cache: str | Path | bool) -> Kept:
    if not cache:
        return Kept(None)
    return Kept(weights.cache_root() / "compare" if cache is True else Path(cache) / "compare")


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """What all rows of a comparison have in common."""

    corpus: Corpus
    groups: pd.Series
    grouped_by: str
    judged_by: str
    seed: int
    jobs: int
    kept: Kept
    progress: Progress | None

    def rows(
        self, chosen: Sequence[System], rounds: Sequence[_Round], ears: dict[str, _Ear]
    ) -> Iterator[ComparisonRow]:
        """A row for each system under each split."""
        count = len(chosen) * len(rounds)
        for done, (each, system) in enumerate(product(rounds, chosen), start=1):
            yield self.row(system, each, ears)
            if self.progress:
                self.progress("comparing systems", done, count)

    def row(self, system: System, each: _Round, ears: dict[str, _Ear]) -> ComparisonRow:
        """Fit and judge one system under one split."""
        mine = [ears[spec] for spec in system.features]
        row = self._blank(system, each, mine)
        failure = next((ear.failure for ear in mine if ear.failure), "")
        if failure:
            return replace(row, problem=failure)
        study, learned = self._studies(system, each, mine)
        row = replace(row, dimensions=study.features.shape[1])
        key = self._key(system, study, learned)
        found = self.kept.get(key)
        if not found:
            try:
                found = self._judged(system, each, study, learned)
            except InputError as error:  # such as a missing extra, or one class only
                return replace(row, problem=str(error))
            self.kept.put(key, found)
        return replace(
            row,
            evaluations=evaluations_of(found, (splits.VALID, splits.TEST)),
            gold=evaluation_of(found["gold"]),
            seconds_fit=found["seconds"],
        )

    def _blank(self, system: System, each: _Round, mine: Sequence[_Ear]) -> ComparisonRow:
        times = [ear.seconds for ear in mine]
        return ComparisonRow(
            key=system.key,
            title=system.title,
            founding=system.founding,
            features=system.features,
            classifier=system.classifier,
            labels=system.labels or self.judged_by,
            refined=system.refine,
            split=each.strategy,
            seconds_features=None if None in times else sum(t for t in times if t is not None),
        )

    def _studies(self, system: System, each: _Round, mine: Sequence[_Ear]) -> tuple[Study, Study]:
        """What it is judged by, and what it learns from."""
        import numpy as np

        heard = np.logical_and.reduce([ear.heard for ear in mine if ear.heard is not None])
        rows = heard & each.needed(system, self.judged_by).to_numpy()
        judged, taught = each.labelled[self.judged_by], each.labelled[system.labels or self.judged_by]
        matrices = [ear.matrix[rows] for ear in mine if ear.matrix is not None]
        part = each.parts.to_numpy()[rows]
        prepared, _ = features.prepare(
            np.concatenate(matrices, axis=1),
            self.groups.to_numpy()[rows],
            baseline=system.baseline,
            training=part == splits.TRAIN,
        )
        study = Study(
            features=prepared,
            label=judged.columns["label"].to_numpy()[rows],
            confidence=judged.columns["confidence"].to_numpy()[rows],
            words=each.words.to_numpy(dtype=float)[rows],
            gold=each.gold.to_numpy()[rows],
            part=part,
            groups=self.groups.to_numpy()[rows],
            grouped_by=self.grouped_by,
            from_text=labels.is_labeller(self.judged_by),
            blocks=tuple(matrix.shape[1] for matrix in matrices),
        )
        own = {name: taught.columns[name].to_numpy()[rows] for name in ("label", "confidence")}
        return study, replace(study, words=taught.columns["score"].to_numpy(dtype=float)[rows], **own)

    def _key(self, system: System, study: Study, learned: Study) -> str:
        arrays = (study.features, study.label, study.confidence, study.gold, study.part, study.groups, study.words)
        taught = (learned.label, learned.confidence, learned.words)
        return key_of(
            *arrays, *taught, system.classifier, system.refine, study.blocks, self.seed, versions(system.classifier)
        )

    def _judged(self, system: System, each: _Round, study: Study, learned: Study) -> dict[str, Any]:
        """One row's figures as JSON keeps them."""
        start = time.perf_counter()
        if system.refine:
            reliability = each.labelled[system.labels or self.judged_by].policy.reliability
            learned, _ = learned.refined(reliability, seed=self.seed, progress=self.progress)
        fitted = learned.fit(system.classifier, seed=self.seed, jobs=self.jobs)
        seconds = time.perf_counter() - start
        scores = models.OnnxClassifier(models.to_onnx(fitted, study.features.shape[1])).positive(study.features)
        judged = {part: asdict(study.judge(scores, part, seed=self.seed)) for part in (splits.VALID, splits.TEST)}
        has_gold = labels.is_polar(study.gold).any()
        gold = asdict(study.judge_gold(scores, seed=self.seed)) if has_gold else None
        return {**judged, "gold": gold, "seconds": seconds}


def _sizes(each: _Round, judged_by: str, groups: pd.Series) -> dict[str, Any]:
    label = each.labelled[judged_by].columns["label"]
    return {
        part: {
            "labelled": int(label[each.parts == part].notna().sum()),
            "positive": int((label[each.parts == part] == labels.POSITIVE).sum()),
            "groups": int(groups[each.parts == part].nunique()),
        }
        for part in splits.PARTS
    }
