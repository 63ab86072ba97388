"""A process that hears files in one way or another: told by lines of JSON on stdin, answers on stdout.

It runs in the environment of tonewise and in the one of the others (requirements/bench.txt), and imports
what it is asked for and nothing else. An `ear` takes files;
 each gives a vector of fixed length for each file, or the statistics it would need.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import numpy as np
import soundfile

RATE = 16_000
Ear = Callable[[Sequence[str]], None]


def tonewise(spec: str) -> Ear:
    """What a training run does with files that it does not know yet."""

    def hear(files: Sequence[str]) -> None:
        from tonewise import audio, features

        encoder = features.create(spec)
        clips = [audio.whole_clip(file, 0.0, audio.probe(file).duration) for file in files]
        done = features.extract_all([(encoder, clips)], audio.hear_all, features.FeatureCache(None))[0]
        assert not done.failed

    return hear


def librosa_mel(rate: int) -> Ear:
    """The usual two lines, in decibels; mean and deviation over time."""

    def hear(files: Sequence[str]) -> None:
        import librosa

        for file in files:
            samples, found = librosa.load(file, sr=rate)
            mel = librosa.power_to_db(librosa.feature.melspectrogram(y=samples, sr=found))
            np.concatenate([mel.mean(axis=1), mel.std(axis=1)])

    return hear


def opensmile_egemaps(files: Sequence[str]) -> None:
    """openSMILE's functionals of each file."""
    import opensmile

    smile = opensmile.Smile(opensmile.FeatureSet.eGeMAPSv02, opensmile.FeatureLevel.Functionals)
    for file in files:
        samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
        smile.process_signal(samples[:, 0], rate)


def kaldi_fbank(files: Sequence[str]) -> None:
    """Kaldi's filter banks (64 bands, 25 ms, every 10 ms) at 16 kHz; mean and deviation over time."""
    import kaldi_native_fbank
    import soxr

    for file in files:
        samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
        mono = samples.mean(axis=1)
        if rate != RATE:
            mono = soxr.resample(mono, rate, RATE)
        options = kaldi_native_fbank.FbankOptions()
        options.frame_opts.samp_freq, options.frame_opts.dither, options.mel_opts.num_bins = RATE, 0.0, 64
        bank = kaldi_native_fbank.OnlineFbank(options)
        bank.accept_waveform(RATE, mono)
        bank.input_finished()
        frames = np.stack([bank.get_frame(number) for number in range(bank.num_frames_ready)])
        np.concatenate([frames.mean(axis=0), frames.std(axis=0)])


def pyaudioanalysis(files: Sequence[str]) -> None:
    """Its 68 short-term features (50 ms, every 25 ms); mean and deviation over time."""
    from pyAudioAnalysis import ShortTermFeatures

    for file in files:
        samples, rate = soundfile.read(file, dtype="float64", always_2d=True)
        found, _ = ShortTermFeatures.feature_extraction(samples[:, 0], rate, 0.050 * rate, 0.025 * rate)
        np.concatenate([found.mean(axis=1), found.std(axis=1)])


EARS: dict[str, Ear] = {
    "melstats": tonewise("melstats"),
    "whisper": tonewise("whisper"),
    "turn:1": tonewise("turn:1"),
    "librosa": librosa_mel(22_050),
    "librosa16": librosa_mel(RATE),
    "opensmile": opensmile_egemaps,
    "kaldi": kaldi_fbank,
    "pyaudioanalysis": pyaudioanalysis,
}


def hear(ear: str, files: list[str], times: int) -> dict[str, float]:
    """Seconds of the clock and of the processor that an ear takes."""
    clock, work = time.perf_counter(), time.process_time()
    for _ in range(times):
        EARS[ear](files)
    return {"seconds": time.perf_counter() - clock, "work": time.process_time() - work}


def probe(files: list[str]) -> list[float]:
    """Seconds of each file."""
    return [soundfile.info(file).duration for file in files]


def as_wav(pairs: list[tuple[str, str]]) -> None:
    """Write sources as 16-bit WAV at their own rate."""
    for source, target in pairs:
        samples, rate = soundfile.read(source, dtype="int16", always_2d=True)
        soundfile.write(target, samples[:, 0], rate, subtype="PCM_16")


def first_as_wav(source: str, target: str, seconds: float) -> None:
    """The first seconds of an MP3 as WAV, all channels, decoded in pieces."""
    with soundfile.SoundFile(source) as sound:
        left = round(seconds * sound.samplerate)
        with soundfile.SoundFile(target, "w", sound.samplerate, sound.channels, "PCM_16") as written:
            while left > 0 and len(block := sound.read(min(left, 1 << 20), dtype="int16", always_2d=True)):
                written.write(block)
                left -= len(block)


def as_mp3(source: str, target: str) -> None:
    """Encode a short file."""
    samples, rate = soundfile.read(source, dtype="float32", always_2d=True)
    soundfile.write(target, samples, rate, format="MP3", subtype="MPEG_LAYER_III")


def versions(names: list[str]) -> dict[str, str]:
    """Of packages that are installed."""
    found = {}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def score(model: str, recording: str, before: str, times: int) -> list[float]:
    """Seconds of each call in a process that has the model loaded, nothing kept, and has scored another before."""
    import tonewise as library

    loaded = library.load(model)
    taken = []
    loaded.score(before, cache=False)
    for _ in range(times):
        began = time.perf_counter()
        loaded.score(recording, cache=False)
        taken.append(time.perf_counter() - began)
    return taken


TASKS = {each.__name__: each for each in (hear, probe, as_wav, first_as_wav, as_mp3, versions, score)}


def main() -> None:
    """Answer until stdin ends; what libraries print goes to stderr, and what they raise ends the process."""
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        asked = json.loads(line)
        replies.write(json.dumps(TASKS[asked["task"]](**asked["values"])) + "\n")
        replies.flush()


if __name__ == "__main__":
    sys.path[:] = [each for each in sys.path if Path(each) != Path(__file__).parent]
    main()
