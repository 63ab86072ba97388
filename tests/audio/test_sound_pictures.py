"""Peaks and small spectrograms: what they show, and that an hour takes no more memory than a minute."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonewise import audio
from tonewise.audio import pictures
from tonewise.errors import AudioError

RATE = 16_000


def write(path: Path, *sounds: np.ndarray, rate: int = RATE, **options: str) -> Path:
    soundfile.write(path, np.stack(sounds, axis=1), rate, **options)
    return path


def peaks(path: Path, channel: int | None, count: int) -> np.ndarray:
    return audio.sound_pictures(path, (channel,), count=count, columns=1, bands=1)[0].peaks


def spectrogram(path: Path, channel: int | None, columns: int, bands: int) -> np.ndarray:
    return audio.sound_pictures(path, (channel,), count=1, columns=columns, bands=bands)[0].spectrogram


def test_peaks_are_the_lowest_and_highest_of_each_stretch_across_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    noise = np.random.default_rng(0).uniform(-0.9, 0.9, size=3 * RATE + 77).astype(np.float32)
    file = write(tmp_path / "noise.wav", noise, -0.5 * noise, subtype="FLOAT")
    expected = np.array([[part.min(), part.max()] for part in np.split(noise, np.arange(1, 50) * len(noise) // 50)])
    assert np.allclose(peaks(file, 0, 50), expected)
    monkeypatch.setattr(pictures, "BLOCK", 0.5)
    assert np.allclose(peaks(file, 0, 50), expected)
    assert np.allclose(peaks(file, 1, 50), -0.5 * expected[:, ::-1])
    assert np.allclose(peaks(file, None, 50), 0.25 * expected)


def test_spectrogram_shows_a_tone_where_and_when_it_is(tmp_path: Path) -> None:
    time = np.arange(2 * RATE) / RATE
    low, high = np.sin(2 * np.pi * 200 * time), np.sin(2 * np.pi * 4000 * time)
    sound = (0.3 * np.where(time < 1, low, high)).astype(np.float32)
    picture = spectrogram(write(tmp_path / "tones.wav", sound), 0, 40, 32)
    assert picture.shape == (32, 40) and picture.dtype == np.uint8
    mel = 2595 * np.log10(1 + np.array([60, 200, 4000, 8000]) / 700)
    bands = np.floor((mel - mel[0]) / (mel[3] - mel[0]) * 32)
    assert picture[:, 5].argmax() == bands[1] and picture[:, 35].argmax() == bands[2]
    assert picture[25:, 5].max() < 60 and picture[:, 5].max() > 200


def test_silence_is_dark_and_flat(tmp_path: Path) -> None:
    file = write(tmp_path / "silence.wav", np.zeros(RATE, dtype=np.float32))
    assert not peaks(file, 0, 10).any()
    assert not spectrogram(file, 0, 10, 8).any()


@pytest.mark.parametrize("extension", ["wav", "flac", "ogg", "mp3"])
def test_pictures_of_all_channels_at_once_are_those_of_each(tmp_path: Path, tone, extension: str) -> None:
    file = write(tmp_path / f"call.{extension}", tone(2.0, 200), 0.3 * tone(2.0, 700))
    first, second = audio.sound_pictures(file, (0, 1), count=60, columns=30, bands=16)
    assert np.array_equal(first.peaks, peaks(file, 0, 60))
    assert np.array_equal(second.spectrogram, spectrogram(file, 1, 30, 16))
    assert first.peaks[:, 1].mean() > 2 * second.peaks[:, 1].mean() > 0


def test_shorter_than_the_picture_and_telephone_rates(tmp_path: Path, tone) -> None:
    file = write(tmp_path / "short.wav", tone(0.05, 300, rate=8_000), rate=8_000)
    assert peaks(file, 0, 1_000).shape == (1_000, 2)
    assert spectrogram(file, 0, 200, 48).any()


def test_truncated_recordings_are_drawn_as_far_as_they_go(tmp_path: Path, tone) -> None:
    file = write(tmp_path / "whole.wav", tone(4.0))
    data = file.read_bytes()
    (tmp_path / "half.wav").write_bytes(data[: len(data) // 2])
    found = peaks(tmp_path / "half.wav", 0, 100)
    assert found[:40].any(axis=1).all()


def test_a_header_is_read_once(tmp_path: Path, tone, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may take a decoding: where no header states the length, it is counted."""
    asked: list[Path] = []
    monkeypatch.setattr(pictures, "probe", lambda path: (asked.append(path), audio.probe(path))[1])
    file = write(tmp_path / "a.wav", tone(0.5))
    audio.sound_pictures(file, (0,), count=10, columns=10, bands=8)
    assert asked == [file]


def test_bad_input(tmp_path: Path, tone) -> None:
    file = write(tmp_path / "mono.wav", tone(0.5))
    with pytest.raises(AudioError, match="no channel 1: it has 1"):
        peaks(file, 1, 10)
    with pytest.raises(AudioError, match="does not exist"):
        spectrogram(tmp_path / "none.wav", 0, 10, 10)
    (tmp_path / "text.wav").write_text("hello")
    with pytest.raises(AudioError, match="text file"):
        peaks(tmp_path / "text.wav", 0, 10)


def test_memory_does_not_grow_with_the_recording(tmp_path: Path, tone) -> None:
    minute = tone(60.0, rate=8_000)
    most = []
    for minutes in (1, 5):
        file = write(tmp_path / f"{minutes}.wav", np.tile(minute, minutes), rate=8_000)
        tracemalloc.start()
        audio.sound_pictures(file, (0,), count=500, columns=200, bands=32)
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert most[1] < 1.1 * most[0]
