"""What people said of CMU-MOSEI's segments: sentiment from −3 (highly negative) to 3 (highly positive).

Three kinds of file are about, and each is recognised by what is in it:

- *sequence*: `CMU_MOSEI_Labels.csd` of CMU-MultimodalSDK (HDF5; needs h5py), the final labels: by video and times.
- *table*: a CSV or Parquet table with one row a segment, made from these. Known are `video_id, clip_id, text, label, …,
  mode` (MMSA), `file, index, start, end, …, label7, split` (S3PRL; whole numbers, `split` 0 train, 1 valid, 2 test,
  3 none), `video, start_time, end_time, sentiment, …`, and any table with such columns.
- *ratings*: the CSVs of the raw archive's folder `Labels`, one row a rater, from Amazon Mechanical Turk
  (`Input.VIDEO_ID, Input.CLIP, Answer.sentiment`). The label is the mean over the raters; rejected answers do not count.

A clip's number in tables and ratings is the segment's number in the transcripts (A. Zadeh, CMU-MultimodalSDK issue 160);
`index` in S3PRL's is not, and such rows are found by their times, which all files copy from the transcripts.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tonewise.corpus.mosei_folds import part_named
from tonewise.corpus.tabular import column_names, is_table, read_tabular
from tonewise.errors import CorpusError, MissingExtraError

SEQUENCE, TABLE, RATINGS = KINDS = ("sequence", "table", "ratings")  # final labels before those that we average

HIGHEST = 3.0  # of the seven points from -3 to 3
_STRAY = 0.01  # share of labels off the scale up to which they are slips, not another scale

#: Names of columns, in lower case, by what they hold; the first that is there counts.
_COLUMNS = {
    "video": ("input.video_id", "video_id", "video", "videoid", "vid", "file"),
    "clip": ("input.clip", "clip_id", "clip", "segment"),
    "start": ("start", "start_time"),
    "end": ("end", "end_time"),
    "sentiment": ("answer.sentiment", "sentiment", "sentiment_mean", "label7", "label"),
    "text": ("text",),
    "fold": ("split", "mode", "fold"),
    "status": ("assignmentstatus",),
    "assignment": ("assignmentid",),
}
_SPLIT_NUMBERS = ("train", "valid", "test")  # of S3PRL's column `split`


@dataclass(frozen=True, slots=True)
class Label:
    """What a file says of one segment, or one rater of it. `clip` is the segment's number, None where times tell.

    `assignment` names the rater's answer: the lab's files overlap, and an answer counts once.
    """

    video: str
    sentiment: float
    clip: str | None = None
    start: float = math.nan  # seconds
    end: float = math.nan
    text: str | None = None
    fold: str | None = None
    assignment: str | None = None


@dataclass(frozen=True, slots=True)
class LabelFile:
    """Labels of one file; `kind` is one of `KINDS`, `left_out` says how many rows were not used, by reason."""

    path: Path
    kind: str
    labels: tuple[Label, ...]
    left_out: dict[str, int]


def find_label_files(folder: Path) -> list[Path]:
    """Files that hold labels: in a folder, in its `Labels`, and the SDK's also beside it."""
    places = [place for place in (folder, folder / "Labels") if place.is_dir()]
    tables = [file for place in places for file in sorted(place.iterdir()) if _roles(file)]
    sequences = [file for place in (*places, folder.absolute().parent) for file in sorted(place.glob("*abels*.csd"))]
    return sequences + tables


def read_labels(path: Path) -> LabelFile:
    """Read labels in any of the known forms.

    Raises:
        CorpusError: the file is missing, holds something else, or labels on another scale.
        MissingExtraError: a computational sequence, without h5py.
    """
    if path.suffix.lower() == ".csd":
        return _checked(path, SEQUENCE, _sequence(path), {})
    if not path.is_file():
        raise CorpusError(f"{path}: no such file; expected a table of CMU-MOSEI's labels")
    roles = _roles(path)
    if not roles:
        found = ", ".join(column_names(path)[:12]) or "none"
        raise CorpusError(
            f"{path}: no table of CMU-MOSEI's labels (columns: {found}); expected columns for the video, for the clip's "
            "number or its start and end, and for the sentiment, such as video_id, clip_id, label"
        )
    left_out: dict[str, int] = {}
    kind = RATINGS if roles["sentiment"].lower() == "answer.sentiment" else TABLE
    return _checked(path, kind, list(_table(path, roles, left_out)), left_out)


def _checked(path: Path, kind: str, labels: list[Label], left_out: dict[str, int]) -> LabelFile:
    """Without labels off the scale; many of them are another scale, which nobody can guess."""
    good = tuple(label for label in labels if abs(label.sentiment) <= HIGHEST)
    stray = len(labels) - len(good)
    if stray > _STRAY * len(labels):
        wrong = next(label.sentiment for label in labels if abs(label.sentiment) > HIGHEST)
        raise CorpusError(f"{path}: {stray} of its labels lie outside −3 to 3, such as {wrong:g}; it is another scale")
    if not good:
        raise CorpusError(f"{path}: not one of its labels is a number; expected sentiment from −3 to 3")
    return LabelFile(path, kind, good, left_out | ({"off_scale": stray} if stray else {}))


def _roles(path: Path) -> dict[str, str]:
    """Columns of a table by what they hold; empty where it holds no labels of segments."""
    if not is_table(path) or path.name.startswith("."):
        return {}
    names = {name.strip().lower(): name for name in reversed(column_names(path))}
    roles = {
        role: next(names[name] for name in known if name in names)
        for role, known in _COLUMNS.items()
        if any(name in names for name in known)
    }
    located = "clip" in roles or {"start", "end"} <= set(roles)
    return roles if located and {"video", "sentiment"} <= set(roles) else {}


def _table(path: Path, roles: dict[str, str], left_out: dict[str, int]) -> Iterator[Label]:
    """Labels of a table's rows; `left_out` counts the rows without one and the rejected answers."""
    known = read_tabular(path, known=set(roles.values())).known
    cells = {role: known[name].tolist() for role, name in roles.items()}
    fold_of = _numbered_fold if "label7" in roles.values() else _named_fold
    for values in zip(*cells.values(), strict=True):
        row = dict(zip(cells, values, strict=True))
        label = _label(row, fold_of)
        if label is not None and (row.get("status") or "").lower() != "rejected":
            yield label
        else:
            reason = "unlabelled" if label is None else "rejected"
            left_out[reason] = left_out.get(reason, 0) + 1


def _label(row: dict[str, Any], fold_of: Callable[[Any], str | None]) -> Label | None:
    sentiment, video = number(row["sentiment"]), row["video"]
    if not video or math.isnan(sentiment):
        return None
    return Label(
        # One of the lab's files names a video by its folder, too: "pom/<video>".
        str(video).rsplit("/", 1)[-1].removesuffix(".mp4").removesuffix(".wav"),
        sentiment,
        clip_number(row.get("clip")),
        number(row.get("start")),
        number(row.get("end")),
        row.get("text"),
        fold_of(row.get("fold")),
        row.get("assignment"),
    )


def _named_fold(value: Any) -> str | None:
    return part_named(value) if isinstance(value, str) else None


def _numbered_fold(value: Any) -> str | None:
    place = number(value)
    return _SPLIT_NUMBERS[int(place)] if place in (0, 1, 2) else _named_fold(value)


def number(value: Any) -> float:
    """A finite number, or NaN."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        return math.nan
    return found if math.isfinite(found) else math.nan


def clip_number(value: Any) -> str | None:
    """A segment's number as the transcripts write it: `0003` and `3.0` are 3; other names stay as they are."""
    text = "" if value is None else str(value).strip()
    found = number(text)
    return str(int(found)) if found.is_integer() else text or None


def _sequence(path: Path) -> list[Label]:
    """Labels of a computational sequence: `<name>/data/<video>/{intervals (n, 2) in seconds, features (n, 7)}`.

    The first of the seven is the sentiment; the SDK's older file of sentiment alone has one.
    """
    try:
        h5py: Any = importlib.import_module("h5py")
    except ImportError as error:
        raise MissingExtraError(f"{path.name} (HDF5)", "mosei") from error
    labels: list[Label] = []
    try:
        with h5py.File(path, "r") as file:
            for video, group in next(iter(file.values()))["data"].items():
                intervals, features = group["intervals"][()], group["features"][()]
                if features.shape[1] not in (1, 7):
                    raise CorpusError(f"{path}: {features.shape[1]} numbers a segment; expected 7, sentiment first")
                labels.extend(
                    Label(video, number(values[0]), None, float(start), float(end))
                    for (start, end), values in zip(intervals, features, strict=True)
                )
    except (OSError, LookupError, TypeError, ValueError, AttributeError, StopIteration) as error:
        raise CorpusError(f"{path}: not a computational sequence of labels ({error}); download it again") from error
    return [label for label in labels if not math.isnan(label.sentiment)]
