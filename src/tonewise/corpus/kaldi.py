"""Kaldi data folders: `wav.scp`, `text` and, where there are, `segments`, `utt2spk`, `utt2lang`, `spk2gender`,
`reco2file_and_channel`.

A line of `wav.scp` may be a command to be run by a shell. tonewise never runs one.
https://kaldi-asr.org/doc/data_prep.html
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tonewise.corpus.iso_languages import language_tag
from tonewise.corpus.layout import Layout
from tonewise.corpus.sound_files import corpus_of_rows, locate
from tonewise.errors import CorpusError, TranscriptError
from tonewise.records import Corpus
from tonewise.transcripts.clock import parse_seconds
from tonewise.transcripts.decoding import read_text
from tonewise.transcripts.transcript import Tally

_CHANNELS = {"A": 0, "B": 1, "0": 0, "1": 1}


@dataclass(frozen=True, slots=True)
class _Folder:
    """The tables of a folder, each a key and the rest of its line; and what was left out of them."""

    wav: dict[str, str]
    text: dict[str, str]
    segments: dict[str, str] | None
    speaker: dict[str, str]
    language: dict[str, str]
    gender: dict[str, str]
    channel: dict[str, int]
    tally: Tally


def recognise(path: Path) -> bool:
    """Whether it is a folder with `text` and with `wav.scp` or `segments`."""
    return (
        path.is_dir() and (path / "text").is_file() and any((path / name).is_file() for name in ("wav.scp", "segments"))
    )


def read(path: Path, require_audio: bool) -> Corpus:
    """Read one utterance a line of `text`.

    Paths are relative to the folder, or to one of the two above it, from where recipes are run. Utterances whose sound a
    command would make (`piped_audio`) or that point into an archive (`archived_audio`) are left out and counted, unless
    `require_audio` is False; so are those with broken times or of an unknown recording. Raises `CorpusError` if nothing
    is left.
    """
    folder = _read_folder(path)
    files = locate(folder.wav.values(), (path, path.absolute().parent, path.absolute().parent.parent))
    rows = [row for utterance in folder.text if (row := _row(folder, utterance, files, require_audio))]
    return corpus_of_rows(path, LAYOUT.name, rows, folder.tally.problems(), require_audio)


def _read_folder(path: Path) -> _Folder:
    channels = {
        recording: _CHANNELS[fields[-1]]
        for recording, rest in _table(path / "reco2file_and_channel").items()
        if (fields := rest.split()) and fields[-1] in _CHANNELS
    }
    return _Folder(
        wav=_table(path / "wav.scp"),
        text=_table(path / "text"),
        segments=_table(path / "segments") if (path / "segments").is_file() else None,
        speaker=_table(path / "utt2spk"),
        language=_table(path / "utt2lang"),
        gender=_table(path / "spk2gender"),
        channel=channels if len(set(channels.values())) > 1 else {},
        tally=Tally(path),
    )


def _table(file: Path) -> dict[str, str]:
    if not file.is_file() or not file.stat().st_size:
        return {}
    try:
        lines = [line.split(None, 1) for line in read_text(file).split("\n")]
    except TranscriptError as error:
        raise CorpusError(str(error)) from error
    return {fields[0]: fields[1].strip() if len(fields) > 1 else "" for fields in lines if fields}


def _row(folder: _Folder, utterance: str, files: dict[str, str | None], require_audio: bool) -> dict[str, Any] | None:
    text, times = folder.text[utterance], _times(folder, utterance)
    if not text:
        folder.tally.leave_out("empty_cue", f"nothing is said in utterance {utterance!r}")
        return None
    if times is None:
        folder.tally.leave_out("bad_segment", f"no recording, start and end for utterance {utterance!r} in segments")
        return None
    recording, start, end = times
    named = folder.wav.get(recording, "")
    refused = _refused(recording, named)
    if refused and require_audio:
        folder.tally.leave_out(*refused)
        return None
    speaker = folder.speaker.get(utterance)
    row = {
        "audio": None if refused else files.get(named),
        "file": named or recording,
        "recording": recording,
        "start": start,
        "end": end,
        "channel": folder.channel.get(recording),
        "speaker": speaker,
        "language": language_tag(folder.language.get(utterance)),
        "text": text,
    }
    return {**row, "gender": folder.gender.get(speaker or "")} if folder.gender else row


def _times(folder: _Folder, utterance: str) -> tuple[str, float, float] | None:
    """Recording, start and end in seconds (NaN = all of it); None where `segments` does not say."""
    if folder.segments is None:
        return utterance, math.nan, math.nan
    fields = folder.segments.get(utterance, "").split()
    start, end = (parse_seconds(field) for field in (*fields[1:3], "", "")[:2])
    if start is None or end is None:
        return None
    return fields[0], start, math.nan if end == -1 else end  # -1: to the end


def _refused(recording: str, named: str) -> tuple[str, str] | None:
    """Why what `wav.scp` names is no file that is opened; None where it is one."""
    if named.endswith("|") or named.startswith("|"):
        return "piped_audio", (
            f"wav.scp makes recording {recording!r} by a command, and tonewise runs none: write the sound to files, such as "
            "with Kaldi's wav-copy, and name those"
        )
    archive, _, offset = named.rpartition(":")
    if archive.lower().endswith((".ark", ".scp")) and offset.isdecimal():
        return "archived_audio", f"recording {recording!r} lies inside the archive {archive}; write the sound to files"
    return None


LAYOUT = Layout("kaldi", recognise, read)
