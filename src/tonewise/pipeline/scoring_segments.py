"""What is said in a recording, piece by piece: the sentences of its transcript, else where somebody speaks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise import audio, transcripts
from tonewise.corpus import check_channels, check_times, read_beside, table_of_rows
from tonewise.errors import AudioError, CorpusError
from tonewise.pipeline.scoring_request import ScoringRequest
from tonewise.records import Corpus, Cue, Problem

if TYPE_CHECKING:
    import pandas as pd

WINDOW = 8.0  # seconds: what the default encoder hears at once; longer speech is cut, at pauses where there are any
PAUSE = 0.6  # seconds between two stretches of one breath

SAME = 0.8  # share of their speech that is at the same time, to say that channels hold the same voices

CLEAR = 2 / 3  # share of the speech during somebody's sentences that must be on a channel, to say that it is theirs


@dataclass(frozen=True, slots=True)
class Spoken:
    """The pieces of one recording.

    Attributes:
        utterances: a table with all columns of utterances, times finite and inside the recording, in the order of time.
        problems: what was left out.
    """

    utterances: pd.DataFrame
    problems: tuple[Problem, ...]


def spoken(path: Path, info: audio.AudioInfo, request: ScoringRequest) -> Spoken:
    """The pieces of a recording.

    Raises:
        AudioError: it cannot be decoded, nobody speaks in it, or it has no such channel.
        InputError: its transcript cannot be read, or says nothing on that channel.
    """
    _check_numbers(path, info, request)
    transcript, problems = _transcript(path, request)
    cues = None if transcript is None else transcript.cues
    if cues:
        rows, told = _of_transcript(path, info, cues, request.number)
    else:
        rows, told = _of_voices(path, info, request.number)
    table = table_of_rows([{"audio": str(path), "recording": path.stem, **row} for row in rows])
    found = check_channels(Corpus(str(path), "recording", table, (*problems, *told)))
    found = check_times(found, {str(path): info.duration})
    if found.utterances.empty:
        raise CorpusError(f"no sentence of the transcript of {path} lies within the recording; is it another's?")
    ordered = found.utterances.sort_values("start", kind="stable").reset_index(drop=True)
    return Spoken(ordered, found.problems)


def _check_numbers(path: Path, info: audio.AudioInfo, request: ScoringRequest) -> None:
    for number in (request.number, *request.stated):
        if number is not None and not 0 <= number < info.channels:
            raise AudioError(f"{path} has {info.channels} channel(s), counted from 0; there is no channel {number}")


def _transcript(path: Path, request: ScoringRequest) -> tuple[transcripts.Transcript | None, tuple[Problem, ...]]:
    """The transcript that was given, which must be readable; else the first one beside the recording that is."""
    if request.transcript is not None:
        read = transcripts.read_transcript(request.transcript, request.transcript_format)
        if not read.cues:
            empty = Problem(
                "empty_transcript", path.name, f"{request.transcript} has no sentences: voices were looked for"
            )
            return read, (*read.problems, empty)
        return read, read.problems
    found, problems = read_beside(path, path.name, format=request.transcript_format)
    return found, tuple(problem for problem in problems if problem.kind != "no_transcript")


# -- with a transcript ---------------------------------------------------------------------------------------------------


def _of_transcript(
    path: Path, info: audio.AudioInfo, cues: Sequence[Cue], channel: int | None
) -> tuple[list[dict[str, object]], list[Problem]]:
    told: list[Problem] = []
    if channel is not None:
        cues = [replace(cue, channel=channel) for cue in cues if cue.channel in (None, channel)]
        if not cues:
            raise CorpusError(f"the transcript of {path} has no sentence on channel {channel}; leave --channel out")
    elif info.channels > 1 and all(cue.channel is None for cue in cues):
        cues, told = _on_channels(path, info, cues)
    return [
        {"start": cue.start, "end": cue.end, "channel": cue.channel, "speaker": cue.speaker, "text": cue.text}
        for cue in cues
    ], told


def _on_channels(path: Path, info: audio.AudioInfo, cues: Sequence[Cue]) -> tuple[Sequence[Cue], list[Problem]]:
    """Sentences on the channel where somebody speaks during them, where channels are not copies of each other."""
    if audio.identical_channels(path):
        return cues, [_copied(path)]
    speech = audio.speech_of_channels(path, range(info.channels))
    seconds: dict[object, list[float]] = defaultdict(lambda: [0.0] * info.channels)
    for row, during in enumerate(_during(cues, speech)):
        summed = seconds[cues[row].speaker or row]
        for channel, found in enumerate(during):
            summed[channel] += found
    placed = [replace(cue, channel=_clear(seconds[cue.speaker or row])) for row, cue in enumerate(cues)]
    mixed = sum(cue.channel is None for cue in placed)
    if not mixed:
        return placed, []
    detail = "it is not clear on which channel a sentence is spoken: it is heard on all of them together"
    return placed, [Problem("channel_unclear", path.name, detail, mixed)]


def _during(cues: Sequence[Cue], speech: Sequence[Sequence[tuple[float, float]]]) -> list[list[float]]:
    """Seconds of speech on each channel during each cue. Stretches of a channel do not overlap."""
    import numpy as np

    times = np.array([(cue.start, max(cue.end, cue.start)) for cue in cues], dtype=float)
    columns = []
    for stretches in speech:
        edges = np.array(stretches, dtype=float).reshape(-1, 2)
        # Seconds of speech before a moment: whole stretches, and of the last one what has passed.
        corners = np.concatenate([[0.0], edges.ravel()])
        passed = np.concatenate([[0.0], np.cumsum(np.diff(edges, axis=1, prepend=edges[:, :1]).ravel())])
        columns.append(np.diff(np.interp(times, corners, passed), axis=1)[:, 0])
    return [list(map(float, row)) for row in np.array(columns).T]


def _clear(seconds: Sequence[float]) -> int | None:
    most = max(seconds)
    return seconds.index(most) if most > 0 and most >= CLEAR * sum(seconds) else None


# -- without -------------------------------------------------------------------------------------------------------------


def _of_voices(path: Path, info: audio.AudioInfo, channel: int | None) -> tuple[list[dict[str, object]], list[Problem]]:
    told: list[Problem] = []
    chosen: Sequence[int | None] = [channel]
    if channel is None and info.channels > 1:
        if audio.identical_channels(path):
            told.append(_copied(path))
        else:
            chosen = range(info.channels)
    heard = audio.speech_of_channels(path, chosen, maximum=WINDOW)
    found: dict[int | None, list[tuple[float, float]]] = dict(zip(chosen, heard, strict=True))
    if together(list(found.values())) > SAME:
        detail = "the same voices are on all channels: they are heard together; --channel N hears one by itself"
        told.append(Problem("same_voices", path.name, detail))
        found = {None: audio.speech_segments(path, maximum=WINDOW)}
    rows: list[dict[str, object]] = [
        {"start": start, "end": end, "channel": each}
        for each, stretches in found.items()
        for start, end in windows(stretches)
    ]
    if not rows:
        raise AudioError(f"{path}: nobody speaks in it, as far as voice activity detection can tell")
    return rows, told


def together(channels: Sequence[Sequence[tuple[float, float]]]) -> float:
    """How much of the speech that could coincide with that of the channel with most of it does, 0..1; 0 for one channel.

    Near 1 is one scene before several microphones, near 0 is people who take turns.
    """
    seconds = [sum(end - start for start, end in stretches) for stretches in channels]
    possible = sum(seconds) - max(seconds)
    if not possible > 0:
        return 0.0
    union, reached = 0.0, 0.0
    for start, end in sorted(stretch for stretches in channels for stretch in stretches):
        union += max(end - max(start, reached), 0.0)
        reached = max(reached, end)
    return (sum(seconds) - union) / possible


def windows(stretches: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Stretches of speech, those of one breath together, as long as they are no longer than `WINDOW` seconds."""
    found: list[tuple[float, float]] = []
    for start, end in stretches:
        if found and start - found[-1][1] <= PAUSE and end - found[-1][0] <= WINDOW:
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found


def _copied(path: Path) -> Problem:
    return Problem("copied_channels", path.name, "all channels are copies of one: they are heard as one")
