"""The table of calls: whatever its format, a row is found by any name that its recording has."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from tonewise.pipeline.calls_table import read_calls_table


def test_parquet_says_what_csv_says(tmp_path):
    table = pd.DataFrame(
        {
            "recording": ["a.wav", "b.wav"],
            "called_at": [pd.Timestamp("2026-03-02 10:00"), None],
            "agent": pd.array([7, None], dtype="Int64"),
            "queue": pd.array([None, "sales"], dtype="string"),
        }
    )
    table.to_parquet(tmp_path / "calls.parquet")
    table.to_csv(tmp_path / "calls.csv", index=False)
    for file in ("calls.parquet", "calls.csv"):
        found = read_calls_table(tmp_path / file, ["a.wav", "b.wav"])
        first, second = found.about("a.wav"), found.about("b.wav")
        assert (first.called_at, first.agent, first.queue) == (datetime(2026, 3, 2, 10), "7", None), file
        assert (second.called_at, second.agent, second.queue) == (None, None, "sales"), file
        assert found.problems == () and first.columns == second.columns == {}


@pytest.mark.parametrize("name", ["s3://calls/march/a.wav", "march/a.wav", "a.wav", "a"])
def test_rows_of_recordings_at_addresses(tmp_path, name):
    (tmp_path / "calls.csv").write_text(f"recording,agent\n{name},Ann\n")
    for given in ("s3://calls/march/a.wav", Path("s3://calls/march/a.wav")):  # a path has lost a slash
        found = read_calls_table(tmp_path / "calls.csv", [given])
        assert found.problems == () and found.about(given).agent == "Ann"


def test_what_may_be_secret_in_an_address_is_not_told(tmp_path):
    (tmp_path / "calls.csv").write_text("recording,agent\nmarch/a.wav,Ann\n")
    signed = ["https://calls.example/march/a.wav?key=secret", "https://calls.example/b.wav?key=secret"]
    found = read_calls_table(tmp_path / "calls.csv", signed)
    assert found.about(signed[0]).agent == "Ann"
    (problem,) = found.problems
    assert problem.kind == "no_row" and "such as b.wav:" in problem.detail and "secret" not in problem.detail
