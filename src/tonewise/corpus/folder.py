"""Folders of recordings with transcripts of the same stem beside them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tonewise.corpus.files import AUDIO_EXTENSIONS, is_recording, walk
from tonewise.corpus.layout import Layout
from tonewise.corpus.table import table_of_rows
from tonewise.errors import CorpusError, TranscriptError
from tonewise.records import Corpus, Problem
from tonewise.transcripts import TRANSCRIPT_EXTENSIONS, Transcript, formats, read_transcript

# What may stand between the stem and the extension of a transcript: "call.srt", "call_timestamp.csv".
_STEM_SUFFIXES = ("", "_timestamp")
# Diarisation numbers the voices of each recording anew: SPEAKER_00 of two recordings is not one person.
_ANONYMOUS = re.compile(
    r"(?:(?:speaker|spk|spkr|voice|person|channel|ch|s)[ _-]?)?(?:\d+|[a-z])|agent|customer|caller|unknown",
    re.IGNORECASE,
)


@dataclass
class _Reading:
    rows: list[dict[str, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def recognise(path: Path) -> bool:
    """Whether it is a folder."""
    return path.is_dir()


def read(path: Path, require_audio: bool) -> Corpus:
    """Read all recordings below a folder, one utterance a cue.

    A recording is called as its path from the folder, without extension; anonymous speakers ("SPEAKER_00",
    "agent") get the recording's name in front, since a speaker is one person in all of the corpus. Of several
    transcripts the first readable one is taken, in the order of `TRANSCRIPT_EXTENSIONS`. Recordings without a
    readable transcript are reported. Raises `CorpusError` without recordings, or if none has a readable
    transcript.
    """
    files = list(walk(path))
    reading = _Reading()
    recordings = _recordings(path, files, reading.problems)
    if not recordings:
        raise CorpusError(f"{path}: no recordings in this folder; expected files such as .wav or .mp3")
    there = set(files)
    readable = [_read_recording(path, recording, there, reading) for recording in recordings]
    if not any(readable):
        raise CorpusError(_no_transcripts(path, len(recordings), reading.problems))
    return Corpus(str(path), LAYOUT.name, table_of_rows(reading.rows), tuple(reading.problems))


def _recordings(folder: Path, files: list[Path], problems: list[Problem]) -> list[Path]:
    """One recording a stem, so that `call.mp4` and the `call.wav` made from it are not heard twice."""
    by_stem: dict[Path, list[Path]] = {}
    for file in filter(is_recording, files):
        by_stem.setdefault(file.with_suffix(""), []).append(file)
    chosen = []
    for same in by_stem.values():
        first, *others = sorted(same, key=lambda file: AUDIO_EXTENSIONS.index(file.suffix.lower()))
        chosen.append(first)
        for other in others:
            name = str(other.relative_to(folder))
            problems.append(Problem("duplicate_recording", name, f"{first.name} has the same name and is taken"))
    return chosen


def _read_recording(folder: Path, recording: Path, files: set[Path], reading: _Reading) -> bool:
    name = recording.relative_to(folder).with_suffix("").as_posix()
    transcripts = [path for path in transcript_names(recording) if path in files]
    if not transcripts:
        reading.problems.append(Problem("no_transcript", name, f"no transcript beside {recording.name}"))
    for transcript_path in transcripts:
        try:
            transcript = read_transcript(transcript_path)
        except TranscriptError as error:
            reading.problems.append(Problem("bad_transcript", name, str(error)))
            continue
        reading.problems.extend(transcript.problems)
        reading.rows.extend(_rows(name, recording, transcript))
        return True
    return False


def transcript_names(recording: Path) -> Iterator[Path]:
    """Where a transcript of a recording may lie beside it, the preferred first; whether it does is not looked at."""
    stem = recording.with_suffix("")
    for extension in TRANSCRIPT_EXTENSIONS:
        for suffix in _STEM_SUFFIXES:
            for written in (extension, extension.upper()):
                yield stem.with_name(f"{stem.name}{suffix}{written}")


def _rows(name: str, recording: Path, transcript: Transcript) -> Iterator[dict[str, Any]]:
    audio = str(recording.absolute())
    for cue in transcript.cues:
        anonymous = cue.speaker is not None and _ANONYMOUS.fullmatch(cue.speaker)
        yield {
            "audio": audio,
            "recording": name,
            "start": cue.start,
            "end": cue.end,
            "channel": cue.channel,
            "speaker": f"{name}/{cue.speaker}" if anonymous else cue.speaker,
            "language": transcript.language,
            "text": cue.text,
        }


def _no_transcripts(folder: Path, count: int, problems: list[Problem]) -> str:
    broken = [problem.detail for problem in problems if problem.kind == "bad_transcript"]
    why = f"; the first one found: {broken[0]}" if broken else ""
    return (
        f"{folder}: none of {count} recordings has a readable transcript of the same name beside it "
        f"(known formats: {', '.join(formats())}){why}"
    )


LAYOUT = Layout("folder", recognise, read)
