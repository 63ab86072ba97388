"""Tone or words? The audit of a training run: on the features that it has computed anyway, without altered clips."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tonewise import labels
from tonewise.errors import LabelError
from tonewise.evaluation.audit import AuditFindings
from tonewise.pipeline.auditing_folds import Material, Recipe
from tonewise.pipeline.auditing_study import audit_study
from tonewise.pipeline.hearing import Heard
from tonewise.pipeline.options import TrainingOptions
from tonewise.pipeline.spoken import contents, documents
from tonewise.records import Problem, Progress

if TYPE_CHECKING:
    import pandas as pd


def audit_training(
    utterances: pd.DataFrame,
    rows: pd.DataFrame,
    heard: Heard,
    asked: TrainingOptions,
    cache: str | Path | bool,
    progress: Progress | None = None,
) -> tuple[tuple[AuditFindings, ...], tuple[Problem, ...]]:
    """Train the recipe of a run anew with voices and words held out; see `tonewise audit` for the rest of it.

    Args:
        utterances: those that were heard, or could not be, with the index of `rows`.
        rows: what training knows of them: label, confidence, gold, groups, voice.
        heard: their raw features.
        asked: how the run trains.
        cache, progress: see `train`.

    Returns:
        (findings by gold where there is any, then by the labels learned from; why there are none).
    """
    here, kept = rows[heard.heard], utterances[heard.heard]
    material = Material(
        features=heard.matrix[heard.heard],
        label=here["label"].to_numpy(),
        confidence=here["confidence"].to_numpy(dtype=float),
        groups=here["groups"].to_numpy(),
        voices=here["voice"].to_numpy(),
        contents=contents(kept, cache).to_numpy(),
        documents=documents(kept),
        grouped_by=rows.attrs["grouped_by"],
        seconds=(kept["end"] - kept["start"]).to_numpy(dtype=float),
    )
    truths = {f"labels learned from ({asked.labels})": material.label}
    if asked.gold and asked.gold != asked.labels and labels.is_polar(here["gold"].to_numpy()).any():
        truths = {f"gold column '{asked.gold}'": here["gold"].to_numpy(), **truths}
    recipe = Recipe(asked.classifier, asked.baseline, heard.blocks, weak=asked.request.from_text)
    try:
        return audit_study(material, recipe, truths, seed=asked.seed, jobs=asked.jobs, progress=progress), ()
    except LabelError as error:
        return (), (Problem("no_audit", asked.labels, str(error)),)
