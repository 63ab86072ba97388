"""Results as the JSON that scripts read: the names and shapes here are the public surface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from tonewise import splits
from tonewise.pipeline.evaluating import EvaluationResult, RivalResult
from tonewise.records import (
    Evaluation,
    Interval,
    LabellerSummary,
    LabelSummary,
    Problem,
    RecordingScore,
    TrainingResult,
)


def interval_json(interval: Interval) -> dict[str, Any]:
    """`roc_auc, ci_low, ci_high, n` (null where undefined), and how many were positive and how many groups there were."""
    return asdict(interval)


def evaluation_json(found: Evaluation) -> dict[str, Any]:
    """An interval with the other metrics and the baselines beside it."""
    return {
        **interval_json(found.auc),
        "pr_auc": found.pr_auc,
        "positive_rate": found.positive_rate,
        "balanced_accuracy": found.balanced_accuracy,
        "accuracy": found.accuracy,
        "majority": found.majority,
        "words": None if found.words_auc is None else interval_json(found.words_auc),
    }


def problems_json(problems: tuple[Problem, ...]) -> list[dict[str, Any]]:
    """Problems as they are listed in every JSON answer."""
    return [asdict(problem) for problem in problems]


def labels_json(summary: LabelSummary) -> dict[str, Any]:
    """JSON of `tonewise label`. `labellers` are what the score was made from; `gold` is the final score's."""
    return {
        "labeller": summary.labeller,
        "utterances": summary.utterances,
        "labelled": summary.utterances - summary.counts["abstained"],
        "coverage": summary.coverage,
        "counts": summary.counts,
        "abstentions": summary.abstentions,
        "agreement": summary.agreement,
        "examples": summary.examples,
        "from_text": summary.from_text,
        "labellers": [_labeller_json(each) for each in summary.labellers],
        "gold": None if summary.gold is None else {"column": summary.gold_column, **evaluation_json(summary.gold)},
        "languages": summary.languages,
    }


def _labeller_json(each: LabellerSummary) -> dict[str, Any]:
    return {
        "name": each.name,
        "part": each.is_part,
        "labelled": each.counts["positive"] + each.counts["negative"],
        "coverage": each.coverage,
        "counts": each.counts,
        "overlap": each.overlap,
        "conflict": each.conflict,
        "estimated_accuracy": each.accuracy,
        "weight": each.weight,
        "gold": None if each.gold is None else evaluation_json(each.gold),
    }


def training_json(result: TrainingResult) -> dict[str, Any]:
    """JSON of `tonewise train`.

    `seconds` is the whole run's. `realtime_factor` is the field's RTF: seconds of work per second of audio (smaller is
    faster); `rtfx` is its inverse.
    """
    from tonewise.pipeline.auditing_results import findings_json  # it needs what is above

    total = result.seconds["total"]
    return {
        "corpus": result.corpus,
        "layout": result.layout,
        "utterances": result.utterances,
        "recordings": result.recordings,
        "speakers": result.speakers,
        "labelled": result.labelled,
        "coverage": result.coverage,
        "labels": labels_json(result.labels),
        "features": list(result.features),
        "dimensions": result.dimensions,
        "baseline": result.baseline,
        "classifier": result.classifier,
        "split": result.split["strategy"],
        "split_parts": {part: result.split[part] for part in splits.PARTS},
        "grouped_by": result.split["grouped_by"],
        "seed": result.seed,
        "metrics": {part: evaluation_json(found) for part, found in result.evaluations.items()},
        "gold": None if result.gold is None else {"column": result.gold_column, **evaluation_json(result.gold)},
        "refinement": None if result.refinement is None else asdict(result.refinement),
        "audit": [findings_json(found) for found in result.audit],
        "reliability": None if result.reliability is None else asdict(result.reliability),
        "note": result.data_note,
        "seconds": total,
        "seconds_by_stage": {stage: value for stage, value in result.seconds.items() if stage != "total"},
        "audio_seconds": result.audio_seconds,
        "realtime_factor": total / result.audio_seconds if result.audio_seconds else None,
        "rtfx": result.audio_seconds / total if total else None,
        "cache": result.cache,
        "problems": problems_json(result.problems),
        "versions": result.versions,
        "model": result.model,
    }


def evaluation_result_json(result: EvaluationResult) -> dict[str, Any]:
    """JSON of `tonewise evaluate`. A value's `lags` is null where there is too little to tell."""
    lags = {column: {each.value: each for each in found} for column, found in result.groups.items()}
    return {
        **evaluation_json(result.evaluation),
        "p_chance": result.p_chance,
        "gold": result.gold_column,
        "by": {
            column: {
                value: {**evaluation_json(found), "rest": lags[column][value].rest, "lags": lags[column][value].lags}
                for value, found in values.items()
            }
            for column, values in result.by.items()
        },
        "lagging": [{"column": column, "value": each.value} for column, each in result.lagging],
        "calibration": asdict(result.calibration),
        "against": None if result.rival is None else _rival_json(result.rival),
        "model": result.model,
        "corpus": result.corpus,
        "utterances": result.utterances,
        "trained_groups": result.trained_groups,
        "problems": problems_json(result.problems),
    }


def _rival_json(rival: RivalResult) -> dict[str, Any]:
    """The second model's AUC, ours on the same utterances, and ours less theirs."""
    return {
        "model": rival.model,
        **interval_json(rival.auc),
        "own": interval_json(rival.own),
        "comparison": asdict(rival.comparison),
        "trained_groups": rival.trained_groups,
    }


def score_json(recordings: Sequence[RecordingScore]) -> list[dict[str, Any]]:
    """JSON of `tonewise score`: one object a recording, with the fields of `RecordingScore`."""
    return [{**asdict(recording), "problems": problems_json(recording.problems)} for recording in recordings]
