"""One job done: the recording scored, its result and its page written, and the figures of its call."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise import audio
from tonewise.errors import AudioError
from tonewise.pipeline.archive import call_of, file_hash
from tonewise.pipeline.localising import declare_raw
from tonewise.pipeline.results import score_json
from tonewise.pipeline.scoring import score
from tonewise.pipeline.scoring_files import drawn_page
from tonewise.records import Progress, RecordingScore
from tonewise.records.calls import Call, CallAbout
from tonewise.report.recording_sound import PLAYED
from tonewise.tables import write_text
from tonewise.web.folders import PAGE, RESULT, without_paths

if TYPE_CHECKING:
    from tonewise.pipeline.loading import LoadedModel

#: Of a call, what the overview needs: figures, and no words of anybody.
FIGURES = ("content_hash", "duration", "whose", "tone", "negative_share", "change", "mismatches")


def score_job(model: LoadedModel, order: dict[str, Any], most_seconds: float, progress: Progress) -> dict[str, Any]:
    """Score a job's recording; its folder then holds the result and the page.

    Args:
        model: ready to hear.
        order: `folder`, `recording`, `transcript` (or None), `name`, `options` and `audio` (the sound's address).
        most_seconds: how long a recording may be.
        progress: told of stages.

    Returns:
        The figures of the call, by `FIGURES`.

    Raises:
        InputError: the recording or its transcript cannot be used.
    """
    folder = Path(order["folder"])
    recording = folder / order["recording"]
    options = dict(order["options"])
    raw = options.pop("raw", None)
    declare_raw([recording], raw)
    _check_duration(audio.probe(recording).duration, most_seconds)
    transcript = folder / order["transcript"] if order["transcript"] else None
    limits = audio.Limits(duration=most_seconds)  # of the sound itself: headers may state less
    (found,) = score(
        model, recording, transcript=transcript, cache=False, untrusted=limits, progress=progress, **options
    )
    shown = _shown(found, lambda text: without_paths(text, order), order["name"])
    progress("page", 0, 1)
    write_text(json.dumps(score_json([shown])[0], ensure_ascii=False, allow_nan=False), folder / RESULT)
    write_text(drawn_page(shown, recording, order["audio"] if recording.suffix in PLAYED else None), folder / PAGE)
    call = call_of(shown, file_hash(recording), "", CallAbout())
    return {name: getattr(call, name) for name in FIGURES}


def _check_duration(duration: float, most: float) -> None:
    if duration > most:
        raise AudioError(
            f"the recording lasts {duration / 60:.0f} minutes, and this server takes {most / 60:.0f}; send it in parts"
        )


def call_from(name: str, figures: dict[str, Any]) -> Call:
    """A call from the figures of `score_job`, called `name`."""
    from tonewise.store.jobs import now

    return Call(name, inputs="0" * 64, about=CallAbout(called_at=now().replace(microsecond=0)), summary={}, **figures)


def _shown(found: RecordingScore, told_text: Callable[[str], str], name: str) -> RecordingScore:
    """A score that names the recording as its owner does."""
    problems = tuple(
        replace(each, subject=told_text(each.subject), detail=told_text(each.detail)) for each in found.problems
    )
    return replace(found, recording=name, problems=problems)
