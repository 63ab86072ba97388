"""Clips: fixed ones cropped or padded at a seeded random offset, and whole utterances."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from tonewise.audio import fixed_clip, hear, whole_clip
from tonewise.records import Clip


@pytest.fixture
def ramp(tmp_path) -> str:
    """Ten seconds in which every sample says where it is: sample i of 160,000 is i/160,000."""
    file = tmp_path / "ramp.wav"
    soundfile.write(file, np.arange(160_000) / 160_000, 16_000, subtype="FLOAT")
    return str(file)


def test_a_short_utterance_is_padded_around(ramp):
    clip = fixed_clip(ramp, 2.0, 5.0, seconds=7.0, seed=1, name="ramp")
    assert clip.before + clip.duration + clip.after == pytest.approx(7.0)
    assert (clip.start, clip.duration) == (2.0, 3.0) and 0 <= clip.before <= 4.0
    samples = hear(clip)
    assert samples.shape == (112_000,)
    before = round(clip.before * 16_000)
    assert not samples[:before].any() and not samples[before + 48_000 :].any()
    np.testing.assert_allclose(samples[before : before + 48_000], np.arange(32_000, 80_000) / 160_000, atol=1e-6)


def test_a_long_utterance_is_cropped_inside(ramp):
    clip = fixed_clip(ramp, 0.5, 9.5, seconds=7.0, seed=1, name="ramp")
    assert clip.duration == 7.0 and clip.before == clip.after == 0.0
    assert 0.5 <= clip.start <= 2.5
    samples = hear(clip)
    assert samples.shape == (112_000,)
    assert samples[0] == pytest.approx(round(clip.start * 16_000) / 160_000, abs=1e-5)


def test_offsets_depend_on_seed_name_and_times_only(ramp):
    def offset(seed=0, name="a", path=ramp, start=2.0):
        return fixed_clip(path, start, start + 3.0, seconds=7.0, seed=seed, name=name).before

    assert offset() == offset() == offset(path="/elsewhere/a.wav")
    assert len({offset(), offset(seed=1), offset(name="b"), offset(start=2.5)}) == 4


def test_offsets_are_spread_evenly(ramp):
    offsets = [fixed_clip(ramp, 0.0, 3.0, seconds=7.0, seed=seed, name="a").before for seed in range(400)]
    assert 0 <= min(offsets) < 0.1 and 3.9 < max(offsets) <= 4.0
    assert np.mean(offsets) == pytest.approx(2.0, abs=0.2)


def test_whole_clip_is_all_of_it(ramp):
    assert whole_clip(ramp, 1.0, 9.0, 0) == Clip(ramp, 1.0, 8.0, 0)
    assert hear(whole_clip(ramp, 1.0, 9.0)).shape == (128_000,)
