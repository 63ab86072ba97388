"""MELD (Poria et al., ACL 2019): a CSV of dialogue lines and one clip a line, `dia{D}_utt{U}.mp4`.

`StartTime` and `EndTime` are places in the television episode, not in the clip, and are not used.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tonewise.corpus.files import recordings_below
from tonewise.corpus.layout import Layout
from tonewise.corpus.tabular import column_names, is_table, read_tabular
from tonewise.corpus.utterance_table import table_of_rows
from tonewise.errors import CorpusError
from tonewise.records import Corpus, Problem

_COLUMNS = ("Utterance", "speaker", "Dialogue_ID", "Utterance_ID")
_GOLD = ("Sentiment", "Emotion")
_CLIP = re.compile(r"dia\d+_utt\d+")
_SPLIT = re.compile(r"(?<![a-z])(?:train|dev|test)(?![a-z])")


def recognise(path: Path) -> bool:
    """Whether it is a table with MELD's columns, or a folder with one in it."""
    return bool(_tables(path))


def read(path: Path, require_audio: bool) -> Corpus:
    """Read MELD's table, or all such tables of a folder, one utterance a clip.

    A recording is a dialogue, `dia{D}`, with the table's name in front where there are several, because each
    numbers its dialogues from 0; `sentiment` and `emotion` are the user's columns. Clips lie beside the table
    or below; one whose path names another split (train, dev, test) than the table's name is not taken.
    Missing clips are left out and counted unless `require_audio` is False. Raises `CorpusError` if all are
    missing.
    """
    tables = _tables(path)
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    below = recordings_below(path if path.is_dir() else path.parent, problems)
    for table in tables:
        clips = _clips(table, below)
        found, ambiguous = _rows(table, clips, f"{table.stem}/" if len(tables) > 1 else "")
        rows.extend(row for row in found if row["audio"] or not require_audio)
        missing = sum(row["audio"] is None for row in found) - ambiguous
        if ambiguous:
            detail = "several clips of one name lie below its folder: which one is meant is unknown"
            problems.append(Problem("ambiguous_audio", str(table), detail, ambiguous))
        if missing and require_audio:
            detail = f"no clip dia{{D}}_utt{{U}} for {missing} of {len(found)} lines of {table.name}"
            problems.append(Problem("missing_audio", str(table), detail, missing))
    if not rows:
        why = problems[-1].detail if problems else "no rows"
        raise CorpusError(f"{path}: no utterance of MELD can be read ({why}); put the clips beside the table or below")
    return Corpus(str(path), LAYOUT.name, table_of_rows(rows), tuple(problems))


def _tables(path: Path) -> list[Path]:
    candidates = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    return [file for file in candidates if is_table(file) and set(_COLUMNS) <= set(column_names(file))]


def _clips(table: Path, below: list[Path]) -> dict[str, list[Path]]:
    """Those of the recordings below its folder, by stem, that may be clips of the table."""
    own = set(_SPLIT.findall(table.stem.lower()))
    clips: dict[str, list[Path]] = {}
    for file in below:
        if _CLIP.fullmatch(file.stem):
            named = set(_SPLIT.findall(str(file.parent.relative_to(table.parent)).lower()))
            if not (own and named) or own & named:
                clips.setdefault(file.stem, []).append(file)
    return clips


def _rows(table: Path, clips: dict[str, list[Path]], prefix: str) -> tuple[list[dict[str, Any]], int]:
    """Rows of a table, and for how many of them there are several clips."""
    tabular = read_tabular(table, known=(*_COLUMNS, *_GOLD))
    none = [None] * len(tabular)
    columns: list[Sequence[str | None]] = [
        tabular.known[name].tolist() if name in tabular.known else none for name in (*_COLUMNS, *_GOLD)
    ]
    rows, several = [], 0
    for text, speaker, dialogue, utterance, sentiment, emotion in zip(*columns, strict=True):
        candidates = clips.get(f"dia{dialogue}_utt{utterance}", [])
        several += len(candidates) > 1
        rows.append(
            {
                "audio": str(candidates[0].absolute()) if len(candidates) == 1 else None,
                "recording": f"{prefix}dia{dialogue}",
                "speaker": speaker,
                "language": "en",
                "text": text,
                "sentiment": sentiment,
                "emotion": emotion,
            }
        )
    return rows, several


LAYOUT = Layout("meld", recognise, read)
