"""Which formats there are, and which one a file is in."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from tonewise import plugins
from tonewise.errors import OptionError, PluginError, TranscriptError
from tonewise.transcripts import (
    assemblyai,
    aws_analytics,
    aws_transcribe,
    azure_batch,
    azure_fast,
    ctm,
    deepgram,
    elan,
    elevenlabs,
    gentle,
    gladia,
    google,
    harpervalley,
    huggingface,
    ibm,
    mfa_csv,
    rev,
    rev_nlp,
    rttm,
    sentence_csv,
    speechmatics,
    srt,
    stm,
    textgrid,
    textgrid_json,
    webvtt,
    whisper,
    whisper_cpp,
    whisperx,
)
from tonewise.transcripts.decoding import read_text
from tonewise.transcripts.json_text import looks_like_json, parse_json
from tonewise.transcripts.transcript import Format, JsonFormat, Transcript

#: Formats that are JSON, in the order of recognition, the more specific first.
JSON_FORMATS: tuple[JsonFormat, ...] = (
    aws_transcribe.FORMAT,
    aws_analytics.FORMAT,
    azure_batch.FORMAT,
    azure_fast.FORMAT,
    deepgram.FORMAT,
    gladia.FORMAT,
    speechmatics.FORMAT,
    ibm.FORMAT,
    google.FORMAT,
    rev.FORMAT,
    harpervalley.FORMAT,
    gentle.FORMAT,
    textgrid_json.FORMAT,
    elevenlabs.FORMAT,
    assemblyai.FORMAT,
    whisper_cpp.FORMAT,
    huggingface.FORMAT,
    whisperx.FORMAT,
    whisper.FORMAT,
)

#: The others, in the order of recognition, the more specific first.
TEXT_FORMATS: tuple[Format, ...] = (
    rev_nlp.FORMAT,
    textgrid.FORMAT,
    elan.FORMAT,
    stm.FORMAT,
    ctm.FORMAT,
    webvtt.FORMAT,
    srt.FORMAT,
    mfa_csv.FORMAT,
    sentence_csv.FORMAT,
)

#: Of several transcripts of one recording the one whose extension comes first here is taken: it is the one that may know
#: speakers and languages.
FORMATS: tuple[Format | JsonFormat, ...] = (*JSON_FORMATS, *TEXT_FORMATS)

#: Extensions of transcripts that may lie beside recordings, the preferred first; plug-ins may add others.
TRANSCRIPT_EXTENSIONS: tuple[str, ...] = tuple(
    dict.fromkeys(extension for known in FORMATS for extension in known.extensions)
)

_OWN = frozenset(form.name for form in FORMATS)

#: These take any JSON with segments and any table with times: plug-ins are asked before them, as they may know better.
_GENERAL_JSON = whisper.FORMAT
_GENERAL_TEXT = sentence_csv.FORMAT

_HEAD = 65_536  # characters that a format may look at to recognise itself

#: Problems that concern cues which are there all the same, or held no words.
_HARMLESS = frozenset({"empty_cue", "interpolated"})


def formats() -> tuple[str, ...]:
    """Names of the formats that can be read; those of plug-ins last."""
    return (*(form.name for form in FORMATS), *plugins.names(plugins.TRANSCRIPTS, _OWN))


def transcript_extensions() -> tuple[str, ...]:
    """`TRANSCRIPT_EXTENSIONS`, and those of plug-ins behind them."""
    added = (extension for form in _of_plugins()[0] for extension in form.extensions)
    return tuple(dict.fromkeys((*TRANSCRIPT_EXTENSIONS, *added)))


def read_transcript(path: str | Path, format: str | None = None) -> Transcript:
    """Read a timed transcript, recognised by its content unless `format` names one of `formats()`.

    Raises `TranscriptError` for a file that is missing, empty, binary, broken, too large, in no known format or
    without times, `OptionError` for an unknown `format`, and `PluginError` for one that a plug-in fails to bring.
    """
    path = Path(path)
    chosen = None if format is None else _named(format)
    text = read_text(path)
    transcript = _read(path, text) if chosen is None else _read_as(path, text, chosen)
    broken = [problem for problem in transcript.problems if problem.kind not in _HARMLESS]
    if broken and not transcript.cues:
        raise TranscriptError(f"{path}: no usable cue in this {transcript.format} transcript ({broken[0].detail})")
    return transcript


def _read_as(path: Path, text: str, chosen: Format | JsonFormat) -> Transcript:
    if isinstance(chosen, JsonFormat):
        data = parse_json(path, text)
        transcript, fits = chosen.read(path, data), chosen.matches(data)
    else:
        transcript, fits = chosen.read(path, text), chosen.sniff(path, text[:_HEAD])
    if not transcript.cues and not fits:
        raise TranscriptError(f"{path}: not in the format {chosen.name}; leave the format out to have it recognised")
    return transcript


def _read(path: Path, text: str) -> Transcript:
    form = _sniffed(path, text)
    if looks_like_json(text):
        try:
            data = parse_json(path, text)
        except TranscriptError:
            # A format whose first line could be JSON must not be kept from its reader, nor broken JSON be called unknown.
            if form is None:
                raise
        else:
            return _read_json(path, data)
    if form is None:
        raise _unknown(path)
    return form.read(path, text)


def _read_json(path: Path, data: Any) -> Transcript:
    form = next((form for form in JSON_FORMATS if form.matches(data)), None)
    if form in (None, _GENERAL_JSON):
        added = (form for form in _of_plugins()[0] if isinstance(form, JsonFormat))
        form = next((form for form in added if form.matches(data)), form)
    if form is not None:
        return form.read(path, data)
    keys = sorted(str(key) for key in data)[:8] if isinstance(data, dict) else []
    raise _unknown(path, f" (JSON with the keys {', '.join(keys)})" if keys else " (JSON)")


def _sniffed(path: Path, text: str) -> Format | None:
    plugins.tell_hidden(plugins.TRANSCRIPTS, _OWN)
    head = text[:_HEAD]
    # An RTTM is no transcript: it is known here only to say so, and no format that can be chosen.
    form = next((form for form in (*TEXT_FORMATS, rttm.FORMAT) if form.sniff(path, head)), None)
    if form in (None, _GENERAL_TEXT):
        added = (form for form in _of_plugins()[0] if isinstance(form, Format))
        form = next((form for form in added if form.sniff(path, head)), form)
    return form


def _named(name: str) -> Format | JsonFormat:
    plugin = plugins.find(plugins.TRANSCRIPTS, name, _OWN)
    if plugin is not None:
        added: Format | JsonFormat = plugins.load_record(plugin, Format, JsonFormat)
        return added
    for form in FORMATS:
        if form.name == name:
            return form
    raise OptionError(f"unknown transcript format {name!r}: expected one of {', '.join(formats())}")


@functools.cache
def _of_plugins() -> tuple[tuple[Format | JsonFormat, ...], str]:
    """Formats of plug-ins; and what to say of those that cannot be loaded, where it matters."""
    loaded, broken = [], []
    for name in plugins.names(plugins.TRANSCRIPTS, _OWN):
        try:
            loaded.append(_named(name))
        except PluginError as error:
            broken.append(str(error))
    return tuple(loaded), "".join(f"; {line}" for line in broken)


def _unknown(path: Path, what: str = "") -> TranscriptError:
    return TranscriptError(
        f"{path}: in no known transcript format{what}, or without times; expected one of {', '.join(formats())}, "
        f"with a start and an end for each utterance{_of_plugins()[1]}"
    )
