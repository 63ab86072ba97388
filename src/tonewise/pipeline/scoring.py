"""New recordings: tone over time, beside the words where there is a transcript."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tonewise import audio, labels, transcripts
from tonewise.corpus import check_times, table_of_rows, transcript_names
from tonewise.errors import AudioError, CorpusError, InputError, OptionError, TranscriptError
from tonewise.features import FeatureCache
from tonewise.pipeline.hearing import open_cache
from tonewise.pipeline.labelling import words_table
from tonewise.pipeline.loading import LoadedModel, load_model
from tonewise.records import Corpus, Problem, Progress

if TYPE_CHECKING:
    import pandas as pd

#: A voice this far from the middle on the other side than the words is a mismatch. A rule of thumb: the tone of a model
#: that was trained on weak labels is not calibrated.
MISMATCH_TONE = 0.15


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of speech.

    Attributes:
        start, end: seconds from the start of the recording.
        channel: counted from 0; None = all channels together.
        speaker, text: from the transcript, None where it has none.
        tone: 0 (negative) to 1 (positive), from the sound alone; None where it could not be heard.
        words: −1 to 1, from the text alone; None where there is none.
        mismatch: whether words and tone are on different sides.
    """

    start: float
    end: float
    channel: int | None
    speaker: str | None
    text: str | None
    tone: float | None
    words: float | None
    mismatch: bool


@dataclass(frozen=True, slots=True)
class RecordingScore:
    """The segments of one recording, in order, and their summary."""

    recording: str
    duration: float
    segments: tuple[Segment, ...]
    summary: dict[str, Any]
    problems: tuple[Problem, ...] = ()


def score(
    model: LoadedModel | str | Path,
    recordings: str | Path | Sequence[str | Path],
    *,
    transcript: str | Path | None = None,
    channel: int | str | None = None,
    cache: str | Path | bool = True,
    progress: Progress | None = None,
) -> list[RecordingScore]:
    """Score recordings.

    Segments are the sentences of the transcript: the one given, else a file of the same stem beside the recording, else
    the stretches of speech that voice activity detection finds.

    Args:
        model: a loaded model or its folder.
        recordings: audio files.
        transcript: of the recording, where there is exactly one.
        channel: a number counted from 0, or a speaker's or role's name as the transcript has it (such as `customer`);
            None hears all channels together, or those that the transcript names.
        cache, progress: see `train`.

    Returns:
        One result a recording, in order.

    Raises:
        InputError: a recording cannot be scored; `score_many` goes on with the others instead.
    """
    scored, failed = score_many(
        model, recordings, transcript=transcript, channel=channel, cache=cache, progress=progress
    )
    if failed:
        raise InputError(failed[0].detail)
    return scored


def score_many(
    model: LoadedModel | str | Path,
    recordings: str | Path | Sequence[str | Path],
    *,
    transcript: str | Path | None = None,
    channel: int | str | None = None,
    cache: str | Path | bool = True,
    progress: Progress | None = None,
) -> tuple[list[RecordingScore], list[Problem]]:
    """As `score`, with the recordings that could not be read as problems beside the results."""
    paths = [recordings] if isinstance(recordings, str | Path) else list(recordings)
    if transcript is not None and len(paths) != 1:
        raise OptionError(f"--transcript belongs to one recording, and {len(paths)} were named; score them one by one")
    if not paths:
        raise OptionError("no recording was named; expected an audio file")
    loaded = model if isinstance(model, LoadedModel) else load_model(model)
    opened = open_cache(cache)  # once: it remembers the checksums of recordings
    scored, failed = [], []
    for done, path in enumerate(paths, start=1):
        try:
            scored.append(_score_one(loaded, Path(path), transcript, channel, opened))
        except InputError as error:
            failed.append(Problem("bad_recording", Path(path).name, str(error)))
        if progress:
            progress("scoring", done, len(paths))
    return scored, failed


def _score_one(
    model: LoadedModel,
    path: Path,
    transcript: str | Path | None,
    channel: int | str | None,
    cache: FeatureCache,
) -> RecordingScore:
    info = audio.probe(path)
    number = int(channel) if isinstance(channel, int) or (channel is not None and channel.isdecimal()) else None
    if number is not None and number >= info.channels:
        raise AudioError(f"{path} has {info.channels} channel(s), counted from 0; there is no channel {number}")
    utterances, problems = _segments(path, transcript, number)
    if channel is not None and number is None:
        utterances = _by_name(utterances, str(channel), path)
    checked = check_times(Corpus(str(path), "recording", utterances, problems), {str(path): info.duration})
    rows = checked.utterances
    tone, heard = model.hear(rows, cache=cache)
    words = words_table(rows, model.text_labeller)
    segments = tuple(
        _segment(row, float(heard_tone), float(word), said)
        for row, heard_tone, word, said in zip(
            rows.itertuples(index=False), tone, words["score"], words["label"], strict=True
        )
    )
    notices = (*model.notices, *checked.problems, *heard.problems)
    return RecordingScore(str(path), info.duration, segments, _summary(segments), notices)


def _segments(
    path: Path, transcript: str | Path | None, channel: int | None
) -> tuple[pd.DataFrame, tuple[Problem, ...]]:
    """Utterances of one recording, as a table with all its columns."""
    read, problems = _transcript(path, transcript)
    common = {"audio": str(path), "recording": path.stem}
    if read is None:
        found = audio.speech_segments(path, channel=channel)
        if not found:
            raise AudioError(f"{path}: nobody speaks in it, as far as voice activity detection can tell")
        return table_of_rows(
            [{**common, "start": start, "end": end, "channel": channel} for start, end in found]
        ), problems
    rows = [
        {
            **common,
            "start": cue.start,
            "end": cue.end,
            "channel": cue.channel if channel is None else channel,
            "speaker": cue.speaker,
            "text": cue.text,
        }
        for cue in read.cues
        if channel is None or cue.channel in (None, channel)
    ]
    if not rows:
        raise CorpusError(f"the transcript of {path} has no sentence on channel {channel}; leave --channel out")
    return table_of_rows(rows), problems


def _transcript(path: Path, given: str | Path | None) -> tuple[transcripts.Transcript | None, tuple[Problem, ...]]:
    """The transcript that was given, which must be readable; else the first one beside the recording that is."""
    if given is not None:
        read = transcripts.read_transcript(given)
        return read, read.problems
    problems = []
    for beside in transcript_names(path):
        if beside.is_file():
            try:
                read = transcripts.read_transcript(beside)
            except TranscriptError as error:
                problems.append(Problem("bad_transcript", beside.name, str(error)))
                continue
            return read, (*problems, *read.problems)
    return None, tuple(problems)


def _by_name(utterances: pd.DataFrame, name: str, path: Path) -> pd.DataFrame:
    """The rows of one speaker or role."""
    speakers = utterances["speaker"]
    chosen = utterances[speakers.map(lambda speaker: str(speaker).lower() == name.lower())]
    if chosen.empty:
        known = ", ".join(sorted({str(speaker) for speaker in speakers.dropna()})) or "none"
        raise OptionError(
            f"{path}: no channel or speaker is called '{name}' (speakers of its transcript: {known}); give the channel's "
            "number, counted from 0"
        )
    return chosen.reset_index(drop=True)


def _segment(row: Any, tone: float, words: float, said: str | None) -> Segment:
    heard = None if tone != tone else tone
    opposite = said is not None and heard is not None and (said == labels.POSITIVE) != (heard > 0.5)
    return Segment(
        start=float(row.start),
        end=float(row.end),
        channel=None if row.channel is None else int(row.channel),
        speaker=row.speaker,
        text=row.text,
        tone=heard,
        words=None if words != words else words,
        mismatch=bool(opposite and heard is not None and abs(heard - 0.5) >= MISMATCH_TONE),
    )


def _summary(segments: Sequence[Segment]) -> dict[str, Any]:
    """Means weighted by duration, over the segments that could be heard."""
    heard = [segment for segment in segments if segment.tone is not None]
    seconds = sum(segment.end - segment.start for segment in heard)

    def share(chosen: Sequence[Segment]) -> float | None:
        return sum(segment.end - segment.start for segment in chosen) / seconds if seconds else None

    mean = (
        sum((segment.tone or 0.0) * (segment.end - segment.start) for segment in heard) / seconds if seconds else None
    )
    return {
        "segments": len(segments),
        "heard": len(heard),
        "speech_seconds": seconds,
        "mean_tone": mean,
        "positive_share": share([segment for segment in heard if (segment.tone or 0.0) > 0.5]),
        "negative_share": share([segment for segment in heard if (segment.tone or 0.0) <= 0.5]),
        "mismatches": sum(segment.mismatch for segment in segments),
    }
