"""Judge a trained model by gold labels of a corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise import bundle, evaluation, labels, splits
from tonewise.errors import CorpusError, LabelError
from tonewise.pipeline.hearing import open_cache
from tonewise.pipeline.labelling import words_scores
from tonewise.pipeline.loading import LoadedModel, load_model
from tonewise.pipeline.reading import audible, read_corpora
from tonewise.records import Evaluation, Problem, Progress

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class EvaluationResult:
    """What an evaluation has to tell.

    Attributes:
        evaluation: over all polar gold labels; `by` the same for each value of the columns asked for.
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


def evaluate(
    model: LoadedModel | str | Path,
    corpora: str | Path | Sequence[str | Path],
    *,
    gold: str,
    by: Sequence[str] = (),
    seed: int = 0,
    jobs: int = 2,
    cache: str | Path | bool = True,
    progress: Progress | None = None,
) -> EvaluationResult:
    """Rank the utterances of a corpus by tone and compare with gold labels.

    Args:
        model: a loaded model or its folder.
        corpora: see `train`.
        gold: the column of gold labels (positive, negative, neutral, or numbers); neutral ones are not judged.
        by: columns to judge each value of by itself.
        seed: of the bootstrap.
        jobs: recordings that are looked at at once.
        cache, progress: see `train`.

    Raises:
        InputError: the corpus cannot be read or has no such column.
    """
    loaded = model if isinstance(model, LoadedModel) else load_model(model)
    corpus = audible(read_corpora(corpora), jobs=jobs, progress=progress)
    asked = judged_rows(corpus.utterances, gold, by, corpus.source)
    found = hear_judged(loaded, asked, cache=cache, progress=progress)
    judged = found.rows.assign(words=words_scores(asked, loaded.text_labeller).loc[found.rows.index])

    def judge(rows: pd.DataFrame) -> Evaluation:
        return evaluation.evaluate(
            rows["tone"].to_numpy(),
            (rows["_gold"] == labels.POSITIVE).to_numpy(),
            found.groups[rows.index].to_numpy(),
            words=rows["words"].to_numpy() if rows["words"].notna().any() else None,
            grouped_by=found.grouped_by,
            seed=seed,
        )

    return EvaluationResult(
        model=str(loaded.bundle.path),
        corpus=corpus.source,
        gold_column=gold,
        evaluation=judge(judged),
        by={column: {str(value): judge(rows) for value, rows in judged.groupby(column)} for column in by},
        utterances=len(corpus.utterances),
        trained_groups=found.trained_groups,
        problems=(*loaded.notices, *corpus.problems, *found.problems),
        scores=judged.rename(columns={"_gold": f"gold_{gold}"}),
    )


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
    loaded: LoadedModel, asked: pd.DataFrame, *, cache: str | Path | bool = True, progress: Progress | None = None
) -> HeardRows:
    """Hear the rows that `judged_rows` found."""
    tone, heard = loaded.hear(asked, cache=open_cache(cache), progress=progress)
    rows = asked.assign(tone=tone)[heard.heard]
    groups, grouped_by = splits.speaker_groups(rows)
    trained = set(bundle.fingerprints(groups)) & set(loaded.manifest["training"]["trained_groups"])
    return HeardRows(rows, groups, grouped_by, len(trained), heard.problems)


def judged_rows(utterances: pd.DataFrame, gold: str, by: Sequence[str], source: str) -> pd.DataFrame:
    """The utterances with a positive or negative gold label, which becomes the column `_gold`.

    Raises:
        CorpusError: a column of `by` is not there.
        LabelError: there is no such gold column, or nothing in it is positive or negative.
    """
    missing = [column for column in by if column not in utterances.columns]
    if missing:
        known = ", ".join(map(str, utterances.columns))
        raise CorpusError(f"{source} has no column '{missing[0]}' to judge by; its columns are: {known}")
    polarity = labels.polarity_column(utterances, gold)
    judged = utterances.assign(_gold=polarity)[labels.is_polar(polarity.to_numpy())]
    if judged.empty:
        raise LabelError(f"column '{gold}' of {source} has no positive or negative rows that can be heard")
    return judged
