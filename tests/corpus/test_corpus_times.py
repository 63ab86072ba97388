import math
import time
from typing import Any

import numpy as np
import pytest

from tonewise.corpus import MIN_SECONDS, check_times
from tonewise.corpus.utterance_table import table_of_rows
from tonewise.records import Corpus, Problem

NAN = math.nan
DURATIONS = {"/a.wav": 10.0, "/b.wav": 5.0}


def corpus(*rows: tuple[Any, ...]) -> Corpus:
    keys = ("audio", "start", "end", "channel", "text")
    records = [{**dict(zip(keys, row, strict=False)), "recording": row[0][1], "mark": n} for n, row in enumerate(rows)]
    return Corpus("calls", "manifest", table_of_rows(records), (Problem("earlier", "calls", "kept"),))


def times(checked: Corpus) -> list[list[float]]:
    return checked.utterances[["start", "end"]].to_numpy().tolist()


def kinds(checked: Corpus) -> dict[str, int]:
    assert checked.problems[0].kind == "earlier"
    return {problem.kind: problem.count for problem in checked.problems[1:]}


@pytest.mark.parametrize(
    ("start", "end", "expected", "kind"),
    [
        (1.0, 2.0, [1.0, 2.0], None),
        (NAN, NAN, [0.0, 10.0], None),
        (NAN, 2.0, [0.0, 2.0], None),
        (8.0, NAN, [8.0, 10.0], None),
        (8.0, 10.05, [8.0, 10.0], None),
        (8.0, 10.06, [8.0, 10.0], "beyond_end"),
        (-0.01, 2.0, [0.0, 2.0], "negative_start"),
        (2.0, 2.0, None, "reversed"),
        (2.0, 1.0, None, "reversed"),
        (10.0, 11.0, None, "outside"),
        (12.0, NAN, None, "outside"),
        (-2.0, -1.0, None, "outside"),
        (NAN, -1.0, None, "outside"),
        (1.0, 1.0 + MIN_SECONDS, [1.0, 1.1], None),
        (1.0, 1.09, None, "too_short"),
        (9.95, 10.04, None, "too_short"),
        (-1.0, 0.05, None, "too_short"),
    ],
)
def test_one_utterance(start: float, end: float, expected: list[float] | None, kind: str | None) -> None:
    checked = check_times(corpus(("/a.wav", start, end)), DURATIONS)
    assert times(checked) == ([] if expected is None else [expected])
    counts = kinds(checked)
    if expected is None:
        counts.pop("negative_start", None)
    assert counts == ({} if kind is None else {kind: 1})
    assert all(problem.subject == "a" for problem in checked.problems[1:])


def test_overlaps_begin_where_the_utterance_before_ended() -> None:
    checked = check_times(
        corpus(
            ("/a.wav", 3.5, 5.0),
            ("/a.wav", 0.0, 2.0),
            ("/a.wav", 1.5, 4.0),
            ("/a.wav", 2.5, 4.05),  # 0.05 s are left
            ("/a.wav", 5.0, 6.0),
        ),
        DURATIONS,
    )
    assert times(checked) == [[4.0, 5.0], [0.0, 2.0], [2.0, 4.0], [5.0, 6.0]]
    assert kinds(checked) == {"overlap": 2, "overlap_left_out": 1}


def test_what_is_left_out_does_not_push_others() -> None:
    rows = [("/a.wav", 0.0, 2.0), *(("/a.wav", 1.0, 2.0 + n / 20) for n in (1, 3, 4))]
    assert times(check_times(corpus(*rows), DURATIONS)) == [[0.0, 2.0], [2.0, 2.15]]


def test_no_overlap_between_files_channels_and_whole_recordings() -> None:
    rows = [
        ("/a.wav", 0.0, 2.0, None),
        ("/b.wav", 0.0, 2.0, None),
        ("/a.wav", 0.0, 2.0, 0),
        ("/a.wav", 1.0, 2.0, 1),
        ("/a.wav", NAN, NAN, 1),
        ("/a.wav", NAN, NAN, 1),
    ]
    checked = check_times(corpus(*rows), DURATIONS)
    assert times(checked) == [[0.0, 2.0], [0.0, 2.0], [0.0, 2.0], [1.0, 2.0], [0.0, 10.0], [0.0, 10.0]]
    assert kinds(checked) == {}


def test_unreadable_and_empty_files() -> None:
    rows = [("/gone.wav", 0.0, 1.0), ("/a.wav", 0.0, 1.0), ("/b.wav", NAN, NAN), ("/c.wav", 0.0, 1.0)]
    checked = check_times(corpus(*rows), {"/a.wav": 10.0, "/b.wav": 0.0, "/c.wav": NAN})
    assert checked.utterances["audio"].tolist() == ["/a.wav"]
    assert kinds(checked) == {"outside": 2}
    assert checked.problems[1].subject == "calls"


def test_other_columns_and_the_index_follow() -> None:
    checked = check_times(corpus(("/a.wav", 2.0, 1.0), ("/a.wav", 1.0, 2.0, 1, "Hi")), DURATIONS)
    table = checked.utterances
    assert (table.index.tolist(), table["mark"].tolist(), table["text"].tolist()) == ([0], [1], ["Hi"])
    assert table["channel"].tolist() == [1]


def test_nothing_left() -> None:
    checked = check_times(corpus(("/a.wav", 0.0, 1.0)), {})
    assert len(checked.utterances) == 0
    assert kinds(checked) == {}


def test_the_corpus_given_is_not_changed() -> None:
    given = corpus(("/a.wav", -1.0, 2.0))
    check_times(given, DURATIONS)
    assert times(given) == [[-1.0, 2.0]]


def test_random_times_come_out_finite_ordered_and_apart() -> None:
    rng = np.random.default_rng(7)
    starts = rng.uniform(-1, 11, 3000)
    ends = starts + rng.uniform(-0.5, 1.5, 3000)
    starts[::50], ends[::70] = NAN, NAN
    rows = [
        (f"/{'ab'[n % 2]}.wav", start, end, (None, 0, 1)[n % 3])
        for n, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]
    began = time.perf_counter()
    table = check_times(corpus(*rows), DURATIONS).utterances
    assert time.perf_counter() - began < 1.0
    length = table["audio"].map(DURATIONS)
    assert ((table["start"] >= 0) & (table["end"] <= length)).all()
    assert (table["end"] - table["start"] >= MIN_SECONDS - 1e-9).all()
    whole = [math.isnan(starts[n]) and math.isnan(ends[n]) for n in table["mark"]]
    for _, track in table[~np.array(whole)].groupby(["audio", "channel"], dropna=False):
        ordered = track.sort_values("start")
        assert (ordered["start"].to_numpy()[1:] >= ordered["end"].to_numpy()[:-1]).all()
