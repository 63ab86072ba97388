"""Which formats there are, and which one a file is in."""

from __future__ import annotations

from pathlib import Path

from tonewise.errors import OptionError, TranscriptError
from tonewise.transcripts import sentence_csv, srt, webvtt, whisper, whisperx
from tonewise.transcripts.decoding import read_text
from tonewise.transcripts.transcript import Format, Transcript

#: In the order of recognition, the more specific first. Of several transcripts of one recording the one whose
#: extension comes first here is taken: it is the one that may know speakers and languages.
FORMATS: tuple[Format, ...] = (
    whisperx.FORMAT,
    whisper.FORMAT,
    webvtt.FORMAT,
    srt.FORMAT,
    sentence_csv.FORMAT,
)

#: Extensions of transcripts that may lie beside recordings, the preferred first.
TRANSCRIPT_EXTENSIONS: tuple[str, ...] = tuple(
    dict.fromkeys(extension for known in FORMATS for extension in known.extensions)
)

_HEAD = 65_536  # characters that a format may look at to recognise itself


def formats() -> tuple[str, ...]:
    """Names of the formats that can be read."""
    return tuple(form.name for form in FORMATS)


def read_transcript(path: str | Path, format: str | None = None) -> Transcript:
    """Read a timed transcript, recognised by its content unless `format` names one of `formats()`.

    Raises `TranscriptError` for a file that is missing, empty, binary, broken, in no known format or without
    times, and `OptionError` for an unknown `format`.
    """
    path = Path(path)
    chosen = None if format is None else _named(format)
    text = read_text(path)
    chosen = chosen or _recognised(path, text[:_HEAD])
    transcript = chosen.read(path, text)
    broken = [problem for problem in transcript.problems if problem.kind != "empty_cue"]
    if broken and not transcript.cues:
        raise TranscriptError(f"{path}: no usable cue in this {chosen.name} transcript ({broken[0].detail})")
    return transcript


def _named(name: str) -> Format:
    for form in FORMATS:
        if form.name == name:
            return form
    raise OptionError(f"unknown transcript format {name!r}: expected one of {', '.join(formats())}")


def _recognised(path: Path, head: str) -> Format:
    for form in FORMATS:
        if form.sniff(path, head):
            return form
    raise TranscriptError(
        f"{path}: in no known transcript format, or without times; expected one of {', '.join(formats())}, "
        "with a start and an end for each utterance"
    )
