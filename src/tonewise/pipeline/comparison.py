"""The founding article's systems and ours on one corpus, at random as the article split it and by speaker."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise import audio, features, labels, models, splits
from tonewise.errors import InputError
from tonewise.pipeline.comparison_rounds import Asked, Ear, Round, kept_rows, listen, split_corpus
from tonewise.pipeline.kept import Kept, evaluation_of, evaluations_of, key_of
from tonewise.pipeline.reading import read_audible
from tonewise.pipeline.study import Study
from tonewise.pipeline.systems import System
from tonewise.pipeline.systems import systems as registered
from tonewise.pipeline.versions import versions
from tonewise.records import ComparisonResult, ComparisonRow, Progress

if TYPE_CHECKING:
    import pandas as pd

STRATEGIES = ("random", "speaker")


def compare(
    corpora: str | Path | Sequence[str | Path],
    *,
    labels: str = "lexicon",
    gold: str | None = None,
    systems: Sequence[str] | None = None,
    seed: int = 0,
    jobs: int = 2,
    note: str = "",
    untrusted: audio.Limits | None = None,
    cache: str | Path | bool = True,
    progress: Progress | None = None,
    raw: str | None = None,
    transcript_format: str | None = None,
) -> ComparisonResult:
    """Train and judge every system on the same utterances, split at random and by speaker.

    All rows are judged by the same labels, whatever they learned from. A system whose libraries or weights cannot be had
    gets a row that says so. Features and finished rows are kept in the cache: an interrupted run goes on.

    Args:
        corpora: see `train`.
        labels: what all systems are judged by and, unless they say otherwise, learn from.
        gold: a column of gold labels to judge by as well, never learned from.
        systems: keys of `pipeline.systems.SYSTEMS`; None = all.
        seed, jobs, note, untrusted, cache, progress, raw, transcript_format: see `train`.

    Raises:
        InputError: the corpus or the options do not allow it.
    """
    start = time.perf_counter()
    asked = Asked(registered(systems), labels, gold, seed, jobs, cache, progress)
    corpus = read_audible(
        corpora,
        raw=raw,
        transcript_format=transcript_format,
        untrusted=untrusted,
        cache=cache,
        jobs=jobs,
        progress=progress,
    )
    groups, grouped_by = splits.speaker_groups(corpus.utterances)
    rounds = [split_corpus(corpus, groups, strategy, asked) for strategy in STRATEGIES]
    ears = listen(corpus.utterances, rounds, asked)
    rows = list(_Run(asked, groups, grouped_by, kept_rows(cache)).rows(rounds, ears))
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
        versions=versions(*(system.classifier for system in asked.systems)),
        data_note=note,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """What all rows of a comparison have in common."""

    asked: Asked
    groups: pd.Series
    grouped_by: str
    kept: Kept

    def rows(self, rounds: Sequence[Round], ears: dict[str, Ear]) -> Iterator[ComparisonRow]:
        """A row for each system under each split."""
        count = len(self.asked.systems) * len(rounds)
        for done, (each, system) in enumerate(product(rounds, self.asked.systems), start=1):
            yield self.row(system, each, ears)
            if self.asked.progress:
                self.asked.progress("comparing systems", done, count)

    def row(self, system: System, each: Round, ears: dict[str, Ear]) -> ComparisonRow:
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

    def _blank(self, system: System, each: Round, mine: Sequence[Ear]) -> ComparisonRow:
        times = [ear.seconds for ear in mine]
        return ComparisonRow(
            key=system.key,
            title=system.title,
            founding=system.founding,
            features=system.features,
            classifier=system.classifier,
            labels=self.asked.labels_of(system),
            refined=system.refine,
            split=each.strategy,
            seconds_features=None if None in times else sum(t for t in times if t is not None),
        )

    def _studies(self, system: System, each: Round, mine: Sequence[Ear]) -> tuple[Study, Study]:
        """What it is judged by, and what it learns from."""
        import numpy as np

        heard = np.logical_and.reduce([ear.heard for ear in mine if ear.heard is not None])
        rows = heard & each.needed(system, self.asked).to_numpy()
        judged, taught = each.labelled[self.asked.judged_by], each.labelled[self.asked.labels_of(system)]
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
            from_text=labels.is_labeller(self.asked.judged_by),
            blocks=tuple(matrix.shape[1] for matrix in matrices),
        )
        own = {name: taught.columns[name].to_numpy()[rows] for name in ("label", "confidence")}
        return study, replace(study, words=taught.columns["score"].to_numpy(dtype=float)[rows], **own)

    def _key(self, system: System, study: Study, learned: Study) -> str:
        arrays = (study.features, study.label, study.confidence, study.gold, study.part, study.groups, study.words)
        taught = (learned.label, learned.confidence, learned.words)
        return key_of(
            *arrays,
            *taught,
            system.classifier,
            system.refine,
            study.blocks,
            self.asked.seed,
            versions(system.classifier),
        )

    def _judged(self, system: System, each: Round, study: Study, learned: Study) -> dict[str, Any]:
        """One row's figures as JSON keeps them."""
        start, seed = time.perf_counter(), self.asked.seed
        if system.refine:
            reliability = each.labelled[self.asked.labels_of(system)].policy.reliability
            learned, _ = learned.refined(reliability, seed=seed, progress=self.asked.progress)
        fitted = learned.fit(system.classifier, seed=seed, jobs=self.asked.jobs)
        seconds = time.perf_counter() - start
        scores = models.OnnxClassifier(models.to_onnx(fitted, study.features.shape[1])).positive(study.features)
        judged = {part: asdict(study.judge(scores, part, seed=seed)) for part in (splits.VALID, splits.TEST)}
        has_gold = labels.is_polar(study.gold).any()
        gold = asdict(study.judge_gold(scores, seed=seed)) if has_gold else None
        return {**judged, "gold": gold, "seconds": seconds}


def _sizes(each: Round, judged_by: str, groups: pd.Series) -> dict[str, Any]:
    label = each.labelled[judged_by].columns["label"]
    return {
        part: {
            "labelled": int(label[each.parts == part].notna().sum()),
            "positive": int((label[each.parts == part] == labels.POSITIVE).sum()),
            "groups": int(groups[each.parts == part].nunique()),
        }
        for part in splits.PARTS
    }
