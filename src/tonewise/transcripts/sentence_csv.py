"""Tables with one timed sentence a row: comma, semicolon, tab or bar separated, with or without a header.

Without a header the columns are `id, start, end, text`, `start, end, text`, or `text, start, end` as whisper-timestamped
writes them. A table of single words, as it writes too, is read as the sentences of these. With a header, `start`, `end` (or
`duration`), `text`, `speaker` and `channel` are found by their usual names; times are seconds or clock times.
Whisper's own `start end text` table with tabs holds whole milliseconds.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from tonewise.errors import TranscriptError
from tonewise.records import Cue
from tonewise.transcripts.clock import parse_seconds
from tonewise.transcripts.sentences import TimedWord, is_spaced, sentences_of
from tonewise.transcripts.transcript import Format, Tally, Transcript

_DELIMITERS = ",;\t|"
_ALIASES = {
    "start": ("start", "start_time", "starttime", "start_s", "start_sec", "begin", "onset", "from"),
    "end": ("end", "end_time", "endtime", "end_s", "end_sec", "stop", "offset", "to"),
    "start_ms": ("start_ms", "begin_ms", "start_milliseconds"),
    "end_ms": ("end_ms", "end_milliseconds"),
    "duration": ("duration", "dur", "duration_s", "duration_sec"),
    "text": ("text", "transcript", "transcription", "sentence", "utterance", "caption", "content", "words"),
    "speaker": ("speaker", "speaker_id", "speaker_name", "speaker_label", "spk"),
    "channel": ("channel", "channel_id", "channel_index"),
}
_SNIFFED = 20  # rows by which the layout is told
_MANY = 20  # rows of a table of words
_WHISPER_HEADER = ["start", "end", "text"]


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things stand in a row: `columns` are positions by name, `width` the number of columns.

    `whispers`: the header is that of Whisper's own table, whose times are milliseconds if all are whole.
    """

    delimiter: str
    header: bool
    columns: dict[str, int]
    width: int
    whispers: bool = False
    milliseconds: bool = False

    @property
    def timed(self) -> bool:
        has = self.columns.keys()
        return ("start" in has or "start_ms" in has) and bool({"end", "end_ms", "duration"} & has)


def sniff(path: Path, head: str) -> bool:
    """Whether the first row is a header with a text, or most rows begin with two times (after an id)."""
    return _layout(head) is not None


def read(path: Path, text: str) -> Transcript:
    """Read one cue a row; a row without two valid times is left out and counted.

    A text that holds the delimiter without quotes is kept whole where the text is the last column. Raises
    `TranscriptError` where there is no column of times.
    """
    layout = _layout(text)
    if layout is None or not layout.timed:
        found = ", ".join(_header(text)) or "none"
        raise TranscriptError(
            f"{path}: has no times; expected the columns start, end (seconds) and text, found {found}"
        )
    tally = Tally(path)
    try:
        rows = list(_body(text, layout))
    except csv.Error as error:
        raise TranscriptError(f"{path}: cannot be read as a table ({error}); check its quotes") from error
    if layout.whispers:
        layout = replace(layout, milliseconds=all(_whole(row) for _, row in rows))
    for line, row in rows:
        _add(tally, layout, line, row)
    if _are_words(tally.cues):
        words = [TimedWord(cue.text, cue.start, cue.end, cue.speaker, cue.channel) for cue in tally.cues]
        return Transcript(tuple(sentences_of(words)), tally.problems(), FORMAT.name)
    return Transcript(tuple(tally.cues), tally.problems(), FORMAT.name)


def _are_words(cues: list[Cue]) -> bool:
    """Whether no row of many has two words; scripts without spaces cannot be told, and stay as they are."""
    return len(cues) >= _MANY and all(len(cue.text.split()) == 1 and is_spaced(cue.text) for cue in cues)


def _body(text: str, layout: _Layout) -> Iterator[tuple[int, list[str]]]:
    """Rows below the header with the number of their last line; a text split at delimiters is whole again."""
    lines = list(io.StringIO(text))
    last = layout.width - 1
    rows = _rows(text, layout.delimiter)
    for line, row in itertools.islice(rows, 1 if layout.header else 0, None):
        if len(row) > layout.width and layout.columns["text"] == last:
            yield line, [*row[:last], lines[line - 1].split(layout.delimiter, last)[-1]]
        else:
            yield line, row + [""] * (layout.width - len(row))


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    # Tables of tabs and bars are not quoted: a sentence that opens a quotation must not swallow the rest.
    quoting: Literal[0, 3] = csv.QUOTE_NONE if delimiter in "\t|" else csv.QUOTE_MINIMAL
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, quoting=quoting, skipinitialspace=True)
    for row in reader:
        if any(field.strip() for field in row):
            yield reader.line_num, row


def _layout(text: str) -> _Layout | None:
    """The layout by the first rows: one with times if a delimiter gives one, else one with a text column."""
    untimed = None
    for delimiter in _DELIMITERS:
        rows = _first_rows(text, delimiter)
        layout = _headed(rows[:1], delimiter) or _headless(rows, delimiter)
        if layout is not None and layout.timed:
            return layout
        untimed = untimed or layout
    return untimed


def _first_rows(text: str, delimiter: str) -> list[list[str]]:
    rows = []
    try:
        for _, row in itertools.islice(_rows(text, delimiter), _SNIFFED):
            rows.append(row)
    except csv.Error:
        pass  # the row is too long for a table; the ones before it tell
    return rows


def _header(text: str) -> list[str]:
    rows = [row for delimiter in _DELIMITERS for row in _first_rows(text, delimiter)[:1]]
    return max(rows, key=len, default=[])


def _headless(rows: list[list[str]], delimiter: str) -> _Layout | None:
    """Most rows decide, not one broken row; a first column of numbers is an id where two more follow."""
    for start, text, width in ((1, 3, 4), (0, 2, 3), (1, 0, 3)):
        timed = [row for row in rows if len(row) >= width and _both_times(row[start : start + 2])]
        # What stands before two times is no text but an id if it has digits.
        said = [row for row in timed if text or (len(row) == width and not any(map(str.isdigit, row[0])))]
        if len(said) * 2 > len(rows):
            columns = {"start": start, "end": start + 1, "text": text}
            return _Layout(delimiter, header=False, columns=columns, width=width)
    return None


def _both_times(fields: list[str]) -> bool:
    return all(parse_seconds(field) is not None for field in fields)


def _whole(row: list[str]) -> bool:
    return all(field.strip().isdecimal() for field in row[:2])


def _headed(rows: list[list[str]], delimiter: str) -> _Layout | None:
    names = [_normal(field) for row in rows for field in row]
    columns: dict[str, int] = {}
    for column, aliases in _ALIASES.items():
        found = next((names.index(alias) for alias in aliases if alias in names), None)
        if found is not None:
            columns[column] = found
    if "text" not in columns or len(names) < 2:
        return None
    whispers = delimiter == "\t" and names == _WHISPER_HEADER
    return _Layout(delimiter, header=True, columns=columns, width=len(names), whispers=whispers)


def _normal(name: str) -> str:
    name = name.strip().strip('"').lower().replace("(", "").replace(")", "")
    return "_".join(name.replace("-", " ").split())


def _add(tally: Tally, layout: _Layout, line: int, row: list[str]) -> None:
    times = _times(row, layout)
    if times is None:
        tally.leave_out("bad_cue", f"line {line} has no start and end: {layout.delimiter.join(row)[:60]!r}")
        return
    channel = _field(row, layout, "channel")
    if channel and not (channel.isdecimal() and len(channel) < 4):
        tally.leave_out("bad_channel", f"line {line}: expected a channel number, found {channel[:60]!r}")
        return
    text = " ".join((_field(row, layout, "text") or "").split())
    tally.add(Cue(*times, text, _field(row, layout, "speaker"), int(channel) if channel else None))


def _times(row: list[str], layout: _Layout) -> tuple[float, float] | None:
    start = _time(row, layout, "start")
    end = _time(row, layout, "end")
    if start is not None and end is None and "duration" in layout.columns:
        duration = _time(row, layout, "duration")
        end = None if duration is None else start + duration
    return None if start is None or end is None else (start, end)


def _time(row: list[str], layout: _Layout, column: str) -> float | None:
    field, unit = _field(row, layout, column), 1.0
    if field is None:
        field, unit = _field(row, layout, f"{column}_ms"), 1000.0
    seconds = parse_seconds(field)
    if seconds is None:
        return None
    return seconds / (1000.0 if layout.milliseconds else unit)


def _field(row: list[str], layout: _Layout, column: str) -> str | None:
    position = layout.columns.get(column)
    if position is None:
        return None
    field = row[position].strip()
    if layout.delimiter in "\t|" and len(field) > 1 and field[0] == field[-1] == '"':
        field = field[1:-1].replace('""', '"')
    return field or None


FORMAT = Format("csv", (".csv", ".tsv", ".txt"), sniff, read)
