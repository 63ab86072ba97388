"""eGeMAPS through openSMILE, where it is installed; and what is said where it is not."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from tonewise import features
from tonewise.errors import MissingExtraError, OptionError
from tonewise.features import egemaps
from tonewise.features.egemaps import EGeMaps


@pytest.fixture
def opensmile():
    return pytest.importorskip("opensmile", reason="openSMILE (extra 'egemaps') is not installed")


@pytest.fixture
def clips(tone):
    random = np.random.default_rng(0)
    lengths = (0.1, 0.7, 1.31, 2.0)
    return [
        tone(seconds, 110 + 60 * index) + 0.01 * random.normal(size=round(seconds * 16_000)).astype(np.float32)
        for index, seconds in enumerate(lengths)
    ]


def test_its_licence_is_told(opensmile, caplog):
    egemaps._tell_licence.cache_clear()
    for _ in range(2):
        features.create("egemaps").prepare()
    (told,) = caplog.messages
    assert "licence from audEERING" in told and "research" in told


def test_without_the_package_the_extra_is_named(monkeypatch, tone):
    monkeypatch.setitem(sys.modules, "opensmile", None)
    egemaps._smile.cache_clear()
    encoder = features.create("egemaps")
    for act in (encoder.prepare, encoder.identity, lambda: encoder.encode([tone(0.5)])):
        with pytest.raises(MissingExtraError, match=r"pip install 'tonewise\[egemaps\]'"):
            act()


def test_it_takes_no_argument():
    with pytest.raises(OptionError, match="features 'egemaps' take no argument"):
        features.create("egemaps:v01b")


def test_numbers_are_opensmiles(opensmile, clips):
    smile = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.Functionals)
    expected = smile.process_signal(clips[2], 16_000)
    assert egemaps.names() == tuple(expected.columns)
    found = EGeMaps().encode([clips[2]])
    assert found.shape == (1, EGeMaps().dimensions) == (1, 88)
    assert np.allclose(found[0], expected.to_numpy()[0], rtol=1e-5)


def test_batches_and_threads_change_nothing(opensmile, clips, monkeypatch):
    monkeypatch.setattr("tonewise.features.threads.cores", lambda: 3)
    together = EGeMaps().encode(clips * 3)
    alone = np.concatenate([EGeMaps().encode([clip]) for clip in clips])
    assert np.array_equal(together, np.tile(alone, (3, 1)))
    assert np.isfinite(together).all() and together.dtype == np.float32


def test_silence_noise_and_full_scale_are_finite(opensmile):
    noise = np.random.default_rng(0).normal(size=16_000).astype(np.float32)
    odd = [np.zeros(16_000, dtype=np.float32), np.zeros(1600, dtype=np.float32), 0.1 * noise, np.sign(noise)]
    assert np.isfinite(EGeMaps().encode(odd)).all()


def test_full_scale_does_not_wrap_around(opensmile, tone):
    loudness = egemaps.names().index("loudness_sma3_amean")
    square = np.sign(tone(1.0) + 1e-6)  # +1.0 is one more than 16 bits hold
    below, full, above = EGeMaps().encode([np.float32(0.999) * square, square, 3 * square])
    assert below[loudness] == pytest.approx(full[loudness], rel=0.01)
    assert np.array_equal(full, above)


def test_pitch_is_heard(opensmile, tone):
    pitch = egemaps.names().index("F0semitoneFrom27.5Hz_sma3nz_amean")
    assert EGeMaps().encode([tone(1.0, 220)])[0, pitch] == pytest.approx(36, abs=0.3)


def test_identity_is_plain_json(opensmile):
    identity = EGeMaps().identity()
    assert json.loads(json.dumps(identity)) == identity
    assert identity["opensmile"]
