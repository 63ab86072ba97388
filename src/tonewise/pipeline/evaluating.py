"""Judge a trained model by gold labels of a corpus, by itself and against another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise import audio, bundle, evaluation, labels, splits
from tonewise.errors import CorpusError, LabelError, OptionError
from tonewise.pipeline.hearing import open_cache
from tonewise.pipeline.labelling import words_scores
from tonewise.pipeline.loading import LoadedModel, loaded_model
from tonewise.pipeline.reading import read_audible
from tonewise.records import Calibration, Evaluation, GroupResult, Interval, PairedComparison, Problem, Progress

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


@dataclass(frozen=True, slots=True)
class RivalResult:
    """A second model on the utterances that both models could hear.

    Attributes:
        auc: of the second model, and `own` of the first, on these utterances.
        comparison: the first one's AUC less the second one's.
        trained_groups: how many of the speakers judged were in the second model's training split.
    """

    model: str
    auc: Interval
    own: Interval
    comparison: PairedComparison
    trained_groups: int


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """What an evaluation has to tell.

    Attributes:
        evaluation: over all polar gold labels; `by` the same for each value of the columns asked for.
        p_chance: two-sided p-value of the AUC against chance; None where it is not defined.
        calibration: how far the tone can be read as a probability of a positive label.
        groups: for each column of `by`, each value beside all others, and whether it lags.
        rival: the second model, where one was named.
        utterances: of the corpus, whether judged or not.
        trained_groups: how many of the speakers (or recordings) judged were in the model's training split; figures are
            flattered where it is not 0.
        scores: the judged utterances with their `tone` and gold, in the order of the corpus.
    """

    model: str
    corpus: str
    gold_column: str
    evaluation: Evaluation
    by: dict[str, dict[str, Evaluation]]
    utterances: int
    trained_groups: int
    problems: tuple[Problem, ...]
    scores: pd.DataFrame
    p_chance: float | None
    calibration: Calibration
    groups: dict[str, tuple[GroupResult, ...]]
    rival: RivalResult | None = None

    @property
    def lagging(self) -> tuple[tuple[str, GroupResult], ...]:
        """The columns and their values that lag behind the rest."""
        return tuple((column, each) for column, found in self.groups.items() for each in found if each.lags)


def evaluate(
    model: LoadedModel | str | Path,
    corpora: str | Path | Sequence[str | Path],
    *,
    gold: str,
    by: Sequence[str] = (),
    against: LoadedModel | str | Path | None = None,
    seed: int = 0,
    jobs: int = 2,
    raw: str | None = None,
    untrusted: audio.Limits | None = None,
    cache: str | Path | bool = True,
    progress: Progress | None = None,
    transcript_format: str | None = None,
) -> EvaluationResult:
    """Rank the utterances of a corpus by tone and compare with gold labels.

    Args:
        model: a loaded model or its folder.
        corpora: see `train`.
        gold: the column of gold labels (positive, negative, neutral, or numbers); neutral ones are not judged.
        by: columns to judge each value of by itself, and beside all others.
        against: a second model, or its folder, to compare with on the same utterances.
        seed: of the bootstrap and of what is drawn.
        jobs: recordings that are looked at at once.
        raw, untrusted, cache, progress, transcript_format: see `train`.

    Raises:
        InputError: the corpus cannot be read or has no such column.
    """
    loaded = loaded_model(model)
    rival = None if against is None else loaded_model(against)
    corpus = read_audible(
        corpora,
        raw=raw,
        transcript_format=transcript_format,
        untrusted=untrusted,
        cache=cache,
        jobs=jobs,
        progress=progress,
    )
    asked = judged_rows(corpus.utterances, gold, by, corpus.source)
    hearing: dict[str, Any] = {"everybody": corpus.utterances, "cache": cache, "progress": progress}
    found = hear_judged(loaded, asked, **hearing)
    judged = found.rows.assign(words=words_scores(asked, loaded.text_labeller, cache).loc[found.rows.index])
    figures = _figures(judged, found)
    columns = {column: found.rows[column] for column in by}  # not of `judged`, which has `words` of its own
    groups = {column: _by(values, figures, found.grouped_by, seed) for column, values in columns.items()}
    other = None if rival is None else hear_judged(rival, asked, **hearing)
    problems = (*loaded.notices, *corpus.problems, *found.problems)
    if rival is not None and other is not None:
        problems = tuple(dict.fromkeys((*problems, *rival.notices, *other.problems)))
    return EvaluationResult(
        model=str(loaded.bundle.path),
        corpus=corpus.source,
        gold_column=gold,
        evaluation=_judge(judged, found, seed),
        by={
            column: {str(value): _judge(rows, found, seed) for value, rows in judged.groupby(values, observed=True)}
            for column, values in columns.items()
        },
        utterances=len(corpus.utterances),
        trained_groups=found.trained_groups,
        problems=(*problems, *_lags(groups)),
        scores=judged.rename(columns={"_gold": f"gold_{gold}"}),
        p_chance=evaluation.against_chance(*figures, seed=seed),
        calibration=evaluation.calibration(*figures, seed=seed),
        groups=groups,
        rival=None if other is None or rival is None else _rival(rival, other, found, seed),
    )


def _judge(rows: pd.DataFrame, found: HeardRows, seed: int) -> Evaluation:
    return evaluation.evaluate(
        *_figures(rows, found),
        words=rows["words"].to_numpy() if rows["words"].notna().any() else None,
        grouped_by=found.grouped_by,
        seed=seed,
    )


def _figures(rows: pd.DataFrame, found: HeardRows) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tone, whether gold is positive, and who speaks."""
    positive = (rows["_gold"] == labels.POSITIVE).to_numpy()
    return rows["tone"].to_numpy(), positive, found.groups[rows.index].to_numpy()


def _by(
    column: pd.Series, figures: tuple[np.ndarray, np.ndarray, np.ndarray], grouped_by: str, seed: int
) -> tuple[GroupResult, ...]:
    return evaluation.by_group(*figures, column.astype(object).to_numpy(), grouped_by=grouped_by, seed=seed)


def _rival(rival: LoadedModel, other: HeardRows, found: HeardRows, seed: int) -> RivalResult:
    """Both models on what both of them heard."""
    shared = found.rows.index.intersection(other.rows.index)
    tone, positive, groups = _figures(found.rows.loc[shared], found)
    others = other.rows.loc[shared, "tone"].to_numpy()
    own, theirs = (
        evaluation.roc_auc_interval(scores, positive, groups, grouped_by=found.grouped_by, seed=seed)
        for scores in (tone, others)
    )
    difference = evaluation.compare_scores(tone, others, positive, groups, seed=seed)
    return RivalResult(str(rival.bundle.path), theirs, own, difference, other.trained_groups)


def _lags(groups: dict[str, tuple[GroupResult, ...]]) -> Iterator[Problem]:
    """A problem for each group that lags: whoever uses the scores has to know."""
    for column, found in groups.items():
        for each in found:
            if each.lags and each.rest is not None and each.auc.roc_auc is not None:
                detail = (
                    f"ROC AUC {each.auc.roc_auc:.2f}, at most {each.upper:.2f} (95 % for all values together), where all "
                    f"others have {each.rest:.2f}: do not rely on its scores"
                )
                yield Problem("lagging_group", f"{column} = {each.value}", detail, each.auc.n)


@dataclass(frozen=True, slots=True)
class HeardRows:
    """Rows with gold labels, heard by a model.

    Attributes:
        rows: those that could be heard, with their `tone` (0..1) and `_gold`, in the order of the corpus.
        groups: who speaks, by the index of `rows`; `grouped_by` is "speaker" or "recording".
        trained_groups: how many of them were in the model's training split.
        problems: what could not be heard.
    """

    rows: pd.DataFrame
    groups: pd.Series
    grouped_by: str
    trained_groups: int
    problems: tuple[Problem, ...]


def hear_judged(
    loaded: LoadedModel,
    asked: pd.DataFrame,
    *,
    everybody: pd.DataFrame,
    cache: str | Path | bool = True,
    progress: Progress | None = None,
) -> HeardRows:
    """Hear the rows that `judged_rows` found.

    A model that compares each voice with its own baseline hears `everybody`, the whole table: how somebody usually sounds
    must not depend on which of their utterances people have judged.
    """
    import numpy as np

    listened = everybody if loaded.has_baseline else asked
    tone, heard = loaded.hear(listened, cache=open_cache(cache), progress=progress)
    here = listened.index.get_indexer(asked.index)
    rows = asked.assign(tone=np.asarray(tone)[here])[heard.heard[here]]
    groups, grouped_by = splits.speaker_groups(rows)
    trained = set(bundle.fingerprints(groups)) & set(loaded.manifest["training"]["trained_groups"])
    return HeardRows(rows, groups, grouped_by, len(trained), heard.problems)


def judged_rows(utterances: pd.DataFrame, gold: str, by: Sequence[str], source: str) -> pd.DataFrame:
    """The utterances with a positive or negative gold label, which becomes the column `_gold`.

    Raises:
        CorpusError: a column of `by` is not there.
        OptionError: it has the name of the model's own score.
        LabelError: there is no such gold column, or nothing in it is positive or negative.
    """
    if "tone" in by:
        raise OptionError(
            "the model's own score is called 'tone'; give that column of the corpus another name for --by"
        )
    missing = [column for column in by if column not in utterances.columns]
    if missing:
        known = ", ".join(map(str, utterances.columns))
        raise CorpusError(f"{source} has no column '{missing[0]}' to judge by; its columns are: {known}")
    polarity = labels.polarity_column(utterances, gold)
    judged = utterances.assign(_gold=polarity)[labels.is_polar(polarity.to_numpy())]
    if judged.empty:
        raise LabelError(f"column '{gold}' of {source} has no positive or negative rows that can be heard")
    return judged
