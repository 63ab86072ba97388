"""The official train, validation and test folds of CMU-MOSEI: lists of videos.

They are part of CMU-MultimodalSDK (MIT licence), in `mmsdk/mmdatasdk/dataset/standard_datasets/CMU_MOSEI/
cmu_mosei_std_folds.py`, and are read from the user's copy of that file, never run: it is parsed and its lists are taken
as literals. JSON and text files with one video a line do as well.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tonewise.errors import CorpusError, TranscriptError
from tonewise.transcripts.decoding import read_text

PARTS = ("train", "valid", "test")
FILE_NAME = "cmu_mosei_std_folds.py"

_PART = re.compile(r"train|valid|val|dev|test")
_SAME = {"val": "valid", "dev": "valid"}
_EXPECTED = f"expected {FILE_NAME} of CMU-MultimodalSDK, JSON with lists train, valid and test, or three text files"


@dataclass(frozen=True, slots=True)
class Folds:
    """Which part a video belongs to.

    Attributes:
        source: where this is from, for people.
        videos: {video: "train", "valid" or "test"}.
        several: videos that were listed in more than one part; they belong to none, since they would leak.
    """

    source: str
    videos: dict[str, str]
    several: tuple[str, ...] = field(default=())


def part_named(name: str) -> str | None:
    """The part that a name speaks of, as in `standard_valid_fold` or `dev.txt`; None if of none, or of several."""
    found = {_SAME.get(part, part) for part in _PART.findall(name.lower())}
    return found.pop() if len(found) == 1 else None


def make_folds(source: str, pairs: Iterable[tuple[str, str]]) -> Folds:
    """Folds of (video, part) pairs."""
    parts: dict[str, set[str]] = {}
    for video, part in pairs:
        parts.setdefault(video, set()).add(part)
    several = tuple(sorted(video for video, found in parts.items() if len(found) > 1))
    return Folds(source, {video: next(iter(found)) for video, found in parts.items() if len(found) == 1}, several)


def find_folds(folder: Path) -> Path | None:
    """The SDK's file of folds in a folder, or beside it; None if it is in neither."""
    candidates = (folder / FILE_NAME, folder.absolute().parent / FILE_NAME)
    return next((file for file in candidates if file.is_file()), None)


def read_folds(paths: Sequence[Path]) -> Folds:
    """Read folds from the SDK's Python file, from JSON, from three text files (one video a line), or a folder with them.

    Lists and text files are told apart by their names: `train`, `valid` (or `val`, `dev`), `test`.

    Raises:
        CorpusError: a file is missing, something else, or one of the three parts is not there.
    """
    files = [file for path in paths for file in (sorted(path.glob("*.txt")) if path.is_dir() else [path])]
    pairs = [pair for file in files for pair in _pairs(file)]
    source = ", ".join(file.name for file in files)
    missing = [part for part in PARTS if part not in {part for _, part in pairs}]
    if missing:
        named = source or ", ".join(map(str, paths))
        raise CorpusError(f"{named}: no list of videos for {' and '.join(missing)}; {_EXPECTED}")
    return make_folds(source, pairs)


def _pairs(file: Path) -> Iterator[tuple[str, str]]:
    lists = _lists(file)
    for name, videos in lists.items():
        part = part_named(name)
        if part is not None:
            yield from ((str(video).strip(), part) for video in videos if str(video).strip())


def _lists(file: Path) -> Mapping[str, Sequence[Any]]:
    try:
        text = read_text(file)
    except TranscriptError as error:
        raise CorpusError(f"{error}; {_EXPECTED}") from error
    if file.suffix.lower() == ".py":
        return _python_lists(file, text)
    if file.suffix.lower() == ".json":
        return _json_lists(file, text)
    return {file.stem: text.split()}


def _python_lists(file: Path, text: str) -> dict[str, Sequence[Any]]:
    """Lists that are assigned to names at the top of a Python file. Nothing of it is executed."""
    found: dict[str, Sequence[Any]] = {}
    try:
        for node in ast.parse(text).body:
            if (
                isinstance(node, ast.Assign)
                and isinstance(node.targets[0], ast.Name)
                and part_named(node.targets[0].id)
            ):
                found[node.targets[0].id] = _video_list(file, ast.literal_eval(node.value))
    except (SyntaxError, ValueError, TypeError, MemoryError, RecursionError) as error:
        raise CorpusError(f"{file}: its lists cannot be read ({error}); {_EXPECTED}") from error
    return found


def _json_lists(file: Path, text: str) -> dict[str, Sequence[Any]]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CorpusError(f"{file}: not JSON ({error}); {_EXPECTED}") from error
    if not isinstance(value, dict):
        raise CorpusError(f"{file}: holds no lists by name; {_EXPECTED}")
    return {name: _video_list(file, videos) for name, videos in value.items() if part_named(name)}


def _video_list(file: Path, value: object) -> Sequence[Any]:
    if isinstance(value, list | tuple | set) and all(isinstance(video, str | int) for video in value):
        return sorted(map(str, value)) if isinstance(value, set) else list(value)
    raise CorpusError(f"{file}: a fold is a list of videos' names; {_EXPECTED}")
