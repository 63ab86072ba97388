"""A worker's answers: figures, or one line."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tonewise.pipeline.loading import load_model
from tonewise.web import scoring, worker
from tonewise.web.worker import Limits, answer


def order(folder: Path, **changed: Any) -> dict[str, Any]:
    found = {"folder": str(folder), "recording": "_recording_.wav", "transcript": None, "name": "call.wav"}
    return {**found, "options": {}, "audio": "/v1/jobs/1/audio", **changed}


def test_a_recording_is_scored_and_what_is_told_is_figures(
    small_model: Path, tmp_path: Path, wav: Callable[..., bytes]
) -> None:
    (tmp_path / "_recording_.wav").write_bytes(wav(4.0))
    said: list[dict[str, Any]] = []
    found = answer(load_model(small_model), order(tmp_path), Limits(None, 60.0), said.append)
    assert set(found["done"]) == set(scoring.FIGURES) and found["done"]["duration"] == 4.0
    json.dumps(found, allow_nan=False)
    assert all(list(each) == ["progress"] for each in said)
    assert json.loads((tmp_path / "result.json").read_text())["recording"] == "call.wav"
    page = (tmp_path / "page.html").read_text()
    assert str(tmp_path) not in page and "_recording_" not in page
    call = scoring.call_from("call.wav", found["done"])
    assert call.segments == () and call.summary == {} and call.about.called_at is not None


def test_what_cannot_be_scored_is_one_line_without_paths(
    small_model: Path, tmp_path: Path, wav: Callable[..., bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load_model(small_model)
    limits = Limits(None, 2.0)
    (tmp_path / "_recording_.wav").write_bytes(wav(4.0))
    assert "send it in parts" in answer(model, order(tmp_path), limits, print)["failed"]
    told = answer(model, order(tmp_path, recording="_recording_.mp3"), limits, print)["failed"]
    assert str(tmp_path) not in told and "_recording_" not in told and "call.wav" in told

    def hungry(*_given: Any) -> None:
        raise MemoryError

    monkeypatch.setattr(scoring, "score_job", hungry)
    assert "more memory than this server allows" in answer(model, order(tmp_path), limits, print)["failed"]


def test_a_worker_ends_when_nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[int] = []
    monkeypatch.setattr(os, "_exit", ended.append)
    orders = worker._orders(io.StringIO('{"a": 1}\n'))
    assert next(orders) == {"a": 1}
    assert ended == [0]
