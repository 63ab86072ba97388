"""Recordings of strangers: each is checked before it is heard, once; what does harm is left out and told."""

from __future__ import annotations

import csv
import json
import os
import signal
import sys
import threading
import time

import numpy as np
import pandas as pd
import pytest
import soundfile
from click.testing import CliRunner

import tonewise
from tonewise.audio import Limits, checking
from tonewise.audio.checking import CRASHED, TIMED_OUT, Checker, Outcome
from tonewise.cli import main
from tonewise.errors import CorpusError, InputError
from tonewise.pipeline import inspect, spreading_table
from tonewise.pipeline.reading import audible, read_corpora
from tonewise.pipeline.scoring import score_many
from tonewise.pipeline.spreading_table import feature_table
from tonewise.pipeline.untrusted import Door, let_in

LIMITS = Limits(channels=4)
HANGING = "import time; print('{\"ready\": true}', flush=True); time.sleep(100)"


@pytest.fixture
def mixed(corpus_maker, tmp_path):
    """A corpus of six speakers, and one recording of eight channels that is beyond the limits."""
    manifest = corpus_maker(tmp_path / "corpus", speakers=6, each=12)
    soundfile.write(manifest.parent / "wide.wav", np.zeros((32_000, 8)), 16_000)
    with manifest.open("a", newline="", encoding="utf-8") as stream:
        rows = csv.writer(stream)
        rows.writerow(["wide.wav", "0", "1", "I love it.", "s9", "en", "positive"])
        rows.writerow(["wide.wav", "1", "2", "I hate it.", "s9", "en", "negative"])
    return manifest


@pytest.fixture
def unchecked(monkeypatch):
    """Checking is a failure from now on."""

    def forbid():
        monkeypatch.setattr(Checker, "examine", lambda *_: pytest.fail("checked again"))

    return forbid


def answered(monkeypatch, outcome):
    """Every file is checked with this outcome; returns the list of files."""
    files = []
    monkeypatch.setattr(Checker, "examine", lambda _, path: files.append(path) or outcome)
    return files


def test_harmful_recordings_are_left_out_of_a_corpus(mixed, tmp_path):
    trusted = read_corpora(mixed)
    checked = read_corpora(mixed, untrusted=LIMITS, cache=tmp_path / "cache", jobs=2)
    assert len(checked.utterances) == len(trusted.utterances) - 2
    (problem,) = checked.problems[len(trusted.problems) :]
    assert (problem.kind, problem.subject, problem.count) == ("bad_audio", "wide.wav", 2)
    assert "has 8 channels" in problem.detail
    assert list(checked.utterances.index) == list(range(len(checked.utterances)))


def test_nothing_is_checked_twice(mixed, tmp_path, unchecked):
    cache = tmp_path / "cache"
    first = read_corpora(mixed, untrusted=LIMITS, cache=cache)
    unchecked()
    again = read_corpora(mixed, untrusted=LIMITS, cache=cache)
    assert again.problems == first.problems
    moved = mixed.parent / "moved.wav"
    (mixed.parent / "wide.wav").rename(moved)  # it is known by its bytes, and told by its name
    with Door(LIMITS, cache=cache) as door:
        assert door.refused([moved])[str(moved)].startswith(f"{moved} has 8 channels")


def test_other_limits_and_other_bytes_are_checked_anew(mixed, tmp_path, monkeypatch):
    cache, file = tmp_path / "cache", mixed.parent / "speaker0.wav"
    crash = Outcome(CRASHED, f"{file} made the decoder crash")
    with Door(LIMITS, cache=cache) as door:
        assert door.refused([file]) == {}
    files = answered(monkeypatch, crash)
    with Door(LIMITS, cache=cache) as door:
        assert door.refused([file]) == {} and not files
    with Door(Limits(channels=3), cache=cache) as door:
        assert door.refused([file]) == {str(file): crash.why} and len(files) == 1
    soundfile.write(file, np.zeros(100), 16_000)
    with Door(LIMITS, cache=cache) as door:
        assert door.refused([file]) == {str(file): crash.why} and len(files) == 2


def test_what_took_too_long_is_tried_again(mixed, tmp_path, monkeypatch):
    file = mixed.parent / "speaker0.wav"
    files = answered(monkeypatch, Outcome(TIMED_OUT, "slow", lasting=False))
    for _ in range(2):
        with Door(LIMITS, cache=tmp_path / "cache") as door:
            assert door.refused([file]) == {str(file): "slow"}
    assert len(files) == 2


def test_an_interrupt_waits_for_no_file(mixed, tmp_path, monkeypatch):
    monkeypatch.setattr(checking, "_command", lambda _: [sys.executable, "-c", HANGING])
    files = [mixed.parent / f"speaker{number}.wav" for number in range(6)]
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where tests run in the background
    timer = threading.Timer(1.5, os.kill, (os.getpid(), signal.SIGINT))
    began = time.monotonic()
    try:
        with Door(Limits(seconds=100), cache=tmp_path / "cache", jobs=2) as door:
            timer.start()
            with pytest.raises(KeyboardInterrupt):
                door.refused(files)
    finally:
        signal.signal(signal.SIGINT, before)
    assert time.monotonic() - began < 20
    assert not (tmp_path / "cache" / "checked.jsonl").exists()


def test_a_name_of_several_lines_is_remembered_by_the_bytes_alone(mixed, tmp_path, unchecked):
    odd = mixed.parent / "two\nlines  and 'quotes'.wav"
    (mixed.parent / "wide.wav").rename(odd)
    with Door(LIMITS, cache=tmp_path) as door:
        assert "has 8 channels" in door.refused([odd])[str(odd)]
    odd.rename(mixed.parent / "again.wav")
    unchecked()
    with Door(LIMITS, cache=tmp_path) as door:
        (why,) = door.refused([mixed.parent / "again.wav"]).values()
    assert why.startswith(f"{mixed.parent / 'again.wav'} has 8 channels")


def test_a_memory_that_is_damaged_is_forgotten(mixed, tmp_path):
    file = mixed.parent / "speaker0.wav"
    with Door(LIMITS, cache=tmp_path) as door:
        door.admit(file)
    (tmp_path / "checked.jsonl").write_bytes(b'["half a li\n[1, 2]\n{}\n\xff\n' + b"[" * 100_000)
    with Door(LIMITS, cache=tmp_path) as door:
        assert door.refused([file, mixed.parent / "gone.wav"]) == {
            str(mixed.parent / "gone.wav"): f"{mixed.parent / 'gone.wav'} does not exist; check the path"
        }


def test_a_cache_that_cannot_be_written_stops_nothing(mixed, tmp_path):
    (tmp_path / "file").write_text("no folder")
    with Door(LIMITS, cache=tmp_path / "file") as door:
        assert door.refused([mixed.parent / "speaker0.wav"]) == {}


def test_without_limits_the_door_is_open(mixed, unchecked):
    unchecked()
    with Door(None, cache=False) as door:
        door.admit(mixed.parent / "wide.wav")
        assert door.refused([mixed.parent / "wide.wav"]) == {}
    assert let_in(["a", "b"], None) == (["a", "b"], [])


def test_a_corpus_of_nothing_else_is_told(mixed):
    only = mixed.with_name("only.csv")
    only.write_text("audio,start,end,text\nwide.wav,0,1,I love it.\n")
    with pytest.raises(CorpusError, match="has no utterance that can be heard") as caught:
        audible(read_corpora(only, untrusted=LIMITS, cache=False), jobs=1)
    assert "has 8 channels" in str(caught.value)


def test_inspect_shows_what_is_left_out(mixed, tmp_path):
    found = inspect(mixed, untrusted=LIMITS, cache=tmp_path)
    assert found.unreadable == 1 and found.sound.recordings == 6
    (problem,) = (each for each in found.problems if each.kind == "bad_audio")
    assert problem.utterances == 2 and "8 channels" in problem.examples[0]


def test_training_and_scoring_leave_strangers_harm_out(mixed, tmp_path):
    options = {
        "features": "melstats",
        "labels": "mood",
        "audit": False,
        "cache": tmp_path / "cache",
        "untrusted": LIMITS,
    }
    result = tonewise.train(mixed, tmp_path / "model", **options)
    assert [problem.subject for problem in result.problems if problem.kind == "bad_audio"] == ["wide.wav"]
    recordings = [mixed.parent / name for name in ("wide.wav", "speaker0.wav", "gone.wav")]
    scored, failed = score_many(result.model, recordings, cache=tmp_path / "cache", untrusted=LIMITS)
    assert [score.recording for score in scored] == [str(recordings[1])]
    assert [(problem.subject, problem.kind) for problem in failed] == [
        ("wide.wav", "bad_recording"),
        ("gone.wav", "bad_recording"),
    ]


def test_the_option_is_offered(mixed, tmp_path):
    arguments = ["inspect", str(mixed), "--untrusted", "--cache", str(tmp_path / "cache"), "--json"]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0
    assert json.loads(done.stdout)["sound"]["recordings"] == 7  # eight channels are within the usual limits
    assert len((tmp_path / "cache" / "checked.jsonl").read_text().split()) >= 7
    for command in ("score", "transcribe"):  # those of a corpus: tests/cli/test_reading_options.py
        assert "--untrusted" in CliRunner().invoke(main, [command, "--help"]).stdout


def test_features_leave_strangers_harm_out(mixed, tmp_path):
    asked = {"features": ("melstats",), "cache": tmp_path / "cache"}
    feature_table(mixed, tmp_path / "trusting.parquet", **asked)
    made = feature_table(mixed, tmp_path / "checked.parquet", **asked, untrusted=LIMITS)
    trusting, checked = (pd.read_parquet(tmp_path / f"{name}.parquet") for name in ("trusting", "checked"))
    assert trusting["melstats"].notna().all() and made.heard == len(checked) - 2 == 72
    assert checked["problem"][72:].str.contains("has 8 channels").all() and checked["problem"][:72].isna().all()
    assert np.array_equal(np.stack(checked["melstats"][:72]), np.stack(trusting["melstats"][:72]))
    assert [(each.kind, each.subject, each.count) for each in made.problems] == [("bad_audio", "wide.wav", 2)]


def test_features_that_were_made_trustingly_are_not_taken_over(mixed, tmp_path, monkeypatch):
    asked = {"features": ("melstats",), "cache": False}
    monkeypatch.setattr(spreading_table, "write_joined", lambda *_: pytest.fail("killed before the end"))
    with pytest.raises(pytest.fail.Exception):
        feature_table(mixed, tmp_path / "f.parquet", **asked)
    monkeypatch.undo()
    made = feature_table(mixed, tmp_path / "f.parquet", **asked, untrusted=LIMITS)
    assert made.resumed == 0 and made.heard == 72


def test_features_of_harm_alone_are_an_error(mixed, tmp_path):
    only = mixed.with_name("only.csv")
    only.write_text("audio,start,end,text\nwide.wav,0,1,I love it.\n")
    with pytest.raises(InputError, match="has 8 channels"):
        feature_table(only, tmp_path / "f.parquet", features=("melstats",), cache=False, untrusted=LIMITS)
