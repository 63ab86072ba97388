"""Live sound: windows do not depend on how bytes arrive, and are those of the same sound as a file."""

from __future__ import annotations

import io
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import soundfile

import tonewise
from tonewise import audio
from tonewise.errors import AudioError, OptionError
from tonewise.evaluation.smoothing import smooth
from tonewise.features import Preparation, create
from tonewise.features.baseline import population, standardise_by_speaker
from tonewise.pipeline.live import LiveScorer, LiveWindow, score_windows, warm_up
from tonewise.pipeline.live_judging import WindowJudge, fitted, speech
from tonewise.pipeline.live_sound import ByteDecoder
from tonewise.pipeline.live_voice import RunningBaseline, RunningLevel
from tonewise.pipeline.live_windows import Window, WindowCutter, spans
from tonewise.pipeline.loading import LoadedModel, load_model

RATES = (8_000, 16_000, 44_100, 48_000)


@pytest.fixture(scope="module")
def model(corpus, tmp_path_factory) -> LoadedModel:
    folder = tmp_path_factory.mktemp("live") / "model"
    return load_model(tonewise.train(corpus, folder, features="melstats", labels="lexicon", cache=False).model)


def loud(samples: np.ndarray) -> list[tuple[int, int]]:
    """Where a beep is: what stands for speech here."""
    where = np.flatnonzero(np.abs(samples) > 0.02)
    return [(int(where[0]), int(where[-1]) + 1)] if len(where) else []


def beeps(tone, seconds: float, rate: int, seed: int = 0) -> np.ndarray:
    """Three seconds of a beep at another pitch each time, then two of silence, and so on: int16."""
    random = np.random.default_rng(seed)
    pieces = []
    while sum(map(len, pieces)) < seconds * rate:
        pieces += [tone(3.0, random.uniform(120, 300), rate=rate), np.zeros(2 * rate, dtype=np.float32)]
    return (np.concatenate(pieces)[: round(seconds * rate)] * 32_767).astype("<i2")


def streamed(model: LoadedModel, data: bytes, *, seed: int | None = None, **options) -> list[LiveWindow]:
    """Windows of bytes that arrive in messages of random sizes, or at once."""
    scorer = LiveScorer(model, activity=loud, **options)
    random = np.random.default_rng(seed)
    found: list[LiveWindow] = []
    first = 0
    while first < len(data):
        size = len(data) if seed is None else int(random.integers(1, scorer.bytes_per_second * 2))
        found += scorer.feed(data[first : first + size])
        first += size
    return found + scorer.finish()


@pytest.mark.parametrize("rate", RATES)
def test_windows_do_not_depend_on_messages_nor_differ_from_the_file(model, tone, tmp_path, rate):
    sound = beeps(tone, 12.3, rate)
    soundfile.write(tmp_path / "sound.wav", sound, rate)
    whole = streamed(model, sound.tobytes(), rate=rate)
    assert [(each.start, each.end) for each in whole[:6]] == [(0, 1), (0, 2), (0, 3), (0, 4), (1, 5), (2, 6)]
    assert (whole[-1].start, round(whole[-1].end, 2)) == (9, 12.3) and len(whole) == 13
    assert [each.tone is not None for each in whole] == [True] * 13
    for seed in range(2):
        assert streamed(model, sound.tobytes(), seed=seed, rate=rate) == whole
    assert score_windows(model, tmp_path / "sound.wav", activity=loud) == whole


@pytest.mark.parametrize(("encoding", "subtype"), [("mulaw", "ULAW"), ("alaw", "ALAW"), ("pcm_f32le", "FLOAT")])
def test_other_encodings_are_what_files_of_them_are(model, tone, tmp_path, encoding, subtype):
    kept = tmp_path / {"ULAW": "line.ulaw", "ALAW": "line.alaw", "FLOAT": "line.wav"}[subtype]
    sound = beeps(tone, 6.2, 8_000) / np.float32(32_768)
    raw = {} if subtype == "FLOAT" else {"format": "RAW"}
    soundfile.write(kept, sound, 8_000, subtype=subtype, **raw)
    data = sound.astype("<f4").tobytes() if subtype == "FLOAT" else kept.read_bytes()
    found = streamed(model, data, seed=1, rate=8_000, encoding=encoding)
    assert found == score_windows(model, kept, activity=loud)
    assert len(found) == 7 and found[0].tone is not None


@pytest.mark.parametrize(("encoding", "subtype"), [("mulaw", "ULAW"), ("alaw", "ALAW")])
def test_every_code_of_a_telephone_line(encoding, subtype):
    codes = bytes(range(256))
    form = {"samplerate": 8_000, "channels": 1, "format": "RAW", "subtype": subtype}
    expected, _ = soundfile.read(io.BytesIO(codes), dtype="float32", **form)
    np.testing.assert_array_equal(ByteDecoder(encoding).feed(codes), expected)


def test_one_channel_of_several_or_their_mean(model, tone, tmp_path):
    left, right = beeps(tone, 5, 16_000), beeps(tone, 5, 16_000, seed=1)
    both = np.stack([left, right], axis=1)
    soundfile.write(tmp_path / "call.wav", both, 16_000)
    chosen = streamed(model, both.tobytes(), seed=0, rate=16_000, channels=2, channel=1)
    assert chosen == streamed(model, right.tobytes(), rate=16_000)
    mean = streamed(model, both.tobytes(), seed=0, rate=16_000, channels=2)
    assert mean == score_windows(model, tmp_path / "call.wav", activity=loud) != chosen


def test_what_comes_later_changes_nothing(model, tone):
    sound = beeps(tone, 14, 16_000)
    whole = streamed(model, sound.tobytes(), rate=16_000)
    assert streamed(model, sound[: 8 * 16_000].tobytes(), rate=16_000) == whole[:8]


@pytest.mark.parametrize("rate", (*RATES, 11_025))
def test_a_window_sounds_as_in_the_whole(tone, rate):
    import soxr

    sound = beeps(tone, 9.5, rate) / np.float32(32_768)
    cutter = WindowCutter(rate)
    windows = [*cutter.feed(sound), *cutter.finish()]
    whole = soxr.resample(sound, rate, 16_000)
    for window in windows:
        expected = whole[round(window.start * 16_000) : round(window.end * 16_000)]
        assert abs(len(window.samples) - len(expected)) <= 1
        both = min(len(window.samples), len(expected)) - 160  # the last 10 ms hear nothing of what follows
        np.testing.assert_allclose(window.samples[:both], expected[:both], atol=2e-4)
    assert [(each.start, each.end) for each in windows] == [*spans(len(sound) / rate, 4, 1)]


def test_memory_does_not_grow_with_the_stream(model):
    scorer = LiveScorer(model, rate=8_000, encoding="mulaw", activity=lambda samples: [])
    second = bytes([0xFF]) * 8_000
    peaks = []
    for seconds in (20, 300):
        tracemalloc.start()
        for _ in range(seconds):
            assert all(not window.heard for window in scorer.feed(second))
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 100_000 < 2_000_000


def test_silence_noise_and_beeps_have_no_tone(model, tone):
    hiss = np.random.default_rng(0).normal(0, 0.01, 3 * 16_000)
    sound = np.concatenate([np.zeros(4 * 16_000), hiss, tone(3)])
    scorer = LiveScorer(model, rate=16_000)
    found = scorer.feed((sound * 32_767).astype("<i2").tobytes()) + scorer.finish()
    assert [(each.heard, each.tone, each.smoothed, each.low) for each in found] == [(False, None, None, None)] * 10
    assert speech(np.zeros(16_000, dtype=np.float32)) == []


def test_no_sound_at_all_has_no_windows(model):
    scorer = LiveScorer(model, rate=48_000)
    assert scorer.feed(b"") == [] and scorer.finish() == []


def test_a_word_is_heard_without_the_silence_around_it(model, tone):
    word = tone(0.8, 150)
    alone = WindowJudge(model, window=4, hop=1, activity=loud).judge(Window(0, 0.8, word))
    around = np.concatenate([np.zeros(30_000), word, np.zeros(20_000)]).astype(np.float32)
    inside = WindowJudge(model, window=4, hop=1, activity=loud).judge(Window(0, 4, around))
    assert inside.tone == pytest.approx(alone.tone, abs=1e-3)
    syllable = WindowJudge(model, window=4, hop=1, activity=loud).judge(Window(0, 4, tone(0.3)))
    assert not syllable.heard and syllable.tone is None


def test_sound_that_encoders_make_no_numbers_of_has_no_tone(model, tone):
    class Broken:
        name, minimum_seconds, clip_seconds, dimensions = "broken", 0.1, None, 3

        def encode(self, clips):
            return np.full((len(clips), 3), np.nan)

    judge = WindowJudge(replace(model, encoders=(Broken(),)), window=4, hop=1, activity=loud)
    found = judge.judge(Window(0, 4, tone(4)))
    assert found.heard and found.tone is None and found.smoothed is None


def test_clips_of_one_length_are_cut_or_padded_around_the_middle():
    encoder = create("mel")
    assert encoder.clip_seconds == 7
    short = fitted(np.ones(16_000, dtype=np.float32), encoder)
    assert len(short) == 7 * 16_000 and short.sum() == 16_000 and short[3 * 16_000] == short[4 * 16_000 - 1] == 1
    long = fitted(np.arange(9 * 16_000), encoder)
    assert len(long) == 7 * 16_000 and long[0] == 16_000


def test_the_baseline_is_that_of_all_windows_so_far():
    random = np.random.default_rng(0)
    everybody = population(random.normal(2, 3, (50, 4)))
    rows = random.normal(1, 2, (12, 4)).astype(np.float32)
    running = RunningBaseline(Preparation("speaker", everybody, 5.0), share=1.0)
    for count in range(1, len(rows) + 1):
        said = running.apply(rows[count - 1])
        expected = standardise_by_speaker(rows[:count], ["a"] * count, shrinkage=5.0, everybody=everybody)
        np.testing.assert_allclose(said, expected[-1], rtol=1e-4, atol=1e-5)
    unchanged = rows[0]
    assert RunningBaseline(Preparation(), share=1.0).apply(unchanged) is unchanged


def test_windows_that_overlap_weigh_less_in_the_baseline():
    everybody = population(np.random.default_rng(0).normal(0, 1, (50, 1)))
    said = []
    for share in (1.0, 0.25):
        running = RunningBaseline(Preparation("speaker", everybody, 10.0), share=share)
        said.append([float(running.apply(np.array([3.0], dtype=np.float32))[0]) for _ in range(20)][-1])
    assert 0 < said[0] < said[1] < 3.5


def test_the_level_is_the_smoothed_tone_of_the_last_segment():
    random = np.random.default_rng(0)
    times = np.cumsum(random.uniform(0.5, 4, 30))
    tones = random.uniform(0, 1, 30)
    running = RunningLevel(0.7)
    for count in range(1, 31):
        said = running.add(times[count - 1], tones[count - 1], 1.0)
        expected = smooth(times[:count], tones[:count], [1.0] * count, noise=0.7)
        assert (said.tone, said.low, said.high) == pytest.approx(
            (expected.tone[-1], expected.low[-1], expected.high[-1]), abs=1e-9
        )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"rate": 7_999}, "7999 Hz is impossible; expected 8000 to 192000"),
        ({"rate": 192_001}, "192001 Hz"),
        ({"rate": 8_000, "encoding": "g729"}, "unknown encoding 'g729' of live sound; choose one of pcm_s16le"),
        ({"rate": 8_000, "channels": 0}, "0 channels is impossible"),
        ({"rate": 8_000, "channels": 9}, "9 channels is impossible"),
        ({"rate": 8_000, "channels": 2, "channel": 2}, "has no channel 2"),
        ({"rate": 8_000, "window": 0}, "windows of 0 s"),
        ({"rate": 8_000, "window": 2, "hop": 3}, "hop that is no longer"),
        ({"rate": 8_000, "window": 2.5}, "whole seconds"),
        ({"rate": 8_000, "window": 31}, "1 to 30"),
    ],
)
def test_impossible_streams_are_refused(model, options, words):
    with pytest.raises(OptionError, match=words):
        LiveScorer(model, **options)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 20_000.0])
def test_floats_that_are_no_sound_are_refused(model, bad):
    samples = np.zeros(100, dtype="<f4")
    samples[50] = bad
    with pytest.raises(AudioError, match="no numbers, or far beyond full scale; send floats from -1 to 1"):
        LiveScorer(model, rate=16_000, encoding="pcm_f32le").feed(samples.tobytes())


def test_half_a_sample_at_the_end_is_told(model):
    scorer = LiveScorer(model, rate=16_000, channels=2)
    scorer.feed(bytes(4 * 16_000 + 3))
    with pytest.raises(AudioError, match="ends with 3 of the 4 bytes of a frame"):
        scorer.finish()


def test_files_that_cannot_be_scored_say_so(model, tmp_path):
    with pytest.raises(AudioError, match="does not exist"):
        score_windows(model, tmp_path / "no.wav")
    with pytest.raises(OptionError, match="windows of 9 s"):
        score_windows(model, tmp_path / "no.wav", window=9, hop=10)


def test_a_file_is_opened_once(model, tone, tmp_path, monkeypatch):
    soundfile.write(tmp_path / "a.wav", tone(6.0), 16_000)
    opened, real = [], audio.Recording

    def counted(path, **options):
        opened.append(path)
        return real(path, **options)

    for name in ("tonewise.audio.Recording", "tonewise.audio.decode.Recording"):
        monkeypatch.setattr(name, counted)
    assert len(score_windows(model, tmp_path / "a.wav", activity=loud)) == 6 and len(opened) == 1


def test_warm_up_hears_something(model):
    warm_up(model)


@pytest.mark.real
def test_real_sound_as_a_stream_and_as_a_file(model, shared, tmp_path):
    """A telephone line in μ-law, and a call: the windows are those of the file."""
    line = Path(shared / "data" / "phone" / "WUWII00000_006.ulaw")
    sound, rate = soundfile.read(shared / "data" / "calls" / "car_service_mono.wav", dtype="int16", frames=12 * 8_000)
    soundfile.write(tmp_path / "call.wav", sound, rate)
    for data, file, encoding in (
        (line.read_bytes(), line, "mulaw"),
        (sound.astype("<i2").tobytes(), tmp_path / "call.wav", "pcm_s16le"),
    ):
        scorer = LiveScorer(model, rate=8_000, encoding=encoding)
        found: list[LiveWindow] = []
        for first in range(0, len(data), 320):
            found += scorer.feed(data[first : first + 320])
        found += scorer.finish()
        assert found == score_windows(model, file)
        assert sum(each.heard for each in found) > 5
        assert all(0 < each.low < each.smoothed < each.high < 1 for each in found if each.heard)
