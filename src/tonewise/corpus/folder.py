"""Folders of recordings with transcripts of the same stem beside them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tonewise.corpus.beside import read_beside
from tonewise.corpus.files import AUDIO_EXTENSIONS, files_below, has_text_name, is_recording
from tonewise.corpus.layout import Layout
from tonewise.corpus.sides import Side, find_sides, said_in_call, said_in_own_file
from tonewise.corpus.utterance_table import table_of_rows
from tonewise.errors import CorpusError, printable
from tonewise.records import Corpus, Problem
from tonewise.transcripts import Transcript, formats

# Diarisation numbers the voices of each recording anew: SPEAKER_00 of two recordings is not one person.
_ANONYMOUS = re.compile(
    r"(?:(?:speaker|spk|spkr|voice|person|channel|ch|s)[ _-]?)?(?:\d+[a-z]?|[a-z])"
    r"|agent|customer|caller|client|system|unknown",
    re.IGNORECASE,
)


@dataclass
class _Reading:
    format: str | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    formats: Counter[str] = field(default_factory=Counter)


def recognise(path: Path) -> bool:
    """Whether it is a folder."""
    return path.is_dir()


def read(path: Path, require_audio: bool, transcript_format: str | None = None) -> Corpus:
    """Read all recordings below a folder, one utterance a cue.

    A recording is called as its path from the folder, without extension; anonymous speakers ("SPEAKER_00",
    "agent") get the recording's name in front, since a speaker is one person in all of the corpus. Of several
    transcripts the first readable one is taken, in the order of `transcript_extensions()`; an RTTM beside it
    gives speakers to cues without one. `call_agent.wav` and `call_customer.wav` are one
    recording, `call` (see `sides`). Recordings without a readable transcript, and folders that cannot be listed, are
    reported. `transcript_format` is what all transcripts are read as, None = by their content. Raises `CorpusError` without
    recordings, or if none has a readable transcript.
    """
    reading = _Reading(transcript_format)
    files = list(files_below(path, reading.problems))
    recordings = _recordings(path, files, reading.problems)
    if not recordings:
        raise CorpusError(f"{path}: no recordings in this folder; expected files such as .wav or .mp3")
    there = set(files)
    sides = find_sides(recordings)
    readable = [_read_recording(path, recording, sides.get(recording), there, reading) for recording in recordings]
    if not any(readable):
        raise CorpusError(_no_transcripts(path, len(recordings), reading.problems))
    return Corpus(str(path), LAYOUT.name, table_of_rows(reading.rows), tuple(reading.problems), reading.formats)


def _recordings(folder: Path, files: list[Path], problems: list[Problem]) -> list[Path]:
    """One recording a stem, so that `call.mp4` and the `call.wav` made from it are not heard twice."""
    by_stem: dict[Path, list[Path]] = {}
    for file in filter(is_recording, files):
        if not has_text_name(file):
            why = "its name is no valid UTF-8, which no table can hold: rename it"
            problems.append(Problem("bad_name", printable(file.name), why))
            continue
        by_stem.setdefault(file.with_suffix(""), []).append(file)
    chosen = []
    for same in by_stem.values():
        first, *others = sorted(same, key=lambda file: AUDIO_EXTENSIONS.index(file.suffix.lower()))
        chosen.append(first)
        for other in others:
            name = str(other.relative_to(folder))
            problems.append(Problem("duplicate_recording", name, f"{first.name} has the same name and is taken"))
    return chosen


def _read_recording(folder: Path, recording: Path, side: Side | None, files: set[Path], reading: _Reading) -> bool:
    name = recording.relative_to(folder).with_suffix("").as_posix()
    transcript, problems = read_beside(recording, name, files.__contains__, format=reading.format)
    if side is not None:
        transcript, problems = _read_side(recording, side, transcript, problems, files, reading.format)
        name = side.call.relative_to(folder).as_posix()
    reading.problems.extend(problems)
    if transcript is None:
        return False
    reading.formats[transcript.format] += 1
    reading.rows.extend(transcript_rows(name, str(recording.absolute()), transcript))
    return True


def _read_side(
    recording: Path,
    side: Side,
    own: Transcript | None,
    problems: list[Problem],
    files: set[Path],
    format: str | None,
) -> tuple[Transcript | None, list[Problem]]:
    """The transcript of one side of a call: its own, else its part of the whole call's."""
    if own is not None:
        return said_in_own_file(side, own), problems
    call = side.call.with_name(side.call.name + recording.suffix)
    whole, found = read_beside(call, side.call.name, files.__contains__, format=format)
    if whole is None:
        return None, problems
    return said_in_call(side, whole), found if side.name == "agent" else []


def transcript_rows(name: str, audio: str | None, transcript: Transcript) -> Iterator[dict[str, Any]]:
    """One utterance a cue, as rows of the utterance table; anonymous speakers are called by the recording as well."""
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
