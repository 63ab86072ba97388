"""Whisper and turn: windows, pooling, layers, threads; and real voices where they are."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from tonewise import features, weights
from tonewise.errors import WeightsError
from tonewise.features import turn, whisper, whisper_mel
from tonewise.features.pooling import Pool, windows
from tonewise.features.threads import each
from tonewise.features.turn import Turn, turn_log_mel
from tonewise.features.whisper import Whisper


@pytest.fixture(autouse=True)
def pretrained():
    try:
        weights.get("whisper-tiny.en")
        weights.get("smart-turn-v3.2")
    except WeightsError as error:
        pytest.skip(f"pretrained weights are not to be had: {error}")


def noisy(seconds: float, seed: int = 0) -> np.ndarray:
    time = np.arange(round(seconds * 16_000)) / 16_000
    sweep = 0.2 * np.sin(2 * np.pi * (150 + 50 * np.sin(time)) * time)
    return (sweep + 0.02 * np.random.default_rng(seed).normal(size=len(time))).astype(np.float32)


def test_identity_holds_the_weights_and_the_layers():
    pinned = {name: weights.KNOWN[name].files[0].sha256 for name in ("whisper-tiny.en", "smart-turn-v3.2")}
    assert Whisper().identity()["weights"] == pinned["whisper-tiny.en"]
    assert Turn().identity()["weights"] == pinned["smart-turn-v3.2"]
    assert Turn((1,)).identity() != Turn().identity()


def test_windows_are_equal_and_whole():
    assert [len(window) for window in windows(np.zeros(16_000 * 31), 30.0)] == [248_000, 248_000]
    assert [len(window) for window in windows(np.zeros(16_000 * 30), 30.0)] == [480_000]


def test_pool_is_mean_and_deviation_over_all_frames():
    frames = np.random.default_rng(0).normal(3.0, 2.0, size=(70, 5)).astype(np.float32)
    pool = Pool()
    pool.add(frames[:20])
    pool.add(frames[20:])
    assert np.allclose(pool.vector(), np.concatenate([frames.mean(axis=0), frames.std(axis=0)]), atol=1e-5)


def test_rows_keep_the_order_of_the_clips():
    clips = [np.full(n, n, dtype=np.float32) for n in (5, 1, 3)]
    assert each(lambda clip: clip[:1], clips, 2).ravel().tolist() == [5, 1, 3]


@pytest.mark.parametrize("encoder", [Whisper, Turn])
def test_numbers_do_not_depend_on_threads(encoder, monkeypatch):
    clips = [noisy(1.0, seed) for seed in range(3)]
    found = []
    for cores in (1, 3):
        for module in ("threads", "whisper"):
            monkeypatch.setattr(f"tonewise.features.{module}.cores", lambda cores=cores: cores)
        found.append(encoder().encode(clips))
    assert np.array_equal(*found)


@pytest.mark.parametrize(("encoder", "seconds"), [(Whisper(), 31.0), (Turn(), 9.0)], ids=["whisper", "turn"])
def test_long_sound_is_pooled_over_windows(encoder, seconds):
    sound = noisy(seconds)
    halves = encoder.encode(np.array_split(sound, 2))
    whole = encoder.encode([sound])[0]
    width = 384
    for first in range(0, encoder.dimensions, 2 * width):
        assert np.allclose(whole[first : first + width], halves[:, first : first + width].mean(axis=0), atol=1e-3)


def test_whisper_takes_the_states_of_its_own_frames():
    import ctranslate2

    sound = noisy(1.21)
    frames = whisper_mel.whisper_log_mel(sound)
    assert frames.shape == (80, 121)
    model = whisper._load(weights.get("whisper-tiny.en"), 1)
    states = np.asarray(model.encode(ctranslate2.StorageView.from_array(frames[None]), to_cpu=True))[0]
    assert states.shape == (61, 384)
    expected = np.concatenate([states.mean(axis=0), states.std(axis=0)])
    assert np.allclose(Whisper().encode([sound])[0], expected, atol=1e-4)


def test_whisper_sizes_have_known_widths():
    widths = {size: Whisper(size).dimensions // 2 for size in weights.WHISPER_HUB}
    assert widths["tiny.en"] == 384 and widths["small.en"] == 768 and widths["distil-medium.en"] == 1024
    assert widths["large-v3-turbo"] == widths["distil-large-v3.5"] == 1280


def test_turn_hears_the_sound_at_the_end_of_a_normalised_window():
    sound = noisy(2.0)
    frames = turn_log_mel(sound)
    assert frames.shape == (80, 800)
    assert frames[:, :590].std() < 0.2 * frames[:, 610:].std(), "nothing but padding was expected before the sound"
    assert np.allclose(turn_log_mel(0.1 * sound), frames, atol=0.02), "the level of a window is taken out"


def test_turn_layers_are_columns_of_all_layers():
    sound = [noisy(1.5)]
    every = features.create("turn:0+1+2+3+4").encode(sound)
    assert every.shape == (1, 3840)
    assert np.array_equal(features.create("turn").encode(sound), every[:, :2304])
    assert np.array_equal(features.create("turn:3").encode(sound), every[:, 2304:3072])
    assert features.create("turn:2+0") == features.create("turn:0+2")


def test_turn_layers_are_what_the_whole_model_computes():
    import onnx
    import onnxruntime

    model = onnx.load(weights.get(turn.WEIGHTS))
    names = turn.residual_streams(model)
    for name in names.values():
        model.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    sound = noisy(1.0)
    _, *layers = session.run(None, {"input_features": turn_log_mel(sound)[None]})
    found = features.create("turn:0+1+2+3+4").encode([sound])[0].reshape(5, 2, 384)
    for states, (mean, deviation) in zip(layers, found, strict=True):
        assert states.shape == (1, 400, 384)
        assert np.allclose(mean, states[0, -50:].mean(axis=0), atol=1e-4)
        assert np.allclose(deviation, states[0, -50:].std(axis=0), atol=1e-4)


@pytest.mark.real
def test_real_voices_happy_and_angry_are_told_apart(shared):
    """A linear probe on six Polish actors ranks clips of three others, per speaker; the sentences are neutral."""
    import soundfile
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score

    with (shared / "data" / "acted.csv").open(encoding="utf-8") as stream:
        rows = [
            row for row in csv.DictReader(stream) if row["corpus"] == "nemo" and row["emotion"] in ("happy", "angry")
        ]
    speakers = sorted({row["speaker"] for row in rows})
    chosen = [row for speaker in speakers for row in [row for row in rows if row["speaker"] == speaker][:12]]
    clips = [soundfile.read(shared / "data" / row["audio"], dtype="float32")[0] for row in chosen]
    vectors = features.create("turn:1").encode(clips)
    who = np.array([row["speaker"] for row in chosen])
    happy = np.array([row["emotion"] == "happy" for row in chosen])
    for speaker in speakers:
        mine = vectors[who == speaker]
        vectors[who == speaker] = (mine - mine.mean(axis=0)) / (mine.std(axis=0) + 1e-6)
    train = np.isin(who, speakers[:6])
    probe = LogisticRegression(C=0.01, max_iter=1000).fit(vectors[train], happy[train])
    assert roc_auc_score(happy[~train], probe.decision_function(vectors[~train])) > 0.8
