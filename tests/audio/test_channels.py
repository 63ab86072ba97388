"""Mono that was saved as stereo."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonewise import audio
from tonewise.audio import channels, sndfile
from tonewise.errors import AudioError


def write(path: Path, *sounds: np.ndarray, **options: str) -> Path:
    soundfile.write(path, np.stack(sounds, axis=1), 16_000, **options)
    return path


@pytest.mark.parametrize("extension", ["wav", "flac", "ogg", "mp3"])
def test_copies_and_others(tmp_path: Path, tone, extension: str) -> None:
    one, other = tone(2.0, 200), tone(2.0, 310)
    assert audio.identical_channels(write(tmp_path / f"copy.{extension}", one, one))
    assert not audio.identical_channels(write(tmp_path / f"stereo.{extension}", one, other))
    assert not audio.identical_channels(write(tmp_path / f"half.{extension}", one, 0.5 * one))
    assert not audio.identical_channels(write(tmp_path / f"mono.{extension}", one))


def test_dither_makes_no_stereo_and_a_whisper_does(tmp_path: Path, tone) -> None:
    one = tone(2.0, 200)
    noise = np.random.default_rng(0).normal(size=len(one)).astype(np.float32)
    assert audio.identical_channels(write(tmp_path / "dither.wav", one, one + 1e-5 * noise, subtype="PCM_24"))
    assert not audio.identical_channels(write(tmp_path / "whisper.wav", one, one + 1e-3 * noise, subtype="PCM_24"))


def test_silence_differs_from_nothing_and_one_block_decides(
    tmp_path: Path, tone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channels, "BLOCK", 0.5)
    one = np.concatenate([np.zeros(16_000, dtype=np.float32), tone(1.2, 200)])
    late = one.copy()
    late[-3_000:] = tone(3_000 / 16_000, 310)
    assert audio.identical_channels(write(tmp_path / "copy.wav", one, one, one))
    assert not audio.identical_channels(write(tmp_path / "late.wav", one, late))
    assert not audio.identical_channels(write(tmp_path / "third.wav", one, one, late))
    heard: list[int] = []
    blocks = channels.Recording.blocks

    def spy(self: channels.Recording, seconds: float) -> Iterator[np.ndarray]:
        for block in blocks(self, seconds):
            heard.append(len(block))
            yield block

    monkeypatch.setattr(channels.Recording, "blocks", spy)
    assert not audio.identical_channels(write(tmp_path / "soon.wav", tone(9.0, 200), tone(9.0, 310)))
    assert heard == [8_000]


def test_a_length_of_whole_blocks_and_less_than_a_sample(tmp_path: Path, tone, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a container's clock may state it: nothing is left to compare, and that is no difference."""
    monkeypatch.setattr(channels, "BLOCK", 0.5)
    one = tone(1.0, 200)
    file = write(tmp_path / "copy.wav", one, one)
    monkeypatch.setattr(sndfile, "probe", lambda *_: (1.000001, 16_000, 2, "WAV"))
    assert audio.identical_channels(file)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_is_no_copy(tmp_path: Path, tone, value: float) -> None:
    one, other = tone(1.0, 200), tone(1.0, 200)
    one[500] = other[500] = value
    assert not audio.identical_channels(write(tmp_path / "a.wav", one, other, subtype="FLOAT"))


def test_what_is_no_recording(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("no sound")
    with pytest.raises(AudioError):
        audio.identical_channels(tmp_path / "a.wav")
