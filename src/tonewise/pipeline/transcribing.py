"""Recordings without a transcript get one: Whisper's JSON, which everything else here reads."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tonewise import audio, remote
from tonewise.corpus import is_recording, recordings_below, transcript_names
from tonewise.errors import AudioError, InputError, OptionError
from tonewise.pipeline.localising import declare_raw, local_recording, recording_name
from tonewise.pipeline.untrusted import Door
from tonewise.records import Problem, Progress
from tonewise.tables import write_text
from tonewise.transcripts.recognition import DEFAULT_SIZE, Recogniser

#: Seconds decoded and recognised at a time, from pause to pause: a day-long recording takes no more memory.
BLOCK_SECONDS = 300.0
LONGEST = 30.0  # seconds that a stretch of speech may have: what Whisper hears at once
MARGIN = 0.2  # seconds of sound around what voice activity detection found


@dataclass(frozen=True, slots=True)
class Transcribed:
    """What became of one recording.

    Attributes:
        recording, transcript: files.
        duration: seconds of sound.
        segments, words: how many were found.
        language: what is spoken, None where nobody speaks.
        new: whether it was transcribed now; otherwise its transcript was there.
    """

    recording: str
    transcript: str
    duration: float
    segments: int
    words: int
    language: str | None
    new: bool


def transcribe(
    recordings: str | Path | Sequence[str | Path],
    *,
    output: str | Path | None = None,
    size: str = DEFAULT_SIZE,
    language: str | None = None,
    per_channel: bool = False,
    overwrite: bool = False,
    raw: str | None = None,
    untrusted: audio.Limits | None = None,
    cache: str | Path | bool = True,
    progress: Progress | None = None,
) -> tuple[list[Transcribed], list[Problem]]:
    """Write a transcript of every recording as Whisper's JSON, `STEM.json`.

    What is finished is left alone when the same is asked again, and a recording that was interrupted goes on from its
    last finished block.

    Args:
        recordings: files, or folders of them; addresses of files need `output`.
        output: a folder for the transcripts, which then lie as the recordings do below theirs; None = beside the
            recordings, where every other command looks for them.
        size, language: see `Recogniser`.
        per_channel: each channel of a recording by itself, as calls have them; its number is kept with every segment.
        overwrite: transcribe anew what has a transcript.
        raw: what recordings without a header hold, `ENCODING:RATE[:CHANNELS]`.
        untrusted: what one recording of a stranger may take; None = they are trusted.
        cache: where it is remembered which were harmless.
        progress: called with stage "transcribing" and seconds of sound.

    Returns:
        (one result a recording, in order; what could not be transcribed).

    Raises:
        InputError: there is nothing to transcribe, or a wrong option.
        WeightsError: the model cannot be had.
    """
    recogniser = Recogniser(size, language)
    given = [recordings] if isinstance(recordings, str | Path) else recordings
    _require_output(given, output)
    done: list[Transcribed] = []
    failed: list[Problem] = []
    files = _files(_fetched(given, failed), output, failed)
    declare_raw([recording for recording, _ in files], raw)
    recogniser.prepare(progress)
    with Door(untrusted, cache=cache) as door:
        for recording, target in files:
            try:
                door.admit(recording)
                done.append(_one(recording, target, recogniser, per_channel, overwrite, progress))
            except InputError as error:
                failed.append(Problem("bad_recording", recording.name, str(error)))
    return done, failed


def transcribe_missing(
    recordings: str | Path | Sequence[str | Path], *, progress: Progress | None = None, **options: Any
) -> list[Problem]:
    """Transcribe the recordings that have no transcript beside them; see `transcribe`. Returns what could not be.

    What is neither a folder nor a recording (a manifest) says itself what is spoken, and is left alone; so is what is at an
    address, where nothing can be written.
    """
    given = [recordings] if isinstance(recordings, str | Path) else recordings
    here = (Path(path) for path in given if remote.address(path) is None)
    looked_at = [path for path in here if path.is_dir() or is_recording(path)]
    # Folders that cannot be listed are told by whoever reads what is transcribed here.
    missing = [file for file, _ in _files(looked_at, None, []) if not any(map(Path.is_file, transcript_names(file)))]
    return transcribe(missing, progress=progress, **options)[1] if missing else []


def _require_output(recordings: Sequence[str | Path], output: str | Path | None) -> None:
    """Refuse to write beside recordings that are at addresses."""
    there = next(filter(None, map(remote.address, recordings)), None)
    if there is not None and output is None:
        raise OptionError(
            f"{remote.shown(there)}: nothing is written there; say where transcripts belong with -o FOLDER"
        )


def _fetched(given: Sequence[str | Path], failed: list[Problem]) -> list[str | Path]:
    """Files and folders as they are, and copies of what is at addresses."""
    found: list[str | Path] = []
    for path in given:
        try:
            found.append(local_recording(path))
        except InputError as error:
            failed.append(Problem("unreachable", recording_name(path), str(error)))
    return found


def _files(given: Sequence[str | Path], output: str | Path | None, problems: list[Problem]) -> list[tuple[Path, Path]]:
    """Recordings, and where their transcripts belong."""
    files: dict[Path, Path] = {}
    for path in map(Path, given):
        found = recordings_below(path, problems) if path.is_dir() else [path]
        if not found:
            raise OptionError(f"{path}: no recordings in this folder; expected files such as .wav or .mp3")
        for file in found:
            below = file.relative_to(path) if path.is_dir() else Path(file.name)
            target = file if output is None else Path(output) / below
            files[file] = target.with_suffix(".json")
    taken: dict[Path, Path] = {}
    for file, target in files.items():
        if taken.setdefault(target, file) != file:
            raise OptionError(
                f"{file} and {taken[target]} would both be written to {target}; transcribe them one by one"
            )
    return list(files.items())


def _one(
    recording: Path,
    target: Path,
    recogniser: Recogniser,
    per_channel: bool,
    overwrite: bool,
    progress: Progress | None,
) -> Transcribed:
    info = audio.probe(recording)
    if target.is_file() and not overwrite:
        return _result(recording, target, info.duration, _read(target), new=False)
    channels: list[int | None] = list(range(info.channels)) if per_channel and info.channels > 1 else [None]
    identity = {**recogniser.identity(), "channels": channels, "bytes": recording.stat().st_size}
    kept = _Kept(target.with_name(f".{target.name}.part"), json.loads(json.dumps(identity)))
    whole = _recognised(recording, channels, recogniser, kept, info.duration, progress)
    write_text(json.dumps(whole, ensure_ascii=False, allow_nan=False, indent=1) + "\n", target)
    kept.forget()
    return _result(recording, target, info.duration, whole, new=True)


def _recognised(
    recording: Path,
    channels: Sequence[int | None],
    recogniser: Recogniser,
    kept: _Kept,
    duration: float,
    progress: Progress | None,
) -> dict[str, Any]:
    segments: list[dict[str, Any]] = []
    languages: dict[str, int] = {}
    speech = audio.speech_of_channels(recording, channels, maximum=LONGEST)
    with audio.Recording(recording) as opened:
        for position, (channel, stretches) in enumerate(zip(channels, speech, strict=True)):
            for start, end in _blocks(stretches, duration):
                found, language = kept.get(channel, start) or _block(opened, channel, start, end, recogniser)
                kept.put(channel, start, found, language)
                segments.extend(found)
                languages[language] = languages.get(language, 0) + len(found)
                if progress:
                    progress("transcribing", int(position * duration + end), max(int(len(channels) * duration), 1))
    segments.sort(key=lambda segment: (segment["start"], segment.get("channel") or 0))
    return {
        "text": "".join(segment["text"] for segment in segments).strip(),
        "segments": [{"id": number, **segment} for number, segment in enumerate(segments)],
        "language": max(languages, key=lambda name: languages[name]) if segments else None,
    }


def _block(
    recording: audio.Recording, channel: int | None, start: float, end: float, recogniser: Recogniser
) -> tuple[list[dict[str, Any]], str]:
    """Segments of one block, times from the start of the recording."""
    found, language = recogniser.recognise(recording.read(start, end - start, channel=channel))
    for segment in found:
        for timed in (segment, *segment["words"]):
            timed["start"], timed["end"] = round(timed["start"] + start, 3), round(timed["end"] + start, 3)
        if channel is not None:
            segment["channel"] = channel
    return found, language


def _blocks(speech: Sequence[tuple[float, float]], duration: float) -> Iterator[tuple[float, float]]:
    """Stretches of speech put together from pause to pause, none longer than `BLOCK_SECONDS` (and one stretch)."""
    begin = None
    end = 0.0
    for start, stop in speech:
        if begin is not None and stop - begin > BLOCK_SECONDS:
            yield max(begin - MARGIN, 0.0), min(end + MARGIN, duration)
            begin = None
        begin = start if begin is None else begin
        end = stop
    if begin is not None:
        yield max(begin - MARGIN, 0.0), min(end + MARGIN, duration)


class _Kept:
    """Finished blocks of a recording, in a file beside its transcript until that is written."""

    def __init__(self, path: Path, identity: dict[str, Any]) -> None:
        self._path = path
        self._blocks: dict[str, tuple[list[dict[str, Any]], str]] = {}
        lines = _lines(path)
        if lines[:1] == [identity]:
            self._blocks = {line["block"]: (line["segments"], line["language"]) for line in lines[1:]}
        else:
            write_text(json.dumps(identity) + "\n", path)

    def get(self, channel: int | None, start: float) -> tuple[list[dict[str, Any]], str] | None:
        """What was found in a block, None where it is not finished."""
        return self._blocks.get(f"{channel}:{start}")

    def put(self, channel: int | None, start: float, segments: list[dict[str, Any]], language: str) -> None:
        """Keep a block at once; on a full disk it would have to be recognised again, and the run goes on."""
        name = f"{channel}:{start}"
        if name in self._blocks:
            return
        self._blocks[name] = (segments, language)
        line = json.dumps({"block": name, "segments": segments, "language": language})
        with contextlib.suppress(OSError), self._path.open("a", encoding="utf-8") as file:
            file.write(f"\n{line}\n")  # a line of its own, whatever a kill has left half-written

    def forget(self) -> None:
        """Everything is written."""
        self._path.unlink(missing_ok=True)


def _lines(path: Path) -> list[Any]:
    """What an interrupted run has left; lines that were cut off do not count."""
    found = []
    with contextlib.suppress(OSError):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            with contextlib.suppress(ValueError):
                found.append(json.loads(line))
    return found


def _read(target: Path) -> dict[str, Any]:
    try:
        data = json.loads(target.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        data = None
    if not isinstance(data, dict) or not isinstance(data.get("segments"), list):
        raise AudioError(f"{target} is there and is no transcript of Whisper; move it, or transcribe with --force")
    return data


def _result(recording: Path, target: Path, duration: float, whole: dict[str, Any], *, new: bool) -> Transcribed:
    segments = whole["segments"]
    words = [segment.get("words") for segment in segments if isinstance(segment, dict)]
    found = sum(len(each) for each in words if isinstance(each, list))
    return Transcribed(str(recording), str(target), duration, len(segments), found, whole.get("language"), new)
