"""What fine-tuning reads and what it leaves alone; tests/finetuning has the rest."""

from __future__ import annotations

import pandas as pd
import pytest

from tonewise.audio import clips
from tonewise.errors import CorpusError
from tonewise.finetuning.checkpoint import CHECKPOINT
from tonewise.pipeline.finetuning_material import decode
from tonewise.pipeline.reading import read_corpora

pytest.importorskip("torch", reason="the extra `torch` is not installed: no torch")


def test_each_recording_is_opened_once(corpus, monkeypatch):
    opened = []
    opening = clips._opened
    monkeypatch.setattr(clips, "_opened", lambda clip: opened.append(clip.audio) or opening(clip))
    utterances = read_corpora(corpus).utterances.iloc[::-1]
    rows = pd.DataFrame({"label": "positive"}, index=utterances.index)
    sounds, kept, problems = decode(utterances, rows, None)
    assert sorted(opened) == sorted(set(utterances["audio"])) and not problems
    assert list(kept.index) == list(rows.index)
    assert [len(sounds(row)) / 16_000 for row in kept.index] == kept["seconds"].tolist()


def test_an_earlier_run_is_forgotten_once_there_is_another_one(tmp_path, monkeypatch):
    from tonewise.pipeline import finetuning

    monkeypatch.setattr(finetuning.Hub, "prepare", lambda self: None)
    monkeypatch.setattr(finetuning, "_network", lambda hub: (None, {}))
    (tmp_path / "ear").mkdir()
    (tmp_path / "ear" / CHECKPOINT).write_bytes(b"hours of work")
    with pytest.raises(CorpusError):
        finetuning.finetune(tmp_path / "mistyped.csv", tmp_path / "ear", encoder="hub:some/one", restart=True)
    assert (tmp_path / "ear" / CHECKPOINT).read_bytes() == b"hours of work"
