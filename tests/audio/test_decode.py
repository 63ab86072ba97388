"""Decoding: any range of any channel, equal to the same range of the whole; and what happens to bad files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonewise.audio import probe, read
from tonewise.errors import AudioError

FORMATS = ["wav", "flac", "ogg", "mp3", "opus"]
CONTAINERS = {"m4a": "aac", "mp4": "aac", "webm": "libopus", "mkv": "ac3"}


def write(path: Path, samples: np.ndarray, rate: int = 16_000) -> Path:
    if path.suffix == ".opus":
        soundfile.write(path, samples, rate, format="OGG", subtype="OPUS")
    else:
        soundfile.write(path, samples, rate)
    return path


def write_container(path: Path, samples: np.ndarray, rate: int, codec: str) -> Path:
    """Encode float32 `(n,)` or `(n, channels)` with FFmpeg's own encoders."""
    import av

    samples = samples[:, None] if samples.ndim == 1 else samples
    layout = "mono" if samples.shape[1] == 1 else "stereo"
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout=layout)
        resampler = av.AudioResampler(format=stream.format, layout=layout, rate=rate)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), format="fltp", layout=layout)
        frame.sample_rate = rate
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            for packet in stream.encode(piece):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    return path


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    n = min(len(a), len(b))
    return float(np.corrcoef(a[:n], b[:n])[0, 1])


@pytest.fixture
def chirp() -> np.ndarray:
    """Four seconds whose pitch rises, so that no two stretches are alike: 48 kHz, float32."""
    time = np.arange(4 * 48_000) / 48_000
    return (0.5 * np.sin(2 * np.pi * (200 * time + 100 * time**2))).astype(np.float32)


@pytest.mark.parametrize("suffix", FORMATS)
def test_reads_what_libsndfile_reads(tmp_path, chirp, suffix):
    file = write(tmp_path / f"a.{suffix}", chirp, 48_000)
    info = probe(file)
    assert (info.sample_rate, info.channels) == (48_000, 1)
    assert info.duration == pytest.approx(4.0, abs=0.05)
    samples = read(file)
    assert samples.dtype == np.float32 and samples.ndim == 1
    assert len(samples) == pytest.approx(64_000, abs=800)
    assert correlation(samples, chirp[::3]) > 0.99


@pytest.mark.parametrize(("suffix", "codec"), CONTAINERS.items())
def test_reads_what_only_ffmpeg_reads(tmp_path, chirp, suffix, codec):
    file = write_container(tmp_path / f"a.{suffix}", chirp, 48_000, codec)
    assert probe(file).duration == pytest.approx(4.0, abs=0.1)
    whole = read(file)
    assert len(whole) == pytest.approx(64_000, abs=1600)
    part = read(file, 2.0, 1.0)
    assert len(part) == 16_000
    assert correlation(part, whole[32_000:48_000]) > 0.99


@pytest.mark.parametrize("suffix", ["wav", "flac", "mp3", "opus"])
@pytest.mark.parametrize("rate", [16_000, 48_000])
def test_a_range_is_the_same_range_of_the_whole(tmp_path, chirp, suffix, rate):
    file = write(tmp_path / f"a.{suffix}", chirp, rate)
    whole = read(file)
    part = read(file, 1.25, 0.5)
    assert len(part) == 8_000
    np.testing.assert_allclose(part, whole[20_000:28_000], atol=2e-3 if suffix in ("mp3", "opus") else 1e-4)


def test_any_channel_and_their_mean(tmp_path, tone):
    left, right = tone(1.0, 200), tone(1.0, 500)
    file = write(tmp_path / "stereo.wav", np.stack([left, right], axis=1))
    np.testing.assert_allclose(read(file, channel=0), left, atol=1e-4)
    np.testing.assert_allclose(read(file, channel=1), right, atol=1e-4)
    np.testing.assert_allclose(read(file), (left + right) / 2, atol=1e-4)
    with pytest.raises(AudioError, match="has no channel 2: it has 2; choose 0 to 1"):
        read(file, channel=2)


def test_a_range_does_not_load_the_whole_file(tmp_path, monkeypatch):
    file = write(tmp_path / "long.wav", np.zeros(16_000 * 60, dtype=np.float32))
    asked = []
    original = soundfile.SoundFile.read

    def spy(self, frames=-1, *args, **kwargs):
        asked.append(frames)
        return original(self, frames, *args, **kwargs)

    monkeypatch.setattr(soundfile.SoundFile, "read", spy)
    read(file, 30.0, 1.0)
    assert max(asked) < 2 * 16_000


def test_24_bit_and_float_wav(tmp_path, tone):
    samples = tone(0.5)
    for subtype in ("PCM_24", "FLOAT", "PCM_U8", "ULAW"):
        file = tmp_path / f"{subtype}.wav"
        soundfile.write(file, samples, 16_000, subtype=subtype)
        np.testing.assert_allclose(read(file), samples, atol=0.02)


# -- bad files: one line each, naming the file and the remedy -----------------------------------------------------------


def test_missing_empty_folder(tmp_path):
    with pytest.raises(AudioError, match=r"gone\.wav does not exist; check the path"):
        probe(tmp_path / "gone.wav")
    (tmp_path / "empty.wav").touch()
    with pytest.raises(AudioError, match=r"empty\.wav is empty \(0 bytes\)"):
        probe(tmp_path / "empty.wav")
    with pytest.raises(AudioError, match="is a folder"):
        read(tmp_path)


def test_text_called_wav(tmp_path):
    (tmp_path / "notes.wav").write_text("these are minutes of a meeting\n" * 50)
    with pytest.raises(AudioError, match=r"notes\.wav is a text file; expected audio"):
        probe(tmp_path / "notes.wav")


def test_playlist_is_not_followed(tmp_path, tone):
    secret = write(tmp_path / "secret.wav", tone(1.0))
    playlist = tmp_path / "list.m3u8"
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1,\n{secret}\n#EXT-X-ENDLIST\n")
    with pytest.raises(AudioError, match="is a text file"):
        read(playlist)


def test_noise_called_mp3(tmp_path):
    (tmp_path / "a.mp3").write_bytes(b"\0\1\2\3" * 2000)
    with pytest.raises(AudioError, match="no recording that libsndfile or FFmpeg can read"):
        probe(tmp_path / "a.mp3")


def test_no_samples(tmp_path):
    file = write(tmp_path / "none.wav", np.zeros(0, dtype=np.float32))
    with pytest.raises(AudioError, match="holds no sound"):
        probe(file)


@pytest.mark.parametrize("suffix", ["mp3", "wav"])
def test_truncated_file_ends_before_its_promise(tmp_path, chirp, suffix):
    whole = write(tmp_path / f"whole.{suffix}", chirp, 48_000)
    cut = tmp_path / f"cut.{suffix}"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert len(read(cut, 0.5, 1.0)) == 16_000
    with pytest.raises(
        AudioError, match="ends before its header or its transcript says: it is truncated; copy it again"
    ):
        read(cut, 1.0, 2.9)


def test_samples_that_are_not_numbers(tmp_path, tone):
    samples = tone(1.0)
    samples[8000] = np.nan
    soundfile.write(tmp_path / "nan.wav", samples, 16_000, subtype="FLOAT")
    with pytest.raises(AudioError, match=r"nan\.wav holds samples that are not numbers"):
        read(tmp_path / "nan.wav")
    assert len(read(tmp_path / "nan.wav", 0.0, 0.2)) == 3200


def test_a_range_before_the_start(tmp_path, tone):
    with pytest.raises(AudioError, match="cannot start at -1 s"):
        read(write(tmp_path / "a.wav", tone(1.0)), -1.0, 1.0)


def test_video_without_sound(tmp_path):
    import av

    file = tmp_path / "silent.mp4"
    with av.open(str(file), "w") as container:
        stream = container.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 32
        for _ in range(5):
            frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), dtype=np.uint8), format="rgb24")
            for packet in stream.encode(frame):
                container.mux(packet)
        for packet in stream.encode(None):
            container.mux(packet)
    with pytest.raises(AudioError, match=r"silent\.mp4 .* no recording"):
        probe(file)


@pytest.mark.real
def test_real_mp3_ranges(shared):
    file = next((shared / "data" / "townhall").glob("*part7.mp3"))
    whole = read(file)
    np.testing.assert_allclose(read(file, 50.0, 3.0), whole[800_000:848_000], atol=1e-5)
