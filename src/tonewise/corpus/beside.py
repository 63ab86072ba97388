"""The transcript that lies beside a recording, with the speakers of a diarisation that lies there too."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from tonewise.errors import TranscriptError
from tonewise.records import Problem
from tonewise.transcripts import Transcript, read_transcript, transcript_extensions
from tonewise.transcripts.merging import with_speakers
from tonewise.transcripts.rttm import EXTENSIONS as SPEAKER_EXTENSIONS
from tonewise.transcripts.rttm import read_turns

# What may stand between the stem and the extension of a transcript: "call.srt", "call_timestamp.csv".
_STEM_SUFFIXES = ("", "_timestamp")


def transcript_names(recording: Path) -> Iterator[Path]:
    """Where a transcript of a recording may lie beside it, the preferred first; whether it does is not looked at."""
    stem = recording.with_suffix("")
    for extension in transcript_extensions():
        for suffix in _STEM_SUFFIXES:
            for written in dict.fromkeys((extension, extension.upper())):
                yield stem.with_name(f"{stem.name}{suffix}{written}")


def read_beside(
    recording: Path, name: str, is_there: Callable[[Path], bool] = Path.is_file, *, format: str | None = None
) -> tuple[Transcript | None, list[Problem]]:
    """The first transcript of a recording that can be read; cues without a speaker get that of an RTTM beside it.

    Args:
        recording: the sound; it is not looked at.
        name: what problems call it.
        is_there: whether a file is.
        format: what every transcript is to be read as, a name of `transcripts.formats()`; None = by its content.

    Returns:
        The transcript, None where there is none that can be read; and what is wrong with what lies there.
    """
    problems: list[Problem] = []
    for path in filter(is_there, transcript_names(recording)):
        try:
            transcript = read_transcript(path, format)
        except TranscriptError as error:
            problems.append(Problem("bad_transcript", name, str(error)))
            continue
        spoken = _diarised(recording, name, transcript, is_there, problems)
        return spoken, [*problems, *spoken.problems]
    if not problems:
        alone = next(filter(is_there, _speaker_names(recording)), None)
        why = f", and {alone.name} holds no words" if alone else ""
        problems.append(Problem("no_transcript", name, f"no transcript beside {recording.name}{why}"))
    return None, problems


def _speaker_names(recording: Path) -> Iterator[Path]:
    for extension in SPEAKER_EXTENSIONS:
        yield recording.with_suffix(extension)
        yield recording.with_suffix(extension.upper())


def _diarised(
    recording: Path, name: str, transcript: Transcript, is_there: Callable[[Path], bool], problems: list[Problem]
) -> Transcript:
    for path in filter(is_there, _speaker_names(recording)):
        if all(cue.speaker for cue in transcript.cues):
            break
        try:
            return with_speakers(transcript, read_turns(path), name)
        except TranscriptError as error:
            problems.append(Problem("bad_speakers", name, str(error)))
    return transcript
