"""One pass over a recording: every range as if it were read alone, in bounded memory, past what is broken."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonewise import audio
from tonewise.audio import container, decode, stream
from tonewise.audio.clips import STRAIGHT
from tonewise.audio.opening import existing
from tonewise.errors import AudioError
from tonewise.records import Clip

RATE = 44_100  # so that everything is resampled
SNDFILE = ("wav", "flac", "ogg", "opus", "mp3")
CONTAINERS = ("m4a", "webm")


def sweep(seconds: float, rate: int = RATE) -> np.ndarray:
    """Two channels that differ, no two stretches alike, float32 `(n, 2)`."""
    time = np.arange(round(seconds * rate)) / rate
    random = np.random.default_rng(0)
    noise = 0.01 * random.normal(size=(len(time), 2))
    return (
        np.stack([0.4 * np.sin(2 * np.pi * (150 + 9 * time) * time), 0.2 * np.sin(700 * time)], axis=1) + noise
    ).astype(np.float32)


def write(path: Path, samples: np.ndarray, rate: int = RATE) -> Path:
    """Encode by the extension."""
    if path.suffix[1:] in CONTAINERS:
        return write_container(path, samples, rate, {"m4a": "aac", "webm": "libopus"}[path.suffix[1:]])
    options = {"format": "OGG", "subtype": "OPUS"} if path.suffix == ".opus" else {}
    with soundfile.SoundFile(path, "w", rate, samples.shape[1], **options) as file:
        for first in range(0, len(samples), 4096):  # libsndfile's Vorbis takes no more at once
            file.write(samples[first : first + 4096])
    return path


def write_container(path: Path, samples: np.ndarray, rate: int, codec: str, *, late: float = 0.0) -> Path:
    """Encode with FFmpeg; what comes after the first second is `late` by so many seconds, as if sound had been left out."""
    import av

    with av.open(str(path), "w") as file:
        track = file.add_stream(codec, rate=rate, layout="stereo")
        resampler = av.AudioResampler(
            format=track.format, layout="stereo", rate=rate, frame_size=track.frame_size or 960
        )
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = rate, 0, Fraction(1, rate)
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            for packet in track.encode(piece):
                _mux(file, packet, late)
        for packet in track.encode(None):
            _mux(file, packet, late)
    return path


def _mux(file, packet, late: float) -> None:
    if late and packet.pts is not None and packet.pts * packet.time_base > 1.0:
        packet.pts += round(late / packet.time_base)
        packet.dts = packet.pts
    file.mux(packet)


def rate_of(suffix: str) -> int:
    return 48_000 if suffix in ("opus", "webm") else RATE


@pytest.fixture
def short_sections(monkeypatch):
    """Sections of three seconds, so that small files have several."""
    monkeypatch.setattr(stream, "SECTION", 3)
    monkeypatch.setattr(stream, "BLOCK", 0.7)


def ranges(file: Path, count: int = 12) -> list[Clip]:
    random = np.random.default_rng(1)
    starts = np.sort(random.uniform(0, 8, count))
    return [Clip(str(file), start, random.uniform(0.2, 1.9), int(random.integers(2))) for start in starts]


@pytest.mark.parametrize("suffix", [*SNDFILE, *CONTAINERS])
def test_a_clip_is_the_same_alone_and_in_a_pass(tmp_path, short_sections, suffix):
    file = write(tmp_path / f"a.{suffix}", sweep(10, rate_of(suffix)), rate_of(suffix))
    clips = ranges(file)
    alone = [audio.hear(clip) for clip in clips]
    for order in (clips, clips[::3], clips[::-1], [*clips, *clips]):
        for clip, sound in zip(order, audio.hear_all(order), strict=True):
            assert np.array_equal(sound, alone[clips.index(clip)])
    whole = audio.read(file, channel=1)
    for clip, sound in zip(clips, alone, strict=True):
        if clip.channel == 1:
            expected = whole[round(clip.start * 16_000) :][: len(sound)]
            assert np.corrcoef(expected, sound)[0, 1] > 0.99


@pytest.mark.real
def test_a_real_mp3_is_the_same_alone_and_in_a_pass(shared, short_sections):
    file = next((shared / "data" / "townhall").glob("*part7.mp3"))
    clips = [Clip(str(file), start, 1.5, decoding=STRAIGHT) for start in (0.2, 1.0, 2.9, 3.0, 7.7, 20.0, 20.4)]
    for clip, sound in zip(clips, audio.hear_all(clips), strict=True):
        assert np.array_equal(sound, audio.hear(clip))
    whole = audio.read(file, 0.0, 30.0)
    assert np.abs(audio.hear(clips[-1]) - whole[326_400:][:24_000]).max() < 1e-4, "sections meet without a seam"


@pytest.mark.parametrize("suffix", ["mp3", "webm"])
def test_a_pass_decodes_once(tmp_path, monkeypatch, suffix):
    file = write(tmp_path / f"a.{suffix}", sweep(20, 48_000), 48_000)
    decoded = []
    blocks, section = container.timed_blocks, stream._section
    monkeypatch.setattr(
        container, "timed_blocks", lambda *rest: (decoded.append(len(b)) or (t, b) for t, b in blocks(*rest))
    )
    monkeypatch.setattr(stream, "_section", lambda *rest: (decoded.append(len(b)) or b for b in section(*rest)))
    clips = [Clip(str(file), start / 4, 0.9, start % 2) for start in range(70)]
    assert all(len(sound) == 14_400 for sound in audio.hear_all(clips))
    assert sum(decoded) <= 20.2 * 48_000


@pytest.mark.parametrize("suffix", ["ogg", "m4a"])
def test_no_more_of_a_long_file_is_kept_than_a_range_needs(tmp_path, monkeypatch, suffix):
    file = write(tmp_path / f"long.{suffix}", sweep(30))
    monkeypatch.setattr(stream, "BLOCK", 1.0)
    kept, drop = [], stream._Passing._drop
    monkeypatch.setattr(
        stream._Passing, "_drop", lambda self, first: (drop(self, first), kept.append(sum(map(len, self._kept))))
    )
    clips = [Clip(str(file), start / 2, 1.5) for start in range(50)]
    assert sum(map(len, audio.hear_all(clips))) == len(clips) * 24_000
    assert max(kept) < 5 * RATE


def test_what_was_left_out_of_a_container_is_silence(tmp_path):
    whole, gapped = (
        write_container(tmp_path / f"{late}.webm", sweep(3, 48_000), 48_000, "libopus", late=late)
        for late in (0.0, 2.0)
    )
    first, later = audio.read(whole), audio.read(gapped)
    assert len(later) - len(first) == pytest.approx(32_000, abs=400)
    middle = audio.read(gapped, 1.5, 1.0)
    assert np.abs(middle).max() < 1e-3
    moved = audio.read(gapped, 4.0, 0.5), audio.read(whole, 2.0, 0.5)
    assert np.corrcoef(*moved)[0, 1] > 0.7, "WebM's times are whole milliseconds"


def test_one_clip_that_cannot_be_heard_does_not_stop_the_others(tmp_path):
    file = write(tmp_path / "a.mp3", sweep(4))
    clips = [
        Clip(str(file), 0.5, 1.0),
        Clip(str(file), 1.0, 1.0, channel=7),
        Clip(str(file), 9.0, 1.0),
        Clip(str(file), 2, 1),
    ]
    first, channel, beyond, last = audio.hear_all(clips)
    assert len(first) == len(last) == 16_000
    assert "has no channel 7" in str(channel) and "it is truncated" in str(beyond)
    assert np.array_equal(last, audio.hear(clips[-1]))


def test_a_damaged_container_fails_from_the_damage_on(tmp_path, monkeypatch):
    file = write(tmp_path / "a.webm", sweep(4, 48_000), 48_000)

    def broken(found, track, name):
        for time, block in timed(found, track, name):
            if time is not None and time > 2.0:
                raise AudioError(f"{name} is damaged (x); export it again")
            yield time, block

    timed = container.timed_blocks
    monkeypatch.setattr(container, "timed_blocks", broken)
    monkeypatch.setattr(stream, "BLOCK", 0.1)
    found = list(audio.hear_all([Clip(str(file), start, 0.5) for start in (0.0, 1.0, 2.5, 3.0, 0.5)]))
    assert [len(each) for each in found if isinstance(each, np.ndarray)] == [8_000] * 3
    assert ["damaged" in str(each) for each in found[2:4]] == [True, True]


def test_files_that_cannot_be_opened_fail_every_clip(tmp_path):
    gone = [Clip(str(tmp_path / "gone.wav"), start, 1.0) for start in (0.0, 1.0)]
    assert ["does not exist" in str(error) for error in audio.hear_all(gone)] == [True, True]
    assert list(audio.hear_all([])) == []


@pytest.mark.parametrize("name", ["a.wav", "a.mp3", "a.m4a", "a.ulaw", "a.txt"])
@pytest.mark.parametrize("use", [audio.probe, audio.read])
def test_files_that_go_before_their_decoder_comes(tmp_path, monkeypatch, name, use):
    (tmp_path / name).write_bytes(b"RIFF of no use")

    def seen(path):
        found = existing(path)
        found.unlink()
        return found

    monkeypatch.setattr(decode, "existing", seen)
    with pytest.raises(AudioError, match=r"a\.\w+ does not exist; check the path"):
        use(tmp_path / name)


@pytest.mark.parametrize(("name", "said"), [("a.mp3", "does not exist"), ("a.m4a", "can be opened no more")])
def test_files_that_go_before_they_are_decoded(tmp_path, name, said):
    file = write(tmp_path / name, sweep(1))
    with audio.Recording(file) as recording:
        file.unlink()
        with pytest.raises(AudioError, match=said):
            recording.read()


def test_clips_say_how_lossy_ranges_are_decoded():
    assert audio.whole_clip("a.opus", 0.0, 3.0).decoding is None, "from the beginning there is but one way"
    assert audio.whole_clip("a.opus", 7.0, 9.0).decoding == STRAIGHT
    assert audio.whole_clip("a.m4a", 7.0, 9.0).decoding == STRAIGHT
    assert audio.whole_clip("a.WAV", 7.0, 9.0).decoding is None
    assert audio.fixed_clip("a.mp3", 5.0, 20.0, seconds=7.0, seed=0, name="a").decoding == STRAIGHT


def test_a_recording_is_closed(tmp_path):
    with audio.Recording(write(tmp_path / "a.wav", sweep(1))) as recording:
        assert (recording.sample_rate, recording.channels) == (RATE, 2)
        assert len(recording.read(0.0, 0.5)) == 8_000
    with pytest.raises(soundfile.SoundFileRuntimeError, match="closed"):
        recording.read(0.0, 0.5)
