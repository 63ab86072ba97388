"""Lhotse manifests: JSON lines, perhaps gzipped, of recordings and supervisions, or of cuts that hold both.

Read without Lhotse, which needs torch: a line is a JSON object. Sources of type `command` are never run and addresses
never fetched. https://lhotse.readthedocs.io/en/latest/corpus.html
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tonewise.corpus.iso_languages import language_tag
from tonewise.corpus.json_lines import is_json_lines, json_lines, plain_stem
from tonewise.corpus.layout import Layout
from tonewise.corpus.sound_files import corpus_of_rows, locate
from tonewise.errors import CorpusError
from tonewise.records import Corpus
from tonewise.transcripts.clock import parse_seconds
from tonewise.transcripts.transcript import Tally

_OF_WORDS = re.compile(r"supervisions?|(?<![a-z])sups?(?![a-z])|cuts?")
_OF_SOUND = re.compile("recordings?")
_KNOWN = ("recording", "start", "end", "channel", "speaker", "language", "text", "audio", "file")


@dataclass(frozen=True, slots=True)
class _Recording:
    """Where the channels of one recording lie: file names by channel, or why there is none."""

    sources: dict[int, tuple[str, int]]  # channel of the recording → file, channel in the file
    refused: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class _Reading:
    require_audio: bool
    tally: Tally
    recordings: dict[str, _Recording] = field(default_factory=dict)
    rows: list[dict[str, Any]] = field(default_factory=list)


def recognise(path: Path) -> bool:
    """Whether it is such a manifest, or a folder with supervisions or cuts in it."""
    return bool(_manifests(path))


def read(path: Path, require_audio: bool) -> Corpus:
    """Read one utterance a supervision; a folder's manifests are read together, recordings wherever they are named.

    Paths are relative to the manifest's folder or one of the two above it. `channel` is that in the file, None where it
    has only one. Scalars of `custom`, and `gender`, are the user's columns. Supervisions without words or times, and those
    whose sound a command or an address would give, are left out and counted. Raises `CorpusError` if nothing is left.
    """
    reading = _Reading(require_audio, Tally(path))
    manifests = _manifests(path)
    for manifest in (*_recording_manifests(manifests), *manifests):
        for number, item in json_lines(manifest):
            _add(reading, item, f"line {number} of {manifest.name}")
    base = manifests[0].absolute().parent
    files = locate((row["file"] for row in reading.rows), (base, base.parent, base.parent.parent))
    rows = [{**row, "audio": files.get(row["file"])} for row in reading.rows]
    return corpus_of_rows(path, LAYOUT.name, rows, reading.tally.problems(), require_audio)


def _manifests(path: Path) -> list[Path]:
    """Manifests of supervisions or cuts, by their names or, of a file that was named, by its first line."""
    if not path.is_dir():
        return [path] if is_json_lines(path) and _is_ours(path) else []
    return _unique(file for file in sorted(path.iterdir()) if is_json_lines(file) and _OF_WORDS.search(file.name))


def _is_ours(path: Path) -> bool:
    try:
        _, item = next(json_lines(path), (0, {}))
    except CorpusError:  # what is wrong with it is for `read` to tell
        return _OF_WORDS.search(path.name) is not None
    named = not item and _OF_WORDS.search(path.name) is not None
    return named or isinstance(item.get("supervisions"), list) or {"recording_id", "duration"} <= item.keys()


def _recording_manifests(manifests: list[Path]) -> list[Path]:
    """The manifests of recordings that belong to those of supervisions by their names, else all in their folder."""
    folder = manifests[0].parent
    named = [file for file in sorted(folder.iterdir()) if is_json_lines(file) and _OF_SOUND.search(file.name)]
    there = _unique(file for file in named if file not in manifests)
    wanted = {_OF_WORDS.sub("", plain_stem(file)) for file in manifests}
    return [file for file in there if _OF_SOUND.sub("", plain_stem(file)) in wanted] or there


def _unique(files: Iterable[Path]) -> list[Path]:
    """Of `a.jsonl` and `a.jsonl.gz` the first."""
    chosen: dict[str, Path] = {}
    for file in files:
        chosen.setdefault(plain_stem(file), file)
    return list(chosen.values())


def _add(reading: _Reading, item: dict[str, Any], where: str) -> None:
    if isinstance(item.get("sources"), list):
        reading.recordings[_name(item.get("id"))] = _recording(item)
    elif isinstance(item.get("supervisions"), list):
        _add_cut(reading, item, where)
    else:
        _add_supervision(reading, item, _name(item.get("recording_id")), 0.0, where)


def _add_cut(reading: _Reading, cut: dict[str, Any], where: str) -> None:
    recording = cut.get("recording")
    start = parse_seconds(cut.get("start"))
    if not isinstance(recording, dict) or start is None:
        reading.tally.leave_out(
            "bad_cut", f"{where}: a cut without a recording of its own; cuts of padding or mixes are not read"
        )
        return
    name = _name(recording.get("id"))
    reading.recordings[name] = _recording(recording)
    for supervision in cut["supervisions"]:
        if isinstance(supervision, dict):
            _add_supervision(reading, supervision, name, start, where)


def _add_supervision(reading: _Reading, item: dict[str, Any], name: str, offset: float, where: str) -> None:
    """Put a supervision into the rows; `offset` is where in the recording its times count from, in seconds."""
    text = " ".join(_name(item.get("text")).split())
    start, duration = parse_seconds(item.get("start")), parse_seconds(item.get("duration"))
    if start is None or duration is None or not text:
        reading.tally.leave_out("bad_supervision", f"{where}: expected start, duration and text")
        return
    recording = reading.recordings.get(name, _Recording({}))
    if recording.refused and reading.require_audio:
        reading.tally.leave_out(*recording.refused)
        return
    file, channel = _source(recording, item.get("channel"), name)
    custom = item.get("custom") if isinstance(item.get("custom"), dict) else {}
    extra = {"gender": item.get("gender"), **(custom or {})}
    reading.rows.append(
        {
            "audio": None,
            "file": file,
            "recording": name,
            "start": round(offset + start, 9),
            "end": round(offset + start + duration, 9),
            "channel": channel,
            "speaker": _name(item.get("speaker")) or None,
            "language": language_tag(item.get("language")),
            "text": text,
            **{key: value for key, value in extra.items() if key not in _KNOWN and _is_scalar(value)},
        }
    )


def _recording(item: dict[str, Any]) -> _Recording:
    sources: dict[int, tuple[str, int]] = {}
    for source in item["sources"] if isinstance(item.get("sources"), list) else ():
        kind = source.get("type") if isinstance(source, dict) else None
        channels = source.get("channels") if isinstance(source, dict) else None
        if kind != "file" or not isinstance(channels, list):
            return _Recording({}, _refusal(_name(item.get("id")), str(kind)))
        for place, channel in enumerate(sorted(channel for channel in channels if isinstance(channel, int))):
            sources[channel] = (_name(source.get("source")), place)
    return _Recording(sources)


def _refusal(name: str, kind: str) -> tuple[str, str]:
    if kind == "command":
        return "piped_audio", (
            f"recording {name!r} is made by a command, and tonewise runs none: write the sound to files, such as with "
            "Lhotse's save_audios, and name those"
        )
    return "remote_audio", f"recording {name!r} is of type {kind[:40]!r}; expected a file: save it and name that"


def _source(recording: _Recording, stated: Any, name: str) -> tuple[str, int | None]:
    """The file of a supervision, and its channel there; None = all of its channels, or its only one."""
    listed = stated if isinstance(stated, list) else [stated]
    found = [
        recording.sources[channel] for channel in listed if isinstance(channel, int) and channel in recording.sources
    ]
    if not found:
        found = list(recording.sources.values()) or [(name, 0)]
        return found[0][0], None
    file, place = found[0]
    alone = sum(other == file for other, _ in recording.sources.values()) == 1
    return file, None if alone or len(found) > 1 else place


def _name(value: Any) -> str:
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _is_scalar(value: Any) -> bool:
    """Whether a column can hold it: text, a truth value, a finite number of 64 bits."""
    if isinstance(value, int):
        return abs(value) < 2**63
    return isinstance(value, str) or (isinstance(value, float) and math.isfinite(value))


LAYOUT = Layout("lhotse", recognise, read)
