"""Files and folders are written whole or not at all; what killed runs leave is in `pipeline/test_resume_leftovers.py`."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from tonewise.errors import OptionError
from tonewise.tables import fresh_folder, replace_folder, write_table


def test_a_folder_that_cannot_be_replaced_stays(tmp_path, monkeypatch):
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "old").write_text("old")
    fresh = fresh_folder(tmp_path / "m")
    move = Path.replace

    def refuse(self: Path, target: Path) -> Path:
        if self == fresh:
            raise OSError(28, "No space left on device")
        return move(self, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="No space left"):
        replace_folder(fresh, tmp_path / "m")
    assert (tmp_path / "m" / "old").read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == [fresh.name, "m"]


def test_a_reason_without_a_number_is_told(tmp_path, monkeypatch):
    def full(self: pd.DataFrame, target: Path, **_: object) -> None:
        raise OSError("the disk is full")  # as pyarrow raises it

    monkeypatch.setattr(pd.DataFrame, "to_parquet", full)
    with pytest.raises(OptionError, match=r"cannot be written \(the disk is full\)"):
        write_table(pd.DataFrame({"a": [1]}), tmp_path / "t.parquet")
