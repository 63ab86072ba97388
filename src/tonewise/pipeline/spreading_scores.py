"""Recordings scored by an engine's workers."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from tonewise.engines import Engine
from tonewise.pipeline.hearing import open_cache
from tonewise.pipeline.loading import LoadedModel, load_model
from tonewise.pipeline.scoring import score_one
from tonewise.pipeline.scoring_request import ScoringRequest
from tonewise.pipeline.spreading_hearing import plain_cache
from tonewise.records import Problem, Progress, RecordingScore


@dataclass(frozen=True, slots=True)
class ScoreTask:
    """Score one recording.

    Attributes:
        model: the folder of a model, on whichever machine does the work.
        request: how.
        cache: see `open_cache`.
        hub: whether the model hears with an encoder of the hub, which a GPU helps.
    """

    model: str
    request: ScoringRequest
    cache: str | bool
    hub: bool = False

    stage: ClassVar[str] = "scoring"

    @property
    def gpu(self) -> bool:
        """See `Task`."""
        return self.hub

    def prepare(self) -> None:
        """Load the model."""
        _model(self.model)

    def __call__(self, item: str) -> RecordingScore:
        """Score a recording, a path or an address."""
        return score_one(_model(self.model), item, self.request, open_cache(self.cache))


def score_spread(
    model: LoadedModel,
    recordings: Sequence[str | Path],
    request: ScoringRequest,
    *,
    engine: Engine,
    cache: str | Path | bool,
    progress: Progress | None = None,
) -> tuple[list[RecordingScore], list[Problem]]:
    """Score recordings with an engine: results in the order of the recordings, and those that could not be scored."""
    hub = any(feature["spec"].startswith("hub:") for feature in model.manifest["features"])
    folder = str(Path(model.bundle.path).absolute())
    task = ScoreTask(folder, request, plain_cache(cache), hub)
    outcomes = sorted(
        engine.map(task, [str(recording) for recording in recordings], progress=progress),
        key=lambda outcome: outcome.index,
    )
    scored = [outcome.value for outcome in outcomes if outcome.problem is None]
    failed = [
        Problem("bad_recording", Path(recordings[outcome.index]).name, outcome.problem.detail)
        for outcome in outcomes
        if outcome.problem is not None
    ]
    return scored, failed


@functools.lru_cache(maxsize=1)
def _model(folder: str) -> LoadedModel:
    """The model of this process, loaded once."""
    return load_model(folder)
