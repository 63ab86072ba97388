"""Earnings calls (Qin & Yang, ACL 2019): a folder a call with one clip a sentence and all sentences in one file.

`Audio/Name_paragraph_sentence.mp3` and `Text.txt`, one sentence a line in the order of the clips' numbers.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

from tonewise.corpus.files import recordings_in
from tonewise.corpus.layout import Layout
from tonewise.corpus.utterance_table import table_of_rows
from tonewise.errors import CorpusError, TranscriptError
from tonewise.records import Corpus, Problem
from tonewise.transcripts.decoding import read_text

_CLIP = re.compile(r"(?P<speaker>.+)_(?P<paragraph>\d+)_(?P<sentence>\d+)")


def recognise(path: Path) -> bool:
    """Whether it is the folder of a call, or one of such folders."""
    return path.is_dir() and bool(_calls(path))


def read(path: Path, require_audio: bool) -> Corpus:
    """Read one call or a folder of calls; a recording is a call, a speaker the name in its clips.

    A call whose clips and sentences cannot be paired without guessing is left out and reported. Raises
    `CorpusError` if no call is left.
    """
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    for call in _calls(path):
        found = _read_call(call)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            rows.extend(found)
    if not rows:
        raise CorpusError(f"{path}: no call can be read; {problems[0].subject}: {problems[0].detail}")
    return Corpus(str(path), LAYOUT.name, table_of_rows(rows), tuple(problems))


def _calls(path: Path) -> list[Path]:
    if _is_call(path):
        return [path]
    return sorted(child for child in path.iterdir() if _is_call(child))


def _is_call(path: Path) -> bool:
    return (path / "Text.txt").is_file() and (path / "Audio").is_dir()


def _read_call(call: Path) -> list[dict[str, Any]] | Problem:
    name = call.absolute().name
    clips = recordings_in(call / "Audio")
    try:
        sentences = [line.strip() for line in read_text(call / "Text.txt").split("\n") if line.strip()]
    except TranscriptError as error:
        return Problem("bad_transcript", name, str(error), len(clips))
    if len(clips) != len(sentences):
        detail = f"{len(clips)} clips but {len(sentences)} sentences: which is which is unknown, so it is left out"
        return Problem("count_mismatch", name, detail, len(clips))
    numbered = [(_CLIP.fullmatch(clip.stem), clip) for clip in clips]
    order = [(int(match["paragraph"]), int(match["sentence"])) for match, _ in numbered if match]
    if len(order) != len(clips) or max(Counter(order).values()) > 1:
        detail = "clips without numbers, or several with the same: their order is unknown"
        return Problem("unknown_order", name, detail, len(clips))
    ordered = [pair for _, pair in sorted(zip(order, numbered, strict=True), key=lambda item: item[0])]
    return [
        {
            "audio": str(clip.absolute()),
            "recording": name,
            "speaker": match["speaker"],
            "language": "en",
            "text": text,
        }
        for (match, clip), text in zip(ordered, sentences, strict=True)
        if match
    ]


LAYOUT = Layout("earnings", recognise, read)
