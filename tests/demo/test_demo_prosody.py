"""The manner of speaking must be in the sound, not only in the plan."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonewise.demo.plan import Line, Session
from tonewise.demo.prosody import STYLES, draw_manner, phrase, styles_of
from tonewise.demo.recording import record
from tonewise.demo.voices import TRAIN_SPEAKERS

pytest.importorskip("espeakng_loader")

TEXT = "The man on the phone was here from start to finish."
TAKES = 14  # sentences a style


def pitches(sound: np.ndarray, rate: int) -> np.ndarray:
    """Hz of voiced frames, by the peak of the autocorrelation between 60 and 400 Hz."""
    size, hop = int(0.05 * rate), int(0.02 * rate)
    frames = np.lib.stride_tricks.sliding_window_view(sound, size)[::hop]
    frames = frames[frames.std(axis=1) > 0.3 * sound.std()]
    power = np.abs(np.fft.rfft(frames - frames.mean(axis=1, keepdims=True), 2 * size)) ** 2
    lags = np.fft.irfft(power)[:, : size - 1]
    low, high = rate // 400, rate // 60
    best = lags[:, low:high].argmax(axis=1) + low
    voiced = lags[np.arange(len(lags)), best] > 0.5 * lags[:, 0]
    return rate / best[voiced]


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, float]]:
    """Means by style of what can be measured in one woman's voice."""
    folder = tmp_path_factory.mktemp("styles")
    lines = tuple(Line(TEXT, "neutral", style) for style in STYLES for _ in range(TAKES))
    rows, _ = record(Session("one", TRAIN_SPEAKERS[0], "en", lines, False, (1, 2)), folder)
    found: dict[str, list[tuple[float, ...]]] = {style: [] for style in STYLES}
    for row in rows:
        span = [round(16_000 * float(row[edge])) for edge in ("start", "end")]
        sound, rate = soundfile.read(folder / row["audio"], start=span[0], stop=span[1])
        heights = 12 * np.log2(pitches(sound, rate))
        spectrum = np.abs(np.fft.rfft(sound)) ** 2
        high = spectrum[int(len(spectrum) * 2 / 8) :].sum() / spectrum.sum()  # above 2 kHz
        spread = float(np.percentile(heights, 90) - np.percentile(heights, 10))
        level = 20 * np.log10(sound.std())
        found[row["style"]].append((float(np.median(heights)), spread, len(sound) / rate, level, 10 * np.log10(high)))
    names = ("pitch", "range", "seconds", "level", "brightness")
    return {style: dict(zip(names, np.mean(takes, axis=0), strict=True)) for style, takes in found.items()}


def test_joy_is_higher_wider_faster_and_louder_than_sadness(measured: dict[str, dict[str, float]]) -> None:
    joy, sadness = measured["joy"], measured["sadness"]
    assert joy["pitch"] - sadness["pitch"] > 3.0  # semitones
    assert joy["range"] > 1.4 * sadness["range"]
    assert joy["seconds"] < 0.9 * sadness["seconds"]
    assert joy["level"] - sadness["level"] > 3.0  # dB
    assert joy["brightness"] - sadness["brightness"] > 1.5  # dB


def test_within_an_arousal_positive_is_wider_and_higher(
    measured: dict[str, dict[str, float]],
) -> None:
    for positive, negative in (("joy", "irritation"), ("contentment", "sadness")):
        assert measured[positive]["range"] > 1.15 * measured[negative]["range"]
        assert measured[positive]["pitch"] > measured[negative]["pitch"] + 1.0


def test_neither_loudness_nor_tempo_gives_valence_away(measured: dict[str, dict[str, float]]) -> None:
    for measure in ("level", "seconds"):
        calm, excited = measured["contentment"][measure], measured["joy"][measure]
        negatives = sorted((measured["sadness"][measure], measured["irritation"][measure]))
        overlap = min(max(calm, excited), negatives[1]) - max(min(calm, excited), negatives[0])
        assert overlap > 0.3 * (negatives[1] - negatives[0])


def test_styles_come_in_two_arousals_a_tone() -> None:
    assert set(styles_of("positive")) == {"joy", "contentment"}
    assert set(styles_of("negative")) == {"irritation", "sadness"}
    for tone in ("positive", "negative"):
        tempos = [STYLES[style].tempo for style in styles_of(tone)]
        assert min(tempos) < 1 < max(tempos)


def test_every_draw_stays_within_what_espeak_takes() -> None:
    rng = np.random.default_rng(5)
    for speaker in TRAIN_SPEAKERS:
        for style in STYLES:
            asked = phrase("Ինձ խաբեցին։", "hy", speaker, draw_manner(style, rng))
            assert 0 <= asked.pitch <= 100
            assert 0 <= asked.range <= 100
            assert 80 <= asked.rate <= 450
            assert asked.voice == f"hy+{speaker.variant}"
            assert asked.text[-1] in ".,!" and "։" not in asked.text


def test_espeak_keeps_to_the_speakers_accent_in_english() -> None:
    speaker = next(speaker for speaker in TRAIN_SPEAKERS if speaker.accent != "en-us")
    manner = draw_manner("joy", np.random.default_rng(0))
    assert phrase("Hello.", "en", speaker, manner).voice == speaker.name


def test_a_session_says_only_what_is_planned(tmp_path: Path) -> None:
    session = Session("x/two", TRAIN_SPEAKERS[1], "en", (Line(TEXT, "neutral", "joy"),) * 2, True, (0,))
    rows, _ = record(session, tmp_path)
    assert [row["audio"] for row in rows] == ["x/two-01.flac", "x/two-02.flac"]
    assert {row["tone"] for row in rows} == {"positive"}
