"""The bad-audio matrix: every kind of file has its stated outcome, none a traceback; the rest of a corpus is finished."""

from __future__ import annotations

import json
import os
import tracemalloc
from pathlib import Path

import bad_audio
import pytest
from bad_audio import BAD, GOOD, HEARD, KINDS, Kind
from click.testing import CliRunner

from tonewise.audio import probe, read
from tonewise.cli import main
from tonewise.errors import AudioError

DOCS = Path(__file__).parents[2] / "docs"
CUE = (0.6, 1.4)  # seconds, around where samples are spoilt
TOO_SHORT = ("one.wav", "50ms.wav")


def heard_by(path: Path) -> tuple[str, float | None]:
    """What is said of a file that is read as a whole, and how long it is."""
    try:
        info = probe(path)
        start = max(info.duration - 60.0, 0.0)  # nobody reads three hours at once
        read(path, start, info.duration - start)
    except AudioError as error:
        return str(error), None
    return HEARD, info.duration


def make(kind: Kind, folder: Path) -> Path:
    if kind.file == "locked.wav" and os.geteuid() == 0:
        pytest.skip("nothing is locked for root")
    path = folder / kind.file
    kind.make(path)
    return path


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.what)
def test_every_kind_has_its_stated_outcome(kind, tmp_path):
    said, seconds = heard_by(make(kind, tmp_path))
    if kind.said == HEARD:
        assert said == HEARD
        assert kind.seconds is None or seconds == pytest.approx(kind.seconds, abs=0.1)
    else:
        assert kind.said in said and "\n" not in said


def test_the_matrix_is_documented():
    assert len(KINDS) >= 30 and len({kind.what for kind in KINDS}) == len(KINDS)
    page = (DOCS / "bad-audio.md").read_text(encoding="utf-8")
    assert page.endswith("\n\n" + bad_audio.table()), "run python tests/audio/bad_audio.py"


def test_three_hours_take_no_more_memory_than_a_minute(tmp_path):
    path = tmp_path / "long.wav"
    bad_audio.long_recording(path)
    tracemalloc.start()
    try:
        for start in (0.0, 5_000.0, 10_799.0):
            assert len(read(path, start, 1.0)) == 16_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2_000_000, "a second of sound and what surrounds it, not 690 MB"


# -- a corpus that holds all of them ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every kind in a folder of its own, each with a transcript of one sentence; a name that is no text as well."""
    root = tmp_path_factory.mktemp("matrix")
    for number, kind in enumerate(KINDS):
        folder = root / f"{number:02}"
        folder.mkdir()
        kind.make(folder / kind.file)
        if os.path.lexists(folder / kind.file):
            words = "I love this wonderful place." if number % 2 else "I hate this terrible place."
            (folder / kind.file).with_suffix(".srt").write_text(
                f"1\n00:00:{CUE[0]:06.3f} --> 00:00:{CUE[1]:06.3f}\n{words}\n".replace(".", ",", 2), encoding="utf-8"
            )
    (root / os.fsdecode(b"caf\xe9.wav")).write_bytes(bad_audio.wav_bytes())
    return root


def run(*arguments: object) -> dict:
    result = CliRunner().invoke(main, [*map(str, arguments), "--json"])
    assert result.exit_code == 0 and result.exception is None, result.stderr
    return json.loads(result.stdout)


def bad_files() -> set[str]:
    """Of the bad kinds those that a folder has as recordings."""
    no_recordings = {"gone.wav", "folder.wav", "list.m3u8", "x" * 300 + ".wav"}
    locked = {"locked.wav"} if os.geteuid() == 0 else set()
    return {kind.file for kind in BAD} - no_recordings - locked


def test_train_finishes_the_good_ones_and_counts_the_bad(matrix, tmp_path):
    found = run("train", matrix, "-o", tmp_path / "model", "--features", "mel", "--split", "random", "--no-cache")
    problems = [problem for problem in found["problems"] if problem["kind"] in ("bad_audio", "unheard")]
    assert {problem["subject"] for problem in problems} == bad_files()
    assert all("\n" not in problem["detail"] for problem in problems)
    kinds = {problem["kind"]: problem["count"] for problem in found["problems"]}
    assert kinds["outside"] + kinds.get("too_short", 0) == len(TOO_SHORT)
    assert kinds["bad_name"] == 1
    unheard = sum(problem["count"] for problem in problems if problem["kind"] == "unheard")
    heard = found["utterances"] - unheard
    assert heard == len(GOOD) - len(TOO_SHORT) + (os.geteuid() == 0)


def test_label_needs_no_sound(matrix, tmp_path):
    found = run("label", matrix, "-o", tmp_path / "labels.parquet")
    assert found["utterances"] == len(GOOD) + len(bad_files()) + (os.geteuid() == 0)
    assert {problem["kind"] for problem in found["problems"]} == {"bad_name"}


def test_inspect_sees_what_train_would_leave_out(matrix):
    found = run("inspect", matrix)
    (damaged,) = [problem for problem in found["problems"] if problem["kind"] == "bad_audio"]
    only_when_heard = {"nan.wav", "inf.wav"}  # nobody sees that without decoding
    assert damaged["places"] == len(bad_files() - only_when_heard) == found["unreadable"]
    assert found["sound"]["hours"] > 3.0 and found["next"].startswith("Train with")
