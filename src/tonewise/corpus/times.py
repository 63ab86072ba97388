"""Times of utterances against the recordings they point into."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from tonewise.records import Corpus, Problem

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MIN_SECONDS = 0.1  # what is shorter holds no syllable
_ROUNDING = 1e-9  # seconds: 0.3 - 0.2 is a little less than 0.1
_TOLERANCE = 0.05  # seconds an end may lie past the file before it is told of: rounding, padding of codecs

_DETAILS = {
    "negative_start": "begins before the recording: moved to its beginning",
    "reversed": "ends before it begins, or when it begins: left out",
    "beyond_end": "ends after the recording: cut there",
    "outside": "lies outside the recording: left out",
    "overlap": "begins before the utterance before it has ended: moved to that end",
    "overlap_left_out": "lies within the utterances before it: left out",
    "too_short": f"is shorter than {MIN_SECONDS} s: left out",
}


def check_times(corpus: Corpus, durations: Mapping[str, float]) -> Corpus:
    """Make start and end of every utterance finite and within its recording; `durations` are seconds by audio path.

    Utterances of recordings that are not in `durations` are left out without a word: whoever could not read
    them tells. The rest is clamped, moved (overlaps on one channel) or left out, with one `Problem` a kind,
    as `_DETAILS` tells. Utterances without times are the whole recording and never overlap. Order is kept;
    O(n log n).
    """
    table = corpus.utterances
    table = table[table["audio"].isin(list(durations)).to_numpy()].reset_index(drop=True)
    length = table["audio"].map(dict(durations)).to_numpy(dtype="float64")
    start, end, found = _within_recordings(table, length)
    keep = ~(found["reversed"] | found["outside"])
    stated = table["start"].notna().to_numpy() | table["end"].notna().to_numpy()
    moved = _without_overlaps(table, start, end, keep & stated)

    short = end - moved < MIN_SECONDS - _ROUNDING
    found["overlap_left_out"] = keep & short & (moved > start)
    found["overlap"] = keep & ~short & (moved > start)
    found["too_short"] = keep & short & ~(moved > start)
    problems = tuple(_problem(corpus, table, kind, found[kind]) for kind in _DETAILS if found[kind].any())
    checked = table.assign(start=moved, end=end)[keep & ~short].reset_index(drop=True)
    return replace(corpus, utterances=checked, problems=corpus.problems + problems)


def _within_recordings(table: pd.DataFrame, length: np.ndarray) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Start and end clamped to the recordings, and the rows of each kind of problem."""
    import numpy as np

    stated_start, stated_end = (table[name].to_numpy(dtype=np.float64) for name in ("start", "end"))
    start = np.where(np.isnan(stated_start), 0.0, stated_start)
    end = np.where(np.isnan(stated_end), length, stated_end)
    backwards = stated_end <= stated_start
    # "not <" rather than ">=": a recording whose length is NaN holds nothing.
    outside = ~backwards & ~((start < length) & (end > 0.0))
    inside = ~(backwards | outside)
    found = {
        "reversed": backwards,
        "outside": outside,
        "negative_start": inside & (start < 0.0),
        "beyond_end": inside & (end > length + _TOLERANCE),
    }
    return np.maximum(start, 0.0), np.minimum(end, length), found


def _without_overlaps(table: pd.DataFrame, start: np.ndarray, end: np.ndarray, keep: np.ndarray) -> np.ndarray:
    """Starts moved to the latest end before them on the same channel of the same file, by those that stay."""
    import numpy as np
    import pandas as pd

    files = pd.factorize(table["audio"])[0].astype(np.int64)
    channels = pd.factorize(table["channel"])[0].astype(np.int64)
    track = files * (len(table) + 1) + channels + 1  # no channel is -1
    rows = np.flatnonzero(keep)
    rows = rows[np.lexsort((start[rows], track[rows]))]
    starts, ends = start[rows].tolist(), end[rows].tolist()
    current, ended = -1, -math.inf
    # Whether an utterance stays depends on those that stayed before it: a loop (0.4 s for a million rows).
    for position, key in enumerate(track[rows].tolist()):
        if key != current:
            current, ended = key, -math.inf
        starts[position] = max(starts[position], ended)
        if ends[position] - starts[position] >= MIN_SECONDS - _ROUNDING:
            ended = ends[position]
    moved = start.copy()
    moved[rows] = starts
    return moved


def _problem(corpus: Corpus, table: pd.DataFrame, kind: str, rows: np.ndarray) -> Problem:
    recordings = table["recording"][rows].unique()
    subject = str(recordings[0]) if len(recordings) == 1 else corpus.source
    count = int(rows.sum())
    return Problem(kind, subject, f"an utterance {_DETAILS[kind]}", count)
