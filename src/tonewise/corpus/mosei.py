"""CMU-MOSEI as it is distributed raw (Zadeh et al., ACL 2018).

`Transcript/Segmented/Combined/<video>.txt` with lines `video___segment___start___end___text`, and
`Audio/Full/WAV_16000/<video>.wav`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tonewise.corpus.layout import Layout
from tonewise.corpus.table import table_of_rows
from tonewise.errors import CorpusError, TranscriptError
from tonewise.records import Corpus, Problem
from tonewise.transcripts.clock import parse_seconds
from tonewise.transcripts.decoding import read_text

_TRANSCRIPTS = Path("Transcript", "Segmented", "Combined")
_AUDIO = (Path("Audio", "Full", "WAV_16000"), Path("Audio", "WAV_16000"))
_SEPARATOR = "___"


def recognise(path: Path) -> bool:
    """Whether the folder has segmented transcripts where CMU-MOSEI has them."""
    return (path / _TRANSCRIPTS).is_dir()


def read(path: Path, require_audio: bool) -> Corpus:
    """Read one utterance a segment; recording and speaker are the video, `segment` is its number there (str).

    Times are as stated: some starts are slightly negative. Videos without sound are left out and counted, as
    are broken lines. Raises `CorpusError` if nothing is left.
    """
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for transcript in sorted((path / _TRANSCRIPTS).glob("*.txt")):
        if not transcript.name.startswith("."):
            rows.extend(_segments(transcript, problems))
    sounds = {video: _sound(path, video) for video in {row["recording"] for row in rows}}
    rows = [{"audio": sounds[row["recording"]], **row} for row in rows]
    silent = sorted(video for video, sound in sounds.items() if sound is None)
    if silent and require_audio:
        count = sum(row["audio"] is None for row in rows)
        problems.append(
            Problem("missing_audio", str(path), f"no WAV of {len(silent)} videos, such as {silent[0]}", count)
        )
        rows = [row for row in rows if row["audio"] is not None]
    if not rows:
        why = problems[-1].detail if problems else "no transcripts"
        raise CorpusError(f"{path}: no utterance of CMU-MOSEI can be read ({why}); expected WAVs in {path / _AUDIO[0]}")
    return Corpus(str(path), LAYOUT.name, table_of_rows(rows), tuple(problems))


def _segments(transcript: Path, problems: list[Problem]) -> Iterator[dict[str, Any]]:
    try:
        lines = [line for line in read_text(transcript).split("\n") if line.strip()]
    except TranscriptError as error:
        problems.append(Problem("bad_transcript", transcript.stem, str(error)))
        return
    broken = []
    for line in lines:
        parts = line.split(_SEPARATOR, 4)
        times = [parse_seconds(part) for part in parts[2:4]]
        if len(parts) < 5 or None in times or not parts[4].strip():
            broken.append(line)
            continue
        yield {
            "recording": transcript.stem,
            "start": times[0],
            "end": times[1],
            "speaker": transcript.stem,
            "language": "en",
            "text": " ".join(parts[4].split()),
            "segment": parts[1].strip(),
        }
    if broken:
        detail = f"expected video___segment___start___end___text, found {broken[0][:60]!r}"
        problems.append(Problem("bad_cue", transcript.stem, detail, len(broken)))


def _sound(path: Path, video: str) -> str | None:
    candidates = (path / folder / f"{video}.wav" for folder in _AUDIO)
    return next((str(file.absolute()) for file in candidates if file.is_file()), None)


LAYOUT = Layout("mosei", recognise, read)
