"""Does a model hear tone, or read words? Its recipe, trained anew on a corpus so that voices and words can be held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise import audio, labels, splits
from tonewise.features import NO_BASELINE
from tonewise.labels.registry import COLUMN
from tonewise.pipeline.auditing_folds import Material, Recipe
from tonewise.pipeline.auditing_results import AuditResult
from tonewise.pipeline.auditing_sound import choose, delexicalised
from tonewise.pipeline.auditing_study import audit_study
from tonewise.pipeline.hearing import open_cache
from tonewise.pipeline.labelling import label_corpus, words_table
from tonewise.pipeline.loading import LoadedModel, loaded_model
from tonewise.pipeline.reading import read_audible
from tonewise.pipeline.spoken import contents, documents
from tonewise.pipeline.study import require_two_classes
from tonewise.pipeline.voices import voices
from tonewise.pipeline.voting import LabelRequest
from tonewise.records import Corpus, Problem, Progress

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from tonewise.pipeline.robustness import RobustnessResult


def audit(
    model: LoadedModel | str | Path,
    corpora: str | Path | Sequence[str | Path],
    *,
    gold: str | None = None,
    labeller: str | None = None,
    without_words: bool = True,
    robustness: bool = False,
    seed: int = 0,
    jobs: int = 2,
    raw: str | None = None,
    untrusted: audio.Limits | None = None,
    cache: str | Path | bool = True,
    progress: Progress | None = None,
    transcript_format: str | None = None,
) -> AuditResult:
    """Audit a model's recipe on a corpus: features, classifier, baseline and labels as the model has them, trained anew.

    The model itself knows its training voices and words, and cannot be made to forget them; what is audited is how it was
    made. The corpus may be the one it was trained on.

    Args:
        model: a loaded model or its folder.
        corpora: see `train`.
        gold: a column of gold labels to judge by as well; they are never trained on.
        labeller: labels to train on in place of the model's own: a labeller or a column.
        without_words: whether clips are also altered so that their words are gone (the slow part).
        robustness: whether the model is also run on changed sound, see `pipeline.robustness`.
        seed: of folds, and of what is drawn.
        jobs: recordings that are looked at, and folds that are trained, at once.
        raw, untrusted, cache, progress, transcript_format: see `train`.

    Raises:
        InputError: the corpus cannot be read, labelled or learned from.
    """
    loaded = loaded_model(model)
    corpus = read_audible(
        corpora,
        raw=raw,
        transcript_format=transcript_format,
        untrusted=untrusted,
        cache=cache,
        jobs=jobs,
        progress=progress,
    )
    rows, learned = _rows(corpus, loaded, labeller, gold, seed, cache)
    material, problems = _material(loaded, rows, without_words, seed, cache, progress)
    kept = rows.loc[material.index]
    truths = _truths(kept, learned, gold)
    recipe = replace(recipe_of(loaded), weak=labels.is_labeller(learned))
    findings = audit_study(material.rows, recipe, truths, seed=seed, jobs=jobs, progress=progress)
    return AuditResult(
        model=str(loaded.bundle.path),
        corpus=corpus.source,
        findings=findings,
        learned=learned,
        features=loaded.bundle.feature_specs,
        classifier=loaded.manifest["classifier"],
        baseline=recipe_of(loaded).baseline,
        note=loaded.manifest.get("note") or "",
        utterances=len(corpus.utterances),
        learned_from=int(labels.is_polar(material.rows.label).sum()),
        voices=kept["_group"].nunique(),
        seed=seed,
        problems=(*loaded.notices, *corpus.problems, *problems),
        robustness=_robustness(loaded, corpus, gold, seed, jobs, cache, progress) if robustness else None,
    )


def recipe_of(loaded: LoadedModel) -> Recipe:
    """How a model was made of its features."""
    baseline = (loaded.manifest.get("baseline") or {}).get("kind", NO_BASELINE)
    blocks = tuple(feature["dimensions"] for feature in loaded.manifest["features"])
    return Recipe(loaded.manifest["classifier"], baseline, blocks)


@dataclass(frozen=True, slots=True, eq=False)
class _Heard:
    """Material, and the index of its rows in the corpus."""

    rows: Material
    index: pd.Index


def _rows(
    corpus: Corpus,
    loaded: LoadedModel,
    labeller: str | None,
    gold: str | None,
    seed: int,
    cache: str | Path | bool,
) -> tuple[pd.DataFrame, str]:
    """The utterances that are learned from or judged, with `_label`, `_confidence`, `_gold` and `_group`; whose labels."""
    utterances = corpus.utterances
    columns, learned = _labels(corpus, loaded, labeller, seed, cache)
    require_two_classes(columns["label"], corpus.source)
    judged = labels.polarity_column(utterances, gold) if gold else None
    groups, grouped_by = splits.speaker_groups(utterances)
    rows = utterances.assign(
        _label=columns["label"],
        _confidence=columns["confidence"],
        _gold=judged,
        _group=groups,
        _voice=voices(utterances),
    )
    if recipe_of(loaded).baseline == NO_BASELINE:  # else how a speaker usually sounds is heard in whatever is said
        rows = rows[labels.is_polar(rows["_label"].to_numpy()) | labels.is_polar(rows["_gold"].to_numpy())]
    rows.attrs["grouped_by"] = grouped_by
    return rows, learned


def _labels(
    corpus: Corpus, loaded: LoadedModel, labeller: str | None, seed: int, cache: str | Path | bool
) -> tuple[pd.DataFrame, str]:
    """Label columns to learn from, and what they are."""
    policy = loaded.manifest["labels"]
    if labeller is None and policy["name"] != COLUMN:
        return words_table(corpus.utterances, loaded.text_labeller, cache), str(policy["name"])
    name = labeller or str(policy["identity"]["column"])
    threshold = policy.get("threshold", labels.DEFAULT_THRESHOLD)
    labelled = label_corpus(corpus, LabelRequest.of(name, threshold=threshold, seed=seed), cache=cache)
    return labelled.columns, name


def _material(
    loaded: LoadedModel,
    rows: pd.DataFrame,
    without_words: bool,
    seed: int,
    cache: str | Path | bool,
    progress: Progress | None,
) -> tuple[_Heard, tuple[Problem, ...]]:
    """Everything that the study needs, of the rows that could be heard."""
    store = open_cache(cache)
    _, heard = loaded.hear(rows, cache=store, progress=progress)
    altered: dict[str, np.ndarray] = {}
    problems = heard.problems
    if without_words:
        truth = rows["_gold"].where(rows["_gold"].notna(), rows["_label"]).to_numpy()
        chosen = choose(truth == labels.POSITIVE, labels.is_polar(truth) & heard.heard, seed=seed)
        altered, more = delexicalised(
            rows, loaded.encoders, chosen, seed=loaded.manifest["seed"], cache=store, progress=progress
        )
        problems = (*problems, *more)
    kept = rows[heard.heard]
    material = Material(
        features=heard.matrix[heard.heard],
        label=kept["_label"].to_numpy(),
        confidence=kept["_confidence"].to_numpy(dtype=float),
        groups=kept["_group"].to_numpy(),
        voices=kept["_voice"].to_numpy(),
        contents=contents(kept, cache).to_numpy(),
        documents=documents(kept),
        grouped_by=rows.attrs["grouped_by"],
        altered={name: matrix[heard.heard] for name, matrix in altered.items()},
        seconds=(kept["end"] - kept["start"]).to_numpy(dtype=float),
    )
    return _Heard(material, kept.index), problems


def _truths(rows: pd.DataFrame, learned: str, gold: str | None) -> dict[str, np.ndarray]:
    """Labels to judge by, gold first, under the names that people are told."""
    own = {f"labels learned from ({learned})": rows["_label"].to_numpy()}
    if gold is None:
        return own
    return {f"gold column '{gold}'": rows["_gold"].to_numpy(), **({} if gold == learned else own)}


def _robustness(
    loaded: LoadedModel,
    corpus: Corpus,
    gold: str | None,
    seed: int,
    jobs: int,
    cache: str | Path | bool,
    progress: Progress | None,
) -> RobustnessResult:
    from tonewise.pipeline.robustness import robustness

    return robustness(loaded, corpus, gold=gold, seed=seed, jobs=jobs, cache=cache, progress=progress)
