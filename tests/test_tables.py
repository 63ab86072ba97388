"""Files and folders are written whole or not at all; what killed runs leave is in `pipeline/test_resume_leftovers.py`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import small_model
from tonewise import bundle, finetuning
from tonewise.errors import BundleError, OptionError
from tonewise.finetuning.checkpoint import CHECKPOINT
from tonewise.tables import arriving, put_back, replace_folder, set_aside, write_table


def test_a_folder_that_cannot_be_replaced_stays(tmp_path, monkeypatch):
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "old").write_text("old")
    move = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if "-arriving-" in self.name:
            raise OSError(28, "No space left on device")
        return move(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="No space left"), arriving(tmp_path / "m") as fresh:
        replace_folder(fresh, tmp_path / "m")
    assert (tmp_path / "m" / "old").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["m"]


KILLED = """
import os, signal, sys
from pathlib import Path
from tonewise.tables import arriving, replace_folder

move = Path.replace

def die(self, target):
    if "-arriving-" in self.name:
        os.kill(os.getpid(), signal.SIGKILL)
    return move(self, target)

Path.replace = die
with arriving(Path(sys.argv[1])) as fresh:
    (fresh / "new").write_text("new")
    replace_folder(fresh, Path(sys.argv[1]))
"""


def kill_while_replacing(target: Path) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, target], check=False)
    assert done.returncode == -signal.SIGKILL and not target.exists()
    for path in target.parent.glob(f".{target.name}-*"):  # however long ago
        os.utime(path, (1, 1))


def test_a_folder_whose_replacement_was_killed_is_put_back(tmp_path):
    target = tmp_path / "m"
    target.mkdir()
    (target / "old").write_text("old")
    kill_while_replacing(target)
    assert set_aside(target) is not None and set_aside(tmp_path / "n") is None
    with arriving(target):
        assert (target / "old").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["m"]
    assert set_aside(target) is None
    put_back(target)


def test_a_model_whose_replacement_was_killed_is_told_and_put_back(tmp_path):
    target = small_model.save_model(tmp_path / "m")
    kill_while_replacing(target)
    with pytest.raises(
        BundleError, match=r"m was being replaced by a run that was killed, .* \S+/before; move that back"
    ):
        bundle.load(target)
    bundle.check_target(target)
    bundle.load(target)


def test_a_run_of_finetuning_whose_end_was_killed_goes_on(tmp_path):
    (tmp_path / "e").mkdir()
    (tmp_path / "e" / CHECKPOINT).write_bytes(b"all epochs")
    kill_while_replacing(tmp_path / "e")
    finetuning.check_target(tmp_path / "e")
    assert (tmp_path / "e" / CHECKPOINT).read_bytes() == b"all epochs"


def test_a_half_written_folder_goes_whatever_happens(tmp_path):
    with pytest.raises(ZeroDivisionError), arriving(tmp_path / "m") as fresh:
        (fresh / "half").write_text("half")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_reason_without_a_number_is_told(tmp_path, monkeypatch):
    def full(self: pd.DataFrame, target: Path, **_: object) -> None:
        raise OSError("the disk is full")  # as pyarrow raises it

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    with pytest.raises(OptionError, match=r"cannot be written \(the disk is full\)"):
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "t.parquet")
