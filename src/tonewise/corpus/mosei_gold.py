"""CMU-MOSEI's labels beside the segments of its transcripts: by the segment's number, or by its times."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tonewise.corpus.mosei_labels import KINDS, RATINGS, Label, LabelFile, clip_number
from tonewise.records import Problem

if TYPE_CHECKING:
    import pandas as pd

_TOLERANCE = 0.1  # seconds that start and end may be away together: some files are rounded


@dataclass(frozen=True, slots=True)
class Gold:
    """Labels beside the rows of an utterance table.

    Attributes:
        sentiment: −3 to 3 of each row, NaN where nobody labelled it.
        used: how many rows have a label of each file, in the order of the files.
        problems: labels that belong to no row of a video that is here.
    """

    sentiment: list[float]
    used: tuple[int, ...]
    problems: tuple[Problem, ...]


def place_labels(utterances: pd.DataFrame, files: Sequence[LabelFile]) -> Gold:
    """Give each utterance (columns `recording, segment, start, end, text`) its sentiment.

    Final labels go before tables, and tables before the mean of all raters; of two files of one kind the first counts.
    """
    segments = _Segments(utterances)
    sentiment = [math.nan] * len(utterances)
    used = dict.fromkeys((file.path for file in files), 0)
    problems: list[Problem] = []
    for batch in _batches(files):
        pooled: dict[int, list[tuple[Path, float]]] = {}
        answers: set[str] = set()
        for file in batch:
            for row, label in segments.find(file, problems):
                if label.assignment is None or label.assignment not in answers:
                    answers.add(label.assignment or "")
                    pooled.setdefault(row, []).append((file.path, label.sentiment))
        for row, values in pooled.items():
            if math.isnan(sentiment[row]):
                sentiment[row] = round(statistics.fmean(value for _, value in values), 6)
                for path in {path for path, _ in values}:
                    used[path] += 1
    return Gold(sentiment, tuple(used.values()), tuple(problems))


def _batches(files: Sequence[LabelFile]) -> list[list[LabelFile]]:
    final = sorted((file for file in files if file.kind != RATINGS), key=lambda file: KINDS.index(file.kind))
    ratings = [file for file in files if file.kind == RATINGS]
    return [[file] for file in final] + ([ratings] if ratings else [])


class _Segments:
    """Where the segments of each video are."""

    def __init__(self, utterances: pd.DataFrame) -> None:
        self._numbered: dict[tuple[str, str | None], int] = {}
        self._timed: dict[str, list[tuple[float, float, int]]] = {}
        self._texts = utterances["text"].tolist()
        columns = (utterances[name].tolist() for name in ("recording", "segment", "start", "end"))
        for row, (video, number_there, start, end) in enumerate(zip(*columns, strict=True)):
            self._numbered[video, clip_number(number_there)] = row
            self._timed.setdefault(video, []).append((start, end, row))

    def find(self, file: LabelFile, problems: list[Problem]) -> Iterator[tuple[int, Label]]:
        """The labels of a file with their rows; labels of videos that are not here are passed over."""
        lost: list[Label] = []
        other: list[Label] = []
        for label in file.labels:
            row = self._row(label)
            if row is None:
                lost.extend([label] if label.video in self._timed else [])
            elif not _same_words(label.text, self._texts[row]):
                other.append(label)
            else:
                yield row, label
        for kind, labels, what in (
            ("label_without_segment", lost, "labels of segments that the transcripts do not have"),
            ("other_text", other, "labels whose text is not that of the segment with this number: not used"),
        ):
            if labels:
                first = labels[0]
                place = first.clip if math.isnan(first.start) else f"{first.start:g} s"
                problems.append(Problem(kind, file.path.name, f"{what}, such as {first.video} {place}", len(labels)))

    def _row(self, label: Label) -> int | None:
        if math.isnan(label.start) or math.isnan(label.end):
            return self._numbered.get((label.video, label.clip))
        away = [
            (abs(start - label.start) + abs(end - label.end), row)
            for start, end, row in self._timed.get(label.video, ())
        ]
        distance, row = min(away, default=(math.inf, -1))
        return row if distance <= _TOLERANCE else None


def _same_words(one: str | None, other: str | None) -> bool:
    """Whether two texts may be of one segment: half of the words of the shorter one are in the longer one."""
    first, second = (set(re.findall(r"\w+", (text or "").lower())) for text in (one, other))
    return not first or not second or 2 * len(first & second) >= min(len(first), len(second))
