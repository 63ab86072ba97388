"""Harper Valley (Wu et al. 2020): bank calls with one mono file a side, `audio/agent/<id>.wav` and `audio/caller/<id>.wav`.

`transcript/<id>.json` holds both sides, with times in the file of the side; `metadata/<id>.json` says who they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tonewise.corpus.files import recordings_in
from tonewise.corpus.layout import Layout
from tonewise.corpus.sound_files import corpus_of_rows
from tonewise.errors import TranscriptError
from tonewise.records import Corpus, Cue, Problem
from tonewise.transcripts import read_transcript

SIDES = ("agent", "caller")

_MAX_METADATA = 2**20  # bytes; they have some hundreds


def recognise(path: Path) -> bool:
    """Whether it is the data folder, or the folder around it."""
    return _root(path) is not None


def read(path: Path, require_audio: bool) -> Corpus:
    """Read one utterance a segment, from the file of the side that speaks; a recording is a call.

    Speakers are called by the id that the metadata gives, since agents and callers took part in many calls; else by call
    and side. Raises `CorpusError` if no call can be read.
    """
    root = _root(path) or path
    sounds = {
        side: {file.stem: str(file.absolute()) for file in recordings_in(root / "audio" / side)} for side in SIDES
    }
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for file in sorted((root / "transcript").glob("*.json")):
        try:
            transcript = read_transcript(file)
        except TranscriptError as error:
            problems.append(Problem("bad_transcript", file.stem, str(error)))
            continue
        problems.extend(transcript.problems)
        people = dict(_speakers(root / "metadata" / file.name))
        rows.extend(_row(file.stem, cue, people, sounds) for cue in transcript.cues)
    return corpus_of_rows(path, LAYOUT.name, rows, problems, require_audio)


def _row(call: str, cue: Cue, people: dict[str, str], sounds: dict[str, dict[str, str]]) -> dict[str, Any]:
    side = (cue.speaker or "").lower()
    return {
        "audio": sounds.get(side, {}).get(call),
        "file": f"audio/{side or 'unknown'}/{call}.wav",
        "recording": call,
        "start": cue.start,
        "end": cue.end,
        "speaker": people.get(side, f"{call}/{side}") if side else None,
        "language": "en",
        "text": cue.text,
        "role": side or None,
    }


def _root(path: Path) -> Path | None:
    for root in (path, path / "data"):
        if (root / "transcript").is_dir() and all((root / "audio" / side).is_dir() for side in SIDES):
            return root
    return None


def _speakers(file: Path) -> Iterator[tuple[str, str]]:
    """Side and speaker; none where the metadata is missing or says nothing of use."""
    try:
        if file.stat().st_size > _MAX_METADATA:
            return
        found = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        return
    for side in SIDES:
        about = found.get(side) if isinstance(found, dict) else None
        name = about.get("speaker_id") if isinstance(about, dict) else None
        if isinstance(name, int | str) and not isinstance(name, bool):
            yield side, f"speaker_{name}"


LAYOUT = Layout("harpervalley", recognise, read)
