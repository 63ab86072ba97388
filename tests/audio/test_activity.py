"""Voice activity: silence has none, real calls have some, and no stretch is too long."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import soundfile

from tonewise.audio import activity, probe, speech_segments


def test_silence_has_no_speech(tmp_path):
    soundfile.write(tmp_path / "quiet.wav", np.zeros(32_000), 16_000)
    assert speech_segments(tmp_path / "quiet.wav") == []


def test_a_rest_that_the_file_does_not_hold_is_not_looked_for(tmp_path, monkeypatch):
    """Containers round lengths up: what is left after the last whole block may be a few milliseconds of nothing."""
    file = tmp_path / "quiet.wav"
    soundfile.write(file, np.zeros(32_000), 16_000)
    stated = replace(probe(file), duration=2.05)
    monkeypatch.setattr(activity, "probe", lambda _: stated)
    monkeypatch.setattr(activity, "BLOCK", 1.0)
    assert speech_segments(file) == []


@pytest.mark.real
def test_a_real_call(shared):
    call = shared / "data" / "calls" / "car_service_mono.wav"
    segments = speech_segments(call, maximum=10.0)
    assert len(segments) > 20
    assert all(0 <= start < end <= probe(call).duration + 0.2 for start, end in segments)
    assert max(end - start for start, end in segments) <= 10.5
    starts = [start for start, _ in segments]
    assert starts == sorted(starts)
