"""Tables of the Montreal Forced Aligner (`--output_format csv`): `Begin,End,Label,Type,Speaker`, a word or phone a row."""

from __future__ import annotations

import csv
import io
import itertools
from pathlib import Path

from tonewise.errors import TranscriptError
from tonewise.transcripts.clock import parse_seconds
from tonewise.transcripts.tiers import Tier, add_tiers
from tonewise.transcripts.transcript import Format, Tally, Transcript

_COLUMNS = ("begin", "end", "label", "type")


def sniff(path: Path, head: str) -> bool:
    """Whether the first line is this header."""
    return tuple(name.strip().lower() for name in head.lstrip().partition("\n")[0].split(",")[:4]) == _COLUMNS


def read(path: Path, text: str) -> Transcript:
    """Read the words of every speaker and make sentences of them.

    Raises `TranscriptError` for a table that is broken or has another header.
    """
    tally = Tally(path)
    tiers: dict[tuple[str, str | None], list[tuple[float, float, str]]] = {}
    try:
        rows = csv.reader(io.StringIO(text))
        if not sniff(path, ",".join(next(rows, []))):
            raise TranscriptError(f"{path}: expected a table with the columns Begin, End, Label, Type and Speaker")
        for number, row in enumerate(rows, start=2):
            start, end = (parse_seconds(field) for field in (*row[:2], "", "")[:2])
            label, kind, speaker = (*(field.strip() for field in row[2:5]), "", "", "")[:3]
            if start is None or end is None:
                tally.leave_out("bad_cue", f"row {number}: expected begin and end in seconds")
            else:
                tiers.setdefault((kind, speaker or None), []).append((start, end, label))
    except csv.Error as error:
        raise TranscriptError(f"{path}: cannot be read as a table ({error}); check its quotes") from error
    add_tiers(tally, list(itertools.starmap(_tier, tiers.items())))
    return tally.transcript(FORMAT.name)


def _tier(name: tuple[str, str | None], spans: list[tuple[float, float, str]]) -> Tier:
    return Tier(name[0], tuple(spans), name[1])


FORMAT = Format("mfa-csv", (".csv",), sniff, read)
