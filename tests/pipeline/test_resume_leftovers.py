"""Rows of comparisons are whole or made again, and what killed runs left half-written goes away, and nothing else."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pandas as pd
import pytest

from tonewise.pipeline.kept import Kept, key_of
from tonewise.tables import arriving, replace_folder, write_table

KEY = key_of("a row")


def an_hour_ago(path: Path) -> Path:
    earlier = time.time() - 3700
    os.utime(path, (earlier, earlier))
    return path


def left_behind(path: Path) -> Path:
    path.write_text("half")
    return an_hour_ago(path)


def test_a_row_is_found_again_and_every_flipped_bit_is_noticed(tmp_path):
    kept = Kept(tmp_path)
    kept.put(KEY, {"auc": 0.75})
    assert kept.get(KEY) == {"auc": 0.75}
    file = tmp_path / f"{KEY}.json"
    content = file.read_bytes()
    for place in range(len(content) - 1):  # the end of the last line means nothing
        flipped = bytearray(content)
        flipped[place] ^= 1
        file.write_bytes(flipped)
        assert kept.get(KEY) is None, place
    assert kept.verify() == {"whole": 0, "unverified": 0, "damaged": 1} and not file.exists()


def test_a_row_of_the_first_versions_is_read(tmp_path):
    (tmp_path / f"{KEY}.json").write_text(json.dumps([1, 2]))
    assert Kept(tmp_path).get(KEY) == [1, 2]
    assert Kept(tmp_path).verify() == {"whole": 0, "unverified": 1, "damaged": 0}


def test_a_row_under_another_name_is_not_believed(tmp_path):
    Kept(tmp_path).put(KEY, 1)
    (tmp_path / f"{KEY}.json").rename(tmp_path / f"{key_of('other')}.json")
    assert Kept(tmp_path).get(key_of("other")) is None


def test_half_written_rows_are_swept(tmp_path):
    dead, alive = left_behind(tmp_path / ".dead"), tmp_path / ".alive"
    alive.write_text("[")
    Kept(tmp_path).sweep()
    assert not dead.exists() and alive.exists()


def test_a_full_disk_keeps_no_row_and_says_nothing(tmp_path, monkeypatch):
    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    Kept(tmp_path).put(KEY, 1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["arriving", "old"])
def test_what_a_killed_run_left_beside_its_output_goes_at_the_next(tmp_path, kind):
    left_behind(tmp_path / f".t.csv-{kind}-ab12_xyz")
    folder = tmp_path / f".m-{kind}-ab12_xyz"
    folder.mkdir()
    (folder / "half").write_text("half")
    an_hour_ago(folder)
    write_table(pd.DataFrame({"a": [1]}), tmp_path / "t.csv")
    with arriving(tmp_path / "m") as fresh:
        replace_folder(fresh, tmp_path / "m")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m", "t.csv"]


@pytest.mark.parametrize(
    "name", [".t.csv-notes", ".t.csv-settings", ".t.csv", ".other-arriving-ab12_xyz", "t.csv-arriving-ab12_xyz"]
)
def test_what_is_not_ours_stays(tmp_path, name):
    left_behind(tmp_path / name)
    write_table(pd.DataFrame({"a": [1]}), tmp_path / "t.csv")
    assert (tmp_path / name).exists()


def test_what_another_run_is_writing_now_stays(tmp_path):
    (tmp_path / ".t.csv-arriving-ab12_xyz").write_text("half")
    write_table(pd.DataFrame({"a": [1]}), tmp_path / "t.csv")
    assert (tmp_path / ".t.csv-arriving-ab12_xyz").exists()
