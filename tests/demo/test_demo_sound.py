"""Filters and levels do what their decibels say."""

from __future__ import annotations

import numpy as np
import pytest

from tonewise.demo import sound
from tonewise.demo.espeak import SAMPLE_RATE
from tonewise.demo.prosody import draw_manner
from tonewise.demo.sound import (
    Room,
    add_breath,
    colour_voice,
    draw_room,
    from_db,
    room_noise,
    roughen,
    tilt,
    trim,
)


def sine(frequency: float, seconds: float = 0.5) -> np.ndarray:
    return np.sin(2 * np.pi * frequency * np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE).astype(np.float32)


def decibels(after: np.ndarray, before: np.ndarray) -> float:
    return float(20 * np.log10(after[2000:].std() / before[2000:].std()))


@pytest.mark.parametrize("gain", [-6.0, 6.0])
def test_tilt_changes_highs_and_leaves_lows(gain: float) -> None:
    assert decibels(tilt(sine(100), gain), sine(100)) == pytest.approx(0.0, abs=0.3)
    assert decibels(tilt(sine(8000), gain), sine(8000)) == pytest.approx(gain, abs=0.5)


def test_breath_is_as_loud_as_asked_and_silent_in_silence() -> None:
    voice = np.concatenate([sine(200), np.zeros(SAMPLE_RATE, np.float32)])
    breath = add_breath(voice, -12.0, np.random.default_rng(0)) - voice
    assert 20 * np.log10(breath.std() / voice.std()) == pytest.approx(-12.0, abs=0.1)
    assert np.abs(breath[-SAMPLE_RATE // 2 :]).max() < 1e-6


def test_roughness_is_none_at_zero_and_keeps_the_sign_of_the_wave() -> None:
    voice = sine(200)
    assert np.array_equal(roughen(voice, 0.0, np.random.default_rng(0)), voice)
    rough = roughen(voice, 0.5, np.random.default_rng(0))
    assert np.all(rough * voice >= 0)
    assert np.abs(rough - voice).max() > 0.1


def test_trim_leaves_a_margin_and_survives_silence() -> None:
    silence = np.zeros(SAMPLE_RATE, np.float32)
    kept = trim(np.concatenate([silence, sine(200), silence]))
    assert len(kept) / SAMPLE_RATE == pytest.approx(0.56, abs=0.01)
    assert len(trim(silence)) == len(silence)


def test_a_recorded_voice_has_the_level_of_its_manner_and_never_clips() -> None:
    rng = np.random.default_rng(1)
    spoken = (20_000 * sine(150)).astype(np.int16)
    room = Room(gain=2.0, colour=0.0, noise=-60.0)
    for style in ("joy", "sadness"):
        manner = draw_manner(style, rng)
        voice = colour_voice(spoken, manner, room, rng)
        level = 20 * np.log10(np.sqrt(np.mean(voice.astype(np.float64) ** 2)))
        assert level == pytest.approx(sound.SPEECH_LEVEL + manner.level + 2.0, abs=0.05)
    loud = colour_voice(spoken, manner, Room(gain=60.0, colour=0.0, noise=-60.0), rng)
    assert np.abs(loud).max() <= 0.9


def test_rooms_differ_and_their_noise_is_as_stated() -> None:
    rng = np.random.default_rng(2)
    rooms = [draw_room(rng) for _ in range(20)]
    assert len({room.gain for room in rooms}) == 20
    noise = room_noise(SAMPLE_RATE, rooms[0], rng)
    assert noise.std() == pytest.approx(from_db(rooms[0].noise), rel=0.01)
