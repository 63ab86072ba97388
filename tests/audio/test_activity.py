"""Voice activity: silence has none, real calls have some, and no stretch is too long."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from tonewise.audio import probe, speech_segments


def test_silence_has_no_speech(tmp_path):
    soundfile.write(tmp_path / "quiet.wav", np.zeros(32_000), 16_000)
    assert speech_segments(tmp_path / "quiet.wav") == []


@pytest.mark.real
def test_a_real_call(shared):
    call = shared / "data" / "calls" / "car_service_mono.wav"
    segments = speech_segments(call, maximum=10.0)
    assert len(segments) > 20
    assert all(0 <= start < end <= probe(call).duration + 0.2 for start, end in segments)
    assert max(end - start for start, end in segments) <= 10.5
    starts = [start for start, _ in segments]
    assert starts == sorted(starts)
