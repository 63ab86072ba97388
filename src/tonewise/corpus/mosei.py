"""CMU-MOSEI as it is distributed raw (Zadeh et al., ACL 2018).

`Transcript/Segmented/Combined/<video>.txt` with lines `video___segment___start___end___text`, and
`Audio/Full/WAV_16000/<video>.wav`; the archive has all of it in a folder `Raw`. Who speaks is not stated. A video is
one person's monologue, so it counts as a speaker; somebody with several videos counts several times.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tonewise.corpus.layout import Layout
from tonewise.corpus.utterance_table import table_of_rows
from tonewise.errors import CorpusError, TranscriptError
from tonewise.records import Corpus, Problem
from tonewise.transcripts.clock import parse_seconds
from tonewise.transcripts.decoding import read_text

TRANSCRIPTS = Path("Transcript", "Segmented", "Combined")
AUDIO = (Path("Audio", "Full", "WAV_16000"), Path("Audio", "WAV_16000"))
_SEPARATOR = "___"


def recognise(path: Path) -> bool:
    """Whether the folder has segmented transcripts where CMU-MOSEI has them."""
    return (root(path) / TRANSCRIPTS).is_dir()


def root(path: Path) -> Path:
    """The folder with `Transcript` and `Audio` in it: `path`, or the folder `Raw` of the unpacked archive below."""
    return path / "Raw" if (path / "Raw" / "Transcript").is_dir() or (path / "Raw" / "Audio").is_dir() else path


def transcripts(path: Path) -> dict[str, Path]:
    """Files of segmented transcripts by video, in the order of the videos' names."""
    return {file.stem: file for file in _visible(root(path) / TRANSCRIPTS, ".txt")}


def sounds(path: Path) -> dict[str, Path]:
    """Sound files of whole videos by video, as absolute paths."""
    found: dict[str, Path] = {}
    for folder in AUDIO:
        for file in _visible(root(path) / folder, ".wav"):
            found.setdefault(file.stem, file.absolute())
    return found


def read(path: Path, require_audio: bool) -> Corpus:
    """Read one utterance a segment; recording and speaker are the video, `segment` is its number there (str).

    Times are as stated: some starts are slightly negative. Videos without sound are left out and counted, as
    are broken lines, segments without words and segments that are there twice. Raises `CorpusError` if nothing is left.
    """
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    there = sounds(path)
    for video, transcript in transcripts(path).items():
        sound = there.get(video)
        rows.extend({"audio": sound and str(sound), **row} for row in _segments(transcript, problems))
    silent = sorted({row["recording"] for row in rows if row["audio"] is None})
    if silent and require_audio:
        count = sum(row["audio"] is None for row in rows)
        problems.append(
            Problem("missing_audio", str(path), f"no WAV of {len(silent)} videos, such as {silent[0]}", count)
        )
        rows = [row for row in rows if row["audio"] is not None]
    if not rows:
        why = problems[-1].detail if problems else "no transcripts"
        expected = root(path) / AUDIO[0]
        raise CorpusError(f"{path}: no utterance of CMU-MOSEI can be read ({why}); expected WAVs in {expected}")
    return Corpus(str(path), LAYOUT.name, table_of_rows(rows), tuple(problems))


def _visible(folder: Path, extension: str) -> list[Path]:
    """Files of a folder with this extension, sorted; none where there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(
        file for file in folder.iterdir() if file.suffix.lower() == extension and not file.name.startswith(".")
    )


def _segments(transcript: Path, problems: list[Problem]) -> Iterator[dict[str, Any]]:
    """The usable segments of a file, in its order; the others become problems."""
    video = transcript.stem
    try:
        lines = [line for line in read_text(transcript).split("\n") if line.strip()]
    except TranscriptError as error:
        problems.append(Problem("bad_transcript", video, str(error)))
        return
    left_out: dict[str, list[str]] = {}
    seen: set[object] = set()
    for line in lines:
        segment = _segment(line, video)
        fault = _fault(segment, seen)
        if fault:
            left_out.setdefault(fault, []).append(line)
        elif segment:
            yield segment
    for fault, found in left_out.items():
        problems.append(Problem(fault, video, f"{_DETAILS[fault]}: {found[0][:60]!r}", len(found)))


_DETAILS = {
    "bad_cue": "expected video___segment___start___end___text, found",
    "empty_text": "a segment without words is left out",
    "duplicate_segment": "a segment that is there twice is left out the second time",
}


def _fault(segment: dict[str, Any] | None, seen: set[object]) -> str | None:
    """Why a segment cannot be used, None if it can; `seen` is what tells two segments of a file apart."""
    if segment is None:
        return "bad_cue"
    if not segment["text"]:
        return "empty_text"
    marks = {segment["segment"], (segment["start"], segment["end"], segment["text"])}
    if marks & seen:
        return "duplicate_segment"
    seen |= marks
    return None


def _segment(line: str, video: str) -> dict[str, Any] | None:
    # A name may end in an underscore, which its separator would swallow; a text may hold any number of them.
    known = line.startswith(video + _SEPARATOR)
    rest = line[len(video + _SEPARATOR) :] if known else line.partition(_SEPARATOR)[2]
    parts = rest.split(_SEPARATOR, 3)
    times = [parse_seconds(part) for part in parts[1:3]]
    if len(parts) < 4 or None in times:
        return None
    return {
        "recording": video,
        "start": times[0],
        "end": times[1],
        "speaker": video,
        "language": "en",
        "text": " ".join(parts[3].split()),
        "segment": parts[0].strip(),
    }


LAYOUT = Layout("mosei", recognise, read)
