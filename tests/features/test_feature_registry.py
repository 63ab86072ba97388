"""Encoders are made by name, and every one keeps the contract."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tonewise import features
from tonewise.errors import OptionError, WeightsError
from tonewise.features.mel import Mel
from tonewise.features.melstats import MelStatistics

SPECS = ("mel", "melstats", "whisper", "turn", "turn:1")


@pytest.fixture(params=SPECS)
def encoder(request):
    found = features.create(request.param)
    try:
        found.prepare()
    except WeightsError as error:
        pytest.skip(f"pretrained weights are not to be had: {error}")
    return found


@pytest.fixture
def clips(tone):
    lengths = (0.9, 0.1, 2.345, 1.0, 0.5)
    noise = np.random.default_rng(0)
    return [
        tone(seconds, 120 + 40 * index) + 0.01 * noise.normal(size=round(seconds * 16_000)).astype(np.float32)
        for index, seconds in enumerate(lengths)
    ]


def test_a_batch_gives_what_single_clips_give(encoder, clips):
    together = encoder.encode(clips)
    assert together.shape == (len(clips), encoder.dimensions)
    assert together.dtype == np.float32
    assert np.isfinite(together).all()
    alone = np.concatenate([encoder.encode([clip]) for clip in clips])
    backwards = encoder.encode(clips[::-1])[::-1]
    assert np.array_equal(together, alone)
    assert np.array_equal(together, backwards)


def test_different_sounds_differ_and_silence_is_finite(encoder, tone):
    silence = np.zeros(16_000, dtype=np.float32)
    low, high, quiet = encoder.encode([tone(1.0, 110), tone(1.0, 300), silence])
    assert np.abs(low - high).max() > 0.1
    assert np.isfinite(quiet).all()


def test_the_shortest_sound_is_taken(encoder, tone):
    shortest = tone(encoder.minimum_seconds)
    assert np.isfinite(encoder.encode([shortest])).all()


def test_identity_is_plain_json(encoder):
    identity = encoder.identity()
    assert json.loads(json.dumps(identity, allow_nan=False)) == identity
    assert identity["name"] == encoder.name


def test_identity_holds_what_changes_the_numbers():
    identities = [Mel(), Mel(clip_seconds=3.0), MelStatistics(), MelStatistics(percentiles=(50.0,))]
    texts = {json.dumps(encoder.identity(), sort_keys=True) for encoder in identities}
    assert len(texts) == len(identities)
    for encoder in identities:
        assert {"version", "librosa", "n_fft"} <= set(encoder.identity())


@pytest.mark.parametrize("name", [name for name in features.names() if name != "hub"])  # which names a model
def test_names_make_encoders_of_that_name(name):
    assert features.create(name).name == name


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("ears", "unknown features 'ears'; choose from mel, melstats, whisper, turn"),
        ("", "unknown features ''"),
        ("turn:", "end in a colon"),
        ("mel:64", "'mel' take no argument"),
        ("melstats:x", "'melstats' take no argument"),
        ("whisper:gigantic", "unknown size of whisper 'gigantic'; choose from tiny.en, "),
        ("turn:5", "unknown layers of turn '5'; choose from 0, 1, 2, 3, 4"),
        ("turn:0+0", "unknown layers"),
        ("turn:0,1", "unknown layers"),
    ],
)
def test_unknown_specs_say_what_is_known(spec, message):
    with pytest.raises(OptionError, match=message.replace("+", r"\+")):
        features.create(spec)
