"""New recordings: tone over time, beside the words where there is a transcript."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise import audio, remote
from tonewise.engines import Engine
from tonewise.errors import InputError, OptionError
from tonewise.features import FeatureCache
from tonewise.pipeline.hearing import open_cache
from tonewise.pipeline.labelling import words_table
from tonewise.pipeline.loading import LoadedModel, loaded_model
from tonewise.pipeline.localising import local_recording, recording_name
from tonewise.pipeline.scoring_curves import draw
from tonewise.pipeline.scoring_request import LAW, ScoringRequest
from tonewise.pipeline.scoring_roles import role_of_file, roles, roles_told, to_be_judged
from tonewise.pipeline.scoring_segments import spoken
from tonewise.pipeline.scoring_summary import summarise
from tonewise.pipeline.untrusted import let_in
from tonewise.records import AGENT, Problem, Progress, RecordingScore, Segment

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

__all__ = ["RecordingScore", "Segment", "score", "score_many"]


def score(
    model: LoadedModel | str | Path,
    recordings: str | Path | Sequence[str | Path],
    *,
    transcript: str | Path | None = None,
    transcript_format: str | None = None,
    channel: int | str | None = None,
    agent: bool = False,
    customer_channel: int | None = None,
    agent_channel: int | None = None,
    raw: str | None = None,
    cache: str | Path | bool = True,
    untrusted: audio.Limits | None = None,
    progress: Progress | None = None,
) -> list[RecordingScore]:
    """Score recordings.

    Segments are the sentences of the transcript: the one given, else a file of the same stem beside the recording, else
    the stretches of speech that voice activity detection finds, on each channel by itself unless channels are copies. Where
    it is known who is the customer, only the customer's tone is judged; everybody's words are listed.

    Args:
        model: a loaded model or its folder.
        recordings: audio files, or addresses of some (see `remote`).
        transcript: of the recording, where there is exactly one.
        transcript_format: a name of `transcripts.registry.formats()`; None = by its content.
        channel: a number counted from 0, or a speaker's or role's name (such as `customer`); None hears all.
        agent: judge the agent's tone, too. The EU AI Act, Art. 5(1)(f), bans inferring emotions of people at work.
        customer_channel, agent_channel: whose channel is whose, counted from 0, where the transcript does not say.
        raw, cache, untrusted, progress: see `train`.

    Returns:
        One result a recording, in order.

    Raises:
        InputError: a recording cannot be scored; `score_many` goes on with the others instead.
    """
    scored, failed = score_many(
        model,
        recordings,
        transcript=transcript,
        transcript_format=transcript_format,
        channel=channel,
        agent=agent,
        customer_channel=customer_channel,
        agent_channel=agent_channel,
        raw=raw,
        cache=cache,
        untrusted=untrusted,
        progress=progress,
    )
    if failed:
        raise InputError(failed[0].detail)
    return scored


def score_many(
    model: LoadedModel | str | Path,
    recordings: str | Path | Sequence[str | Path],
    *,
    transcript: str | Path | None = None,
    transcript_format: str | None = None,
    channel: int | str | None = None,
    agent: bool = False,
    customer_channel: int | None = None,
    agent_channel: int | None = None,
    raw: str | None = None,
    cache: str | Path | bool = True,
    engine: Engine | None = None,
    untrusted: audio.Limits | None = None,
    progress: Progress | None = None,
) -> tuple[list[RecordingScore], list[Problem]]:
    """As `score`, with the recordings that could not be read as problems beside the results.

    With an `engine` its workers score, a recording each; see `engines.create`.
    """
    paths = [recordings] if isinstance(recordings, str | Path) else list(recordings)
    if transcript is not None and len(paths) != 1:
        raise OptionError(f"--transcript belongs to one recording, and {len(paths)} were named; score them one by one")
    if not paths:
        raise OptionError("no recording was named; expected an audio file")
    request = ScoringRequest(transcript, transcript_format, channel, agent, customer_channel, agent_channel, raw)
    loaded = loaded_model(model)
    paths, barred = let_in(paths, untrusted, raw=raw, cache=cache, progress=progress)
    found = dict(scores_as_they_come(loaded, paths, request, cache=cache, engine=engine, progress=progress))
    ordered = [found[place] for place in sorted(found)]
    scored = [each for each in ordered if isinstance(each, RecordingScore)]
    return scored, [*barred, *(each for each in ordered if isinstance(each, Problem))]


def scores_as_they_come(
    model: LoadedModel,
    recordings: Sequence[str | Path],
    request: ScoringRequest,
    *,
    cache: str | Path | bool,
    engine: Engine | None,
    progress: Progress | None,
) -> Iterator[tuple[int, RecordingScore | Problem]]:
    """The place of each recording with its score, or with why it cannot be scored; in whatever order an engine ends them."""
    if engine is not None and recordings:
        from tonewise.pipeline.spreading_scores import score_spread

        yield from score_spread(model, recordings, request, engine=engine, cache=cache, progress=progress)
        return
    opened = open_cache(cache)  # once: it remembers the checksums of recordings
    for place, path in enumerate(recordings):
        try:
            yield place, score_one(model, path, request, opened, progress)
        except InputError as error:
            yield place, Problem("bad_recording", recording_name(path), str(error))
        if progress:
            progress("scoring", place + 1, len(recordings))


def score_one(
    model: LoadedModel,
    given: str | Path,
    request: ScoringRequest,
    cache: FeatureCache,
    progress: Progress | None = None,
) -> RecordingScore:
    """Score one recording.

    Raises:
        InputError: it cannot be scored.
    """
    path, url = local_recording(given, request.raw), remote.address(given)
    info = audio.probe(path)
    found = spoken(path, info, request)
    side = role_of_file(path)
    who = [role or side for role in roles(found.utterances, request.stated, info.channels)]
    utterances, who = _chosen(found.utterances, who, request, path)
    judged = to_be_judged(who, agent=request.agent)
    told = roles_told(path.name, who, judged, request)
    tone, problems = _tones(model, utterances, judged, cache, progress)
    drawn = draw(_segments(model, utterances, who, tone), utterances, model.scale.noise)
    summary = {**summarise(drawn.segments, info.duration), "tone_scale": model.scale.says}
    return RecordingScore(
        recording=str(given) if url is None else remote.shown(url),
        duration=info.duration,
        segments=drawn.segments,
        summary=summary,
        problems=(*model.notices, *found.problems, *told, *problems),
        curves=drawn.curves,
        channels=info.channels,
        sample_rate=info.sample_rate,
        scored_channels=tuple(sorted({curve.channel for curve in drawn.curves if curve.channel is not None})),
    )


def _chosen(
    utterances: pd.DataFrame, who: list[str | None], request: ScoringRequest, path: Path
) -> tuple[pd.DataFrame, list[str | None]]:
    """The rows of the speaker or role that was asked for by name, with their roles; all of them where none was."""
    if request.name is None:
        return utterances, who
    asked = request.name.lower()
    speakers = utterances["speaker"]
    rows = [
        row
        for row, (speaker, role) in enumerate(zip(speakers, who, strict=True))
        if role == asked or (speaker is not None and speaker.lower() == asked)
    ]
    if not rows:
        known = ", ".join(sorted({str(speaker) for speaker in speakers.dropna()})) or "none"
        raise OptionError(
            f"{path}: no channel or speaker is called '{request.name}' (speakers of its transcript: {known}); give the "
            "channel's number, counted from 0"
        )
    chosen = [who[row] for row in rows]
    if set(chosen) == {AGENT} and not request.agent:
        raise OptionError(f"{path}: '{request.name}' is the agent, and {LAW}; add --agent if you may judge it")
    return utterances.iloc[rows].reset_index(drop=True), chosen


def _tones(
    model: LoadedModel, utterances: pd.DataFrame, judged: list[bool], cache: FeatureCache, progress: Progress | None
) -> tuple[np.ndarray, tuple[Problem, ...]]:
    """Tone of the rows that are to be judged, NaN elsewhere: what is not to be judged is not even heard."""
    import numpy as np

    tone = np.full(len(utterances), np.nan)
    rows = np.flatnonzero(judged)
    if not len(rows):
        return tone, ()
    tone[rows], heard = model.hear(utterances.iloc[rows].reset_index(drop=True), cache=cache, progress=progress)
    return tone, heard.problems


def _segments(model: LoadedModel, utterances: pd.DataFrame, who: list[str | None], tone: np.ndarray) -> list[Segment]:
    import numpy as np

    words = words_table(utterances, model.text_labeller)
    score = words["score"].to_numpy(dtype=float)
    # Words that take no side agree with any voice.
    said = np.where(words["label"].notna(), score, np.nan)
    scale = model.scale
    columns = (tone, score, scale.mismatch(said, tone), scale.disagreement(said, tone))
    return [
        Segment(
            start=float(row.start),
            end=float(row.end),
            channel=None if row.channel is None else int(row.channel),
            speaker=row.speaker,
            text=row.text,
            tone=_known(heard),
            words=_known(read),
            mismatch=bool(differs),
            role=role,
            disagreement=_known(degree),
        )
        for row, role, heard, read, differs, degree in zip(
            utterances.itertuples(index=False), who, *columns, strict=True
        )
    ]


def _known(value: float) -> float | None:
    return None if value != value else float(value)
