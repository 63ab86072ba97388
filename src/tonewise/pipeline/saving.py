"""A trained model written down: its manifest, its card, its bundle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise import bundle, features, labels, report, splits
from tonewise.evaluation.mismatch import DIGITS
from tonewise.pipeline.auditing_results import findings_json
from tonewise.pipeline.options import TrainingOptions
from tonewise.pipeline.results import evaluation_json
from tonewise.pipeline.scoring_scale import measure_mismatch
from tonewise.pipeline.study import Study
from tonewise.records import TrainingResult

if TYPE_CHECKING:
    import numpy as np


def save(
    result: TrainingResult,
    classifier: bytes,
    encoders: Sequence[features.Encoder],
    preparation: features.Preparation,
    study: Study,
    asked: TrainingOptions,
    policy: labels.LabelPolicy,
    scores: np.ndarray,
    calibration: dict[str, Any],
) -> None:
    """Write the bundle of a training run; `scores` are the study's calibrated tones, row by row."""
    quantiles = _quantiles(scores[study.part != splits.TRAIN])
    judged = {part: evaluation_json(found) for part, found in result.evaluations.items()}
    manifest = {
        "classes": [labels.NEGATIVE, labels.POSITIVE],
        "features": [
            {"spec": spec, "dimensions": encoder.dimensions, "identity": encoder.identity()}
            for spec, encoder in zip(asked.features, encoders, strict=True)
        ],
        "baseline": {"kind": preparation.baseline, "shrinkage": preparation.shrinkage},
        "classifier": asked.classifier,
        "labels": policy.as_dict(),
        "refinement": None if result.refinement is None else asdict(result.refinement),
        "split": result.split,
        "seed": asked.seed,
        "note": asked.note,
        "training": {
            "utterances": result.utterances,
            "recordings": result.recordings,
            "speakers": result.speakers,
            "labelled": result.labelled,
            "coverage": result.coverage,
            "counts": result.labels.counts,
            "agreement": result.labels.agreement,
            "languages": result.labels.languages,
            "trained_groups": bundle.fingerprints(study.groups[study.part == splits.TRAIN]),
            "tone_quantiles": quantiles or None,
        },
        "calibration": calibration,
        "mismatch": measure_mismatch(study, scores, quantiles),
        "metrics": judged,
        "gold": None if result.gold is None else {"column": asked.gold, **evaluation_json(result.gold)},
        "audit": [findings_json(found) for found in result.audit],
        "versions": result.versions,
        "options": {key: _plain(value) for key, value in asdict(asked).items() if key not in ("jobs", "raw")},
    }
    bundle.save(
        result.model,
        manifest=manifest,
        classifier=classifier,
        card=report.model_card(result),
        baseline=preparation.as_array(),
    )


def _quantiles(tones: np.ndarray) -> list[float]:
    """Percentiles 0 to 100 of the tones of voices that were held out, for saying where a new tone lies."""
    import numpy as np

    return [round(float(tone), DIGITS) for tone in np.quantile(tones, np.linspace(0, 1, 101))] if len(tones) else []


def _plain(value: Any) -> Any:
    """A value for JSON: of a file its name alone, since paths are no business of those who get the model."""
    return value.name if isinstance(value, Path) else value
