"""Prosody measures what its names say: voices made here, whose pitch, tempo and timbre are known."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tonewise import features
from tonewise.errors import OptionError
from tonewise.features import prosody
from tonewise.features.prosody import MEASURES, NAMES, Prosody

RATE = 16_000
NEUTRAL = {measure.name: measure.neutral for measure in MEASURES}


def voice(semitones, *, fall: float = 6.0, first: float = 0.0, level=1.0, seconds: float = 2.0) -> np.ndarray:
    """A buzz of 30 partials, each octave `fall` dB softer than the one below, the first one `first` dB louder.

    `semitones` above 110 Hz and `level` are numbers, or functions of time in seconds.
    """
    time = np.arange(round(seconds * RATE)) / RATE
    pitch = 110 * 2 ** ((semitones(time) if callable(semitones) else semitones) / 12) * np.ones_like(time)
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    wave = np.zeros_like(time)
    for number in range(1, 31):
        strength = 10 ** ((first if number == 1 else 0.0) / 20 - fall * np.log2(number) / 20)
        wave += strength * np.sin(number * phase) * (number * pitch < 7000)
    wave *= level(time) if callable(level) else level
    return (0.1 * wave).astype(np.float32)


def noise(seconds: float = 2.0, level: float = 0.05, seed: int = 0) -> np.ndarray:
    return (level * np.random.default_rng(seed).normal(size=round(seconds * RATE))).astype(np.float32)


def telephone(sound: np.ndarray) -> np.ndarray:
    """What a telephone leaves: 300 to 3,400 Hz at 8 kHz, 8 bits of mu-law."""
    import soxr
    from scipy.signal import butter, sosfilt

    band = sosfilt(butter(4, (300, 3400), "bandpass", fs=RATE, output="sos"), sound)
    narrow = np.clip(soxr.resample(band, RATE, 8000), -1, 1)
    coded = np.round(np.sign(narrow) * np.log1p(255 * np.abs(narrow)) / np.log1p(255) * 127) / 127
    return soxr.resample(
        (np.sign(coded) * np.expm1(np.abs(coded) * np.log1p(255)) / 255).astype(np.float32), 8000, RATE
    )


def test_columns_are_named_and_explained():
    assert len(set(NAMES)) == len(NAMES) == Prosody().dimensions
    assert 60 <= len(NAMES) <= 120
    assert all(measure.unit and measure.meaning and np.isfinite(measure.neutral) for measure in MEASURES)


def test_a_vector_holds_the_measures_in_the_order_of_their_names():
    sound = voice(5.0, seconds=0.5)
    found = prosody.measure(sound)
    assert set(found) == set(NAMES)
    assert np.array_equal(Prosody().encode([sound])[0], np.float32([found[name] for name in NAMES]))


@pytest.mark.parametrize(
    "sound", [np.zeros(RATE), np.full(RATE, 0.3), np.full(1600, 1e-9)], ids=["zero", "constant", "tiny"]
)
def test_silence_is_neutral(sound):
    found = prosody.measure(sound.astype(np.float32))
    assert found == NEUTRAL
    assert found["voiced_share"] == 0


def test_noise_has_no_voice_and_finite_numbers():
    found = prosody.measure(noise())
    assert found["voiced_share"] < 0.05
    assert np.isfinite(list(found.values())).all()
    quiet = prosody.measure(noise(1.0, 1e-4))
    assert quiet["voiced_share"] < 0.05 and quiet["pitch_median"] == NEUTRAL["pitch_median"]


@pytest.mark.parametrize(
    "sound",
    [
        np.eye(1, RATE, 8000).ravel(),
        np.tile([1.0, -1.0], RATE // 2),
        np.sign(np.sin(np.arange(RATE) / 20)),
        np.concatenate([np.zeros(RATE), 0.5 * np.sin(np.arange(1600) / 10)]),
        np.linspace(-1, 1, 1600),
    ],
    ids=["click", "nyquist", "clipped", "late", "ramp"],
)
def test_odd_sounds_have_finite_numbers(sound):
    assert np.isfinite(Prosody().encode([sound.astype(np.float32)])).all()


@pytest.mark.parametrize("hertz", [80.0, 110.0, 220.0, 440.0])
def test_a_tone_has_its_pitch(hertz, tone):
    found = prosody.measure(tone(1.0, hertz))
    assert found["pitch_median"] == pytest.approx(12 * np.log2(hertz / 55), abs=0.3)
    assert abs(found["pitch_slope"]) < 0.3
    assert found["pitch_range"] < 0.3
    assert found["voiced_share"] > 0.9


def test_a_tenth_of_a_second_is_enough_for_pitch(tone):
    found = prosody.measure(tone(0.1, 220))
    assert found["pitch_median"] == pytest.approx(24, abs=0.3)


@pytest.mark.parametrize("rate", [-6.0, -2.0, 3.0, 6.0])
def test_glides_have_their_slope(rate):
    found = prosody.measure(voice(lambda time: 12 + rate * (time - 1)))
    assert found["pitch_slope"] == pytest.approx(rate, rel=0.1)
    assert found["pitch_final_slope"] == pytest.approx(rate, rel=0.25)
    assert found["pitch_rise_share"] == pytest.approx(float(rate > 0), abs=0.1)
    assert found["pitch_end" if rate > 0 else "pitch_start"] > 0.5
    assert found["pitch_peak_place"] == pytest.approx(float(rate > 0), abs=0.1)
    assert found["pitch_rise" if rate > 0 else "pitch_fall"] == pytest.approx(abs(rate), rel=0.2)


def test_melody_is_counted():
    lively = prosody.measure(voice(lambda time: 10 + 4 * np.sin(2 * np.pi * 2 * time)))
    flat = prosody.measure(voice(10.0))
    assert lively["pitch_peaks"] == pytest.approx(2.0, abs=0.6)
    assert lively["pitch_deviation"] == pytest.approx(4 / np.sqrt(2), rel=0.1)
    assert lively["pitch_speed"] == pytest.approx(4 * 4 * 2, rel=0.15)
    assert flat["pitch_speed"] < 2 and flat["pitch_excursion"] < 0.5 < lively["pitch_excursion"]


def test_unsteady_voices_flutter():
    random = np.random.default_rng(0)
    steps = np.repeat(random.normal(0, 0.5, 200), 160)
    hoarse = prosody.measure(voice(lambda time: 10 + steps[: len(time)]))
    assert hoarse["pitch_flutter"] > 3 * prosody.measure(voice(10.0))["pitch_flutter"]


@pytest.mark.parametrize("rate", [2.0, 5.0])
def test_syllables_are_counted(rate):
    found = prosody.measure(voice(10.0, level=lambda time: 0.03 + np.sin(np.pi * rate * time) ** 2, seconds=3.0))
    assert found["syllable_rate"] == pytest.approx(rate, abs=0.5)
    assert found["syllable_gap"] == pytest.approx(1 / rate, abs=0.03)
    assert found["syllable_gap_variation"] < 0.2
    assert found["syllable_depth"] > 10
    assert found["rhythm_syllables" if rate > 3 else "rhythm_slow"] == max(v for k, v in found.items() if "rhythm" in k)


def test_pauses_are_found():
    parts = [voice(8.0, seconds=0.8), np.zeros(round(0.4 * RATE)), voice(8.0, seconds=0.8)]
    edges = np.zeros(RATE // 2)
    found = prosody.measure(np.concatenate([edges, *parts, edges]).astype(np.float32))
    assert found["pause_length"] == found["pause_longest"] == pytest.approx(0.4, abs=0.08)
    assert found["pause_share"] == pytest.approx(0.2, abs=0.05), "silence before and after is not part of the utterance"
    assert found["pause_rate"] == pytest.approx(0.5, abs=0.05)
    assert found["articulation_rate"] > found["syllable_rate"]


def test_a_word_in_a_long_silence_is_found():
    word = voice(8.0, seconds=0.6) + noise(0.6, 1e-3)
    silence = noise(10.0, 1e-3)
    alone, lost = prosody.measure(word), prosody.measure(np.concatenate([silence, word, silence]))
    assert lost["voiced_share"] > 0.8
    for name in ("pitch_median", "alpha_ratio", "clarity"):
        assert lost[name] == pytest.approx(alone[name], abs=1.0), name


def test_swelling_and_attacks():
    swelling = prosody.measure(voice(8.0, level=lambda time: 10 ** ((time - 2) * 6 / 20)))
    assert swelling["level_slope"] == pytest.approx(6.0, rel=0.1)
    assert swelling["level_start"] < 0 < swelling["level_end"]
    assert swelling["level_peak_place"] > 0.9
    assert prosody.measure(voice(8.0, level=lambda time: 10 ** (-time * 6 / 20)))["level_slope"] == pytest.approx(
        -6, rel=0.1
    )


def test_higher_and_louder_go_together():
    def wave(time: np.ndarray) -> np.ndarray:
        return np.sin(2 * np.pi * time)

    together = prosody.measure(voice(lambda time: 10 + 3 * wave(time), level=lambda time: 10 ** (0.3 * wave(time))))
    against = prosody.measure(voice(lambda time: 10 + 3 * wave(time), level=lambda time: 10 ** (-0.3 * wave(time))))
    assert together["level_pitch"] > 0.9 and against["level_pitch"] < -0.9


def test_bright_voices_are_told_from_dull_ones():
    bright, dull = prosody.measure(voice(5.0, fall=3.0)), prosody.measure(voice(5.0, fall=12.0))
    for name in ("alpha_ratio", "hammarberg", "timbre_1"):
        assert bright[name] < dull[name] - 2, name
    for name in ("centroid", "slope_mid", "slope_high", "resonance_1"):
        assert bright[name] > dull[name], name


def test_breathy_voices_have_a_strong_first_partial():
    breathy, plain = prosody.measure(voice(8.0, first=10.0)), prosody.measure(voice(8.0))
    assert plain["breathiness"] == pytest.approx(6.0, abs=1.0), "each octave is 6 dB softer"
    assert breathy["breathiness"] == pytest.approx(16.0, abs=1.0)


def test_clarity_is_the_ratio_of_harmonics_to_noise():
    sound = voice(8.0)
    found = [prosody.measure(sound + noise(level=level))["clarity"] for level in (0.0, 0.02, 0.05)]
    assert found[0] > found[1] + 3 > found[2] + 6
    assert found[0] > 20


def test_gain_changes_nothing():
    sound = voice(lambda time: 8 + 2 * np.sin(9 * time), level=lambda time: 0.2 + np.sin(12 * time) ** 2) + noise(
        level=1e-3
    )
    plain, soft, loud = Prosody().encode([sound, np.float32(0.01) * sound, np.float32(3.0) * sound])
    spread = np.maximum(np.abs(plain), 1.0)
    assert (np.abs(soft - plain) / spread).max() < 0.01
    assert (np.abs(loud - plain) / spread).max() < 0.01


def test_a_telephone_changes_little():
    sound = voice(
        lambda time: 12 + 3 * np.sin(5 * time), level=lambda time: 0.05 + np.sin(12 * time) ** 2, fall=4.0
    ) + noise(level=1e-3)
    wide, narrow = prosody.measure(sound), prosody.measure(telephone(sound))
    for name in ("pitch_median", "pitch_range", "pitch_slope", "alpha_ratio", "level_range", "timbre_1", "clarity"):
        assert narrow[name] == pytest.approx(wide[name], abs=0.7), name
    for name in ("voiced_share", "rhythm_syllables", "pause_share"):
        assert narrow[name] == pytest.approx(wide[name], abs=0.05), name
    assert narrow["syllable_rate"] == pytest.approx(wide["syllable_rate"], abs=0.6)


def test_batches_threads_and_repetition_change_nothing(monkeypatch):
    monkeypatch.setattr("tonewise.features.threads.cores", lambda: 3)
    clips = [voice(float(k), seconds=0.2 + 0.31 * k) + noise(0.2 + 0.31 * k, seed=k)[:None] for k in range(5)]
    together = Prosody().encode(clips)
    assert together.shape == (5, len(NAMES)) and together.dtype == np.float32
    assert np.array_equal(together, np.concatenate([Prosody().encode([clip]) for clip in clips]))
    monkeypatch.setattr("tonewise.features.threads.cores", lambda: 1)
    assert np.array_equal(together, Prosody().encode(clips))


def test_long_sound_crosses_the_trackers_windows():
    found = prosody.measure(voice(10.0, seconds=31.0))
    assert found["pitch_median"] == pytest.approx(22, abs=0.3)
    assert found["voiced_share"] > 0.98 and found["voiced_rate"] < 0.1


def test_identity_holds_the_tracker():
    identity = Prosody().identity()
    assert json.loads(json.dumps(identity)) == identity
    assert len(identity["tracker"]) == 64
    assert {"name", "version", "swift-f0", "onnxruntime"} <= set(identity)


def test_prosody_is_made_by_name_and_takes_no_argument():
    assert features.create("prosody") == Prosody()
    with pytest.raises(OptionError, match="features 'prosody' take no argument, but 'pitch' was given"):
        features.create("prosody:pitch")


@pytest.mark.real
def test_real_voices_survive_the_telephone(shared):
    """Clips of three languages keep their order in the measures that tone is known by."""
    import csv

    import soundfile

    with (shared / "data" / "acted.csv").open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))[::370]
    clips = [soundfile.read(shared / "data" / row["audio"], dtype="float32")[0] for row in rows]
    wide, narrow = Prosody().encode(clips), Prosody().encode([telephone(clip) for clip in clips])
    for name in ("pitch_median", "pitch_deviation", "alpha_ratio", "syllable_rate", "level_deviation", "clarity"):
        column = NAMES.index(name)
        assert np.corrcoef(wide[:, column], narrow[:, column])[0, 1] > 0.9, name
