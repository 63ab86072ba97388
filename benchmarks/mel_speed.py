"""Mel spectrograms: our own path beside librosa's and two candidates, their speed and how far they are from librosa's.

    python benchmarks/mel_speed.py [--data ../shared/data] [--clips 40] [--rounds 15]

All ways take turns on the same clips of 7 s in one run, on one thread of the processor, so that their ratios can be
trusted more than their times. Clips are real where ../shared/data is (see its README), else made here.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import librosa
import numpy as np
from threadpoolctl import threadpool_limits

from tonewise import audio
from tonewise.corpus import AUDIO_EXTENSIONS
from tonewise.features.mel import AMIN, FRAMES_AT_ONCE, HOP, N_FFT, N_MELS, TOP_DB, log_mel
from tonewise.records import SAMPLE_RATE

SECONDS = 7.0  # the founding article's clips
PARITY = 1e-4  # dB that a path may be away from librosa's

WINDOW = librosa.filters.get_window("hann", N_FFT)
FILTERS = librosa.filters.mel(sr=SAMPLE_RATE, n_fft=N_FFT, n_mels=N_MELS)


def librosa_mel(samples: np.ndarray) -> np.ndarray:
    """What everybody calls."""
    power = librosa.feature.melspectrogram(y=samples, sr=SAMPLE_RATE, n_fft=N_FFT, hop_length=HOP, n_mels=N_MELS)
    return librosa.power_to_db(power, ref=1.0, amin=AMIN, top_db=TOP_DB)


def librosa_stft(samples: np.ndarray) -> np.ndarray:
    """librosa's transform, with the filter bank kept: what tonewise did before."""
    spectrum = librosa.stft(samples, n_fft=N_FFT, hop_length=HOP)
    return _decibels(FILTERS @ (spectrum.real**2 + spectrum.imag**2))


def single_precision(samples: np.ndarray) -> np.ndarray:
    """Our path with the FFT in float32."""
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(samples, N_FFT // 2), N_FFT)[::HOP]
    window = WINDOW.astype(np.float32)
    mel = np.empty((N_MELS, len(frames)), dtype=np.float32)
    for first in range(0, len(frames), FRAMES_AT_ONCE):
        spectrum = np.fft.rfft(frames[first : first + FRAMES_AT_ONCE] * window)
        mel[:, first : first + len(spectrum)] = FILTERS @ (spectrum.real**2 + spectrum.imag**2).T
    return _decibels(mel)


def _decibels(power: np.ndarray) -> np.ndarray:
    return librosa.power_to_db(power, ref=1.0, amin=AMIN, top_db=TOP_DB)


PATHS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "librosa.feature.melspectrogram": librosa_mel,
    "librosa.stft, filters kept (before)": librosa_stft,
    "tonewise: float64 FFT, 64 frames at once": log_mel,
    "candidate: the same in float32": single_precision,
}


def real_clips(data: Path, count: int) -> list[np.ndarray]:
    """The first 7 s of recordings spread evenly over all that are there, shorter ones padded with zeros."""
    files = sorted(file for file in data.rglob("*") if file.suffix.lower() in AUDIO_EXTENSIONS)
    chosen = files[:: max(1, len(files) // count)][:count]
    return [_clip(audio.read(file, 0.0, min(SECONDS, audio.probe(file).duration))) for file in chosen]


def made_clips(count: int) -> list[np.ndarray]:
    """Noise that swells and fades over 80 dB, each clip of another length."""
    random = np.random.default_rng(0)
    made = []
    for _ in range(count):
        length = int(random.integers(SAMPLE_RATE, SECONDS * SAMPLE_RATE))
        level = 10 ** (-4 * (1 + np.cos(np.linspace(0, 9, length))) / 2)
        made.append(_clip(0.3 * level * random.normal(size=length)))
    return made


def _clip(samples: np.ndarray) -> np.ndarray:
    length = round(SECONDS * SAMPLE_RATE)
    samples = samples[:length].astype(np.float32)
    return np.pad(samples, (0, length - len(samples)))


def seconds_of(clips: list[np.ndarray], rounds: int) -> dict[str, list[float]]:
    """Processor seconds of each round of each path; the paths take turns, so that all meet the same machine."""
    taken: dict[str, list[float]] = {name: [] for name in PATHS}
    for round_number in range(rounds + 1):
        for name, path in PATHS.items():
            started = time.process_time()
            for clip in clips:
                path(clip)
            if round_number:  # the first round warms up
                taken[name].append(time.process_time() - started)
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path(__file__).resolve().parents[2] / "shared" / "data")
    parser.add_argument("--clips", type=int, default=40)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    real = options.data.is_dir()
    clips = real_clips(options.data, options.clips) if real else made_clips(options.clips)
    expected = [librosa_mel(clip) for clip in clips]
    with threadpool_limits(1):
        taken = seconds_of(clips, options.rounds)
    base = taken["librosa.feature.melspectrogram"]
    print(
        f"{len(clips)} {'real' if real else 'made'} clips of {SECONDS:g} s, median of {options.rounds} rounds, one thread, "
        f"librosa {librosa.__version__}, numpy {np.__version__}\n"
    )
    print("| path | ms a clip | times librosa's speed (range over rounds) | farthest from librosa, dB | parity |")
    print("|---|---|---|---|---|")
    for name, path in PATHS.items():
        ratios = sorted(theirs / ours for theirs, ours in zip(base, taken[name], strict=True))
        away = max(np.abs(path(clip) - there).max() for clip, there in zip(clips, expected, strict=True))
        print(
            f"| {name} | {1000 * statistics.median(taken[name]) / len(clips):.2f} "
            f"| {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}) "
            f"| {away:.1e} | {'yes' if away <= PARITY else 'no'} |"
        )


if __name__ == "__main__":
    main()
