"""Recordings scored by an engine's workers."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from tonewise.engines import Engine
from tonewise.features import FeatureCache
from tonewise.pipeline.hearing import open_cache
from tonewise.pipeline.loading import LoadedModel, load_model
from tonewise.pipeline.localising import recording_name
from tonewise.pipeline.scoring import score_one
from tonewise.pipeline.scoring_request import ScoringRequest
from tonewise.pipeline.spreading import plain_cache
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
        return score_one(_model(self.model), item, self.request, _cache(self.cache))


def score_spread(
    model: LoadedModel,
    recordings: Sequence[str | Path],
    request: ScoringRequest,
    *,
    engine: Engine,
    cache: str | Path | bool,
    progress: Progress | None = None,
) -> Iterator[tuple[int, RecordingScore | Problem]]:
    """The place of each recording with its score, or with why it cannot be scored, as an engine's workers end them."""
    hub = any(feature["spec"].startswith("hub:") for feature in model.manifest["features"])
    folder = str(Path(model.bundle.path).absolute())
    task = ScoreTask(folder, request, plain_cache(cache), hub)
    for outcome in engine.map(task, list(map(str, recordings)), progress=progress):
        if outcome.problem is None:
            yield outcome.index, outcome.value
        else:
            name = recording_name(recordings[outcome.index])
            yield outcome.index, Problem("bad_recording", name, outcome.problem.detail)


@functools.lru_cache(maxsize=1)
def _cache(cache: str | bool) -> FeatureCache:
    """The cache of this process, opened once: it remembers the checksums of recordings."""
    return open_cache(cache)


@functools.lru_cache(maxsize=1)
def _model(folder: str) -> LoadedModel:
    """The model of this process, loaded once."""
    return load_model(folder)
