"""The loop on tiny random encoders: it learns, ends, repeats itself, and goes on after a kill as if nothing had been."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tonewise.errors import BundleError, LabelError, WeightsError
from tonewise.features.hub import Hub
from tonewise.features.hub_network import SpeechNetwork
from tonewise.finetuning import Settings, check_target, checkpoint, finish, tune
from tonewise.finetuning.adapters import adapt, linear_layers, merge

torch = pytest.importorskip("torch", reason="the extra `torch` is not installed: no torch")
pytest.importorskip("transformers", reason="the extra `torch` is not installed: no transformers")

KINDS = ("Wav2Vec2", "Hubert", "WavLM", "Whisper")
QUICK = {"batch_seconds": 4.0, "patience": 50}


def run(folder: str, target: Path, clips, progress=None, fingerprint="one", **options):
    settings = Settings(**QUICK | options)
    network = SpeechNetwork(Path(folder), "tiny")
    train, valid = clips(24, 0), clips(12, 1)
    return tune(network, train, valid, settings, folder=target, fingerprint=fingerprint, progress=progress)


def numbers(model) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def same(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> set[str]:
    """Names of the tensors that are equal, bit for bit."""
    assert one.keys() == other.keys()
    return {name for name in one if torch.equal(one[name], other[name])}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "tuning"),
    [*((kind, "lora") for kind in KINDS), ("WavLM", "full"), ("Whisper", "full"), ("Hubert", "head")],
)
def test_it_learns_to_tell_high_from_low(tiny, clips, tmp_path, kind, tuning):
    if tuning == "lora":
        pytest.importorskip("peft", reason="the extra `torch` is not installed: no peft")
    rate = {"lora": 3e-3, "full": 1e-3, "head": 1e-2}[tuning]
    before = numbers(SpeechNetwork(Path(tiny(kind)), "tiny").model)
    tuned = run(tiny(kind), tmp_path, clips, tuning=tuning, epochs=8, learning_rate=rate)
    judged = clips(40, 7)
    tones = tuned.tones(judged)
    assert ((tones >= 0) & (tones <= 1)).all()
    auc = np.mean(tones[judged.positive][:, None] > tones[~judged.positive][None])
    assert auc > 0.8, (auc, tuned.history)
    assert tuned.history[-1].loss < tuned.history[0].loss
    assert sum(tuned.layer_weights) == pytest.approx(1, abs=1e-5) and len(tuned.layer_weights) == 3
    after = numbers(tuned.network.model)
    changed = before.keys() - same(before, after)
    assert bool(changed) == (tuning != "head")
    assert not any("feature_extractor" in name or "conv1" in name or "decoder" in name for name in changed)


def test_every_number_of_lora_learns(tiny):
    """Attention that hands its weights to torch would not call what LoRA adds: no gradient would reach it."""
    pytest.importorskip("peft", reason="the extra `torch` is not installed: no peft")
    for kind in KINDS:
        network = SpeechNetwork(Path(tiny(kind)), "tiny")
        learned = adapt(network, "lora", 0)
        assert learned and all("lora_" in name for name in learned)
        sum(state.square().sum() for state in network.states([np.sin(np.arange(8000, dtype=np.float32))])).backward()
        without = [name for name, value in learned.items() if value.grad is None]
        assert not without, (kind, without)
    assert not any("attention" in name for name in linear_layers(SpeechNetwork(Path(tiny("WavLM")), "t").encoder))


def test_merging_keeps_what_lora_learned(tiny):
    pytest.importorskip("peft", reason="the extra `torch` is not installed: no peft")
    network = SpeechNetwork(Path(tiny("Wav2Vec2")), "tiny")
    names = set(network.model.state_dict())
    sound = [np.sin(np.arange(8000, dtype=np.float32) / 20)]
    plain = network.states(sound)[-1]
    with torch.no_grad():
        for value in adapt(network, "lora", 0).values():
            value.add_(0.1)
        beside = network.states(sound)[-1]
        merge(network)
        within = network.states(sound)[-1]
    assert not torch.allclose(beside, plain, atol=1e-2) and torch.allclose(beside, within, atol=1e-4)
    assert set(network.model.state_dict()) == names, "nothing of LoRA is left"


class Killed(Exception):
    """What a kill looks like from inside."""


def kill_after(epochs: int):
    def progress(_stage: str, done: int, _total: int) -> None:
        if done == epochs:
            raise Killed

    return progress


@pytest.mark.slow
@pytest.mark.parametrize("tuning", ["full", "lora", "head"])
def test_a_killed_run_goes_on_as_if_nothing_had_been(tiny, clips, tmp_path, tuning):
    if tuning == "lora":
        pytest.importorskip("peft", reason="the extra `torch` is not installed: no peft")
    options = {"tuning": tuning, "epochs": 3, "learning_rate": 1e-3}
    whole = run(tiny("WavLM"), tmp_path / "whole", clips, **options)
    for epochs in (1, 2):
        with pytest.raises(Killed):
            run(tiny("WavLM"), tmp_path / "killed", clips, kill_after(epochs), **options)
        assert [file.name for file in (tmp_path / "killed").iterdir()] == [checkpoint.CHECKPOINT]
    resumed = run(tiny("WavLM"), tmp_path / "killed", clips, **options)
    assert resumed.history == whole.history and resumed.best == whole.best and resumed.parameters == whole.parameters
    ours, theirs = numbers(resumed.network.model), numbers(whole.network.model)
    assert same(ours, theirs) == set(ours)
    assert same(resumed.head, whole.head) == set(whole.head)
    told = []
    run(tiny("WavLM"), tmp_path / "killed", clips, lambda *arguments: told.append(arguments), **options)
    assert not told, "nothing is left to do"


def test_the_seed_decides_everything(tiny, clips, tmp_path):
    options = {"tuning": "full", "epochs": 2, "learning_rate": 1e-3}
    torch.manual_seed(1)
    first = run(tiny("Hubert"), tmp_path / "a", clips, **options)
    torch.manual_seed(2)
    state = torch.get_rng_state()
    again = run(tiny("Hubert"), tmp_path / "b", clips, **options)
    assert torch.equal(torch.get_rng_state(), state), "nobody else's random numbers are used up"
    other = run(tiny("Hubert"), tmp_path / "c", clips, seed=5, **options)
    assert same(numbers(first.network.model), numbers(again.network.model)) == set(numbers(first.network.model))
    assert first.history == again.history != other.history


def test_it_ends_when_nothing_gets_better_and_keeps_the_best(tiny, clips, tmp_path):
    network = SpeechNetwork(Path(tiny("Wav2Vec2")), "tiny")
    wrong = clips(12, 1, flipped=12)  # what is learned is the opposite of what is right here
    settings = Settings("head", epochs=30, patience=2, batch_seconds=4.0, learning_rate=1e-2)
    tuned = tune(network, clips(24, 0), wrong, settings, folder=tmp_path, fingerprint="x")
    assert len(tuned.history) == tuned.best + 2 < 30
    aucs = [epoch.roc_auc for epoch in tuned.history]
    assert aucs[tuned.best - 1] == max(aucs)
    tones = tuned.tones(wrong)
    kept = np.mean(
        [(a > b) + 0.5 * (a == b) for a in tones[wrong.positive] for b in tones[~wrong.positive]]
    )  # of the epoch that was kept, not of the last one
    assert kept == pytest.approx(max(aucs), abs=1e-6)


@pytest.mark.parametrize("part", ["training", "validation"])
def test_one_class_cannot_be_learned_from(tiny, clips, tmp_path, part):
    network, both, one = SpeechNetwork(Path(tiny("Hubert")), "tiny"), clips(8), clips(8, flipped=0)
    one = type(one)(one.seconds, np.ones(8, dtype=bool), one.weight, one.sound)
    train, valid = (one, both) if part == "training" else (both, one)
    with pytest.raises(LabelError, match=f"the {part} part has 8 labelled utterances of one class"):
        tune(network, train, valid, Settings("head"), folder=tmp_path, fingerprint="x")


def test_what_is_not_a_number_ends_the_run(tiny, clips, tmp_path):
    network = SpeechNetwork(Path(tiny("Hubert")), "tiny")
    with torch.no_grad():
        network.encoder.encoder.layers[1].feed_forward.output_dense.weight.fill_(float("nan"))
    with pytest.raises(WeightsError, match="in epoch 1 the encoder answered with what is not a number"):
        tune(network, clips(8), clips(8, 1), Settings("head"), folder=tmp_path, fingerprint="x")
    assert not (tmp_path / checkpoint.CHECKPOINT).exists()


# Checkpoints and the folder


def test_a_checkpoint_of_another_run_is_refused(tmp_path):
    state = checkpoint.State("one", [checkpoint.Epoch(1, 0.7, 0.6)], 1, {"now/x": torch.arange(3.0)})
    checkpoint.write(state, tmp_path)
    found = checkpoint.read(tmp_path, "one")
    assert found is not None and found.history == state.history and found.best == 1
    assert torch.equal(found.tensors["now/x"], torch.arange(3.0))
    with pytest.raises(BundleError, match=r"other options, labels or files.*--restart"):
        checkpoint.read(tmp_path, "two")
    (tmp_path / checkpoint.CHECKPOINT).write_bytes(b"half of one")
    with pytest.raises(BundleError, match="is damaged; begin anew with --restart"):
        checkpoint.read(tmp_path, "one")
    assert checkpoint.read(tmp_path / "nowhere", "one") is None


def test_a_write_that_fails_leaves_the_checkpoint_before(tmp_path, monkeypatch):
    import safetensors.torch

    checkpoint.write(checkpoint.State("one", [], 0, {"x": torch.zeros(1)}), tmp_path)

    def full(_tensors, file, **_):
        Path(file).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(safetensors.torch, "save_file", full)
    with pytest.raises(BundleError, match="No space left on device"):
        checkpoint.write(checkpoint.State("one", [], 7, {"x": torch.ones(1)}), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [checkpoint.CHECKPOINT]
    found = checkpoint.read(tmp_path, "one")
    assert found is not None and found.best == 0


def test_errors_of_safetensors_are_told_and_nothing_is_left(tmp_path, monkeypatch):
    """What cannot be written is an OSError elsewhere; safetensors raises its own."""
    import safetensors.torch

    save = safetensors.torch.save_file
    monkeypatch.setattr(safetensors.torch, "save_file", lambda tensors, _, **more: save(tensors, "/dev/full/x", **more))
    with pytest.raises(BundleError, match=r"ear cannot be written .*choose another -o"):
        checkpoint.write(checkpoint.State("one", [], 0, {"x": torch.ones(1)}), tmp_path / "ear")
    check_target(tmp_path / "ear")
    assert list(tmp_path.rglob("*")) == [tmp_path / "ear"]


def test_an_encoder_that_cannot_be_written_leaves_nothing_beside(tiny, clips, tmp_path, monkeypatch):
    import safetensors

    def full(*_arguments: object) -> None:
        raise safetensors.SafetensorError("I/O error: No space left on device")

    tuned = run(tiny("Hubert"), tmp_path / "ear", clips, tuning="head", epochs=1)
    monkeypatch.setattr("tonewise.finetuning.folder.save_head", full)
    with pytest.raises(BundleError, match=r"ear cannot be written .*No space left on device"):
        finish(tmp_path / "ear", tuned.network, tuned.head, {})
    assert [file.name for file in tmp_path.iterdir()] == ["ear"] and (tmp_path / "ear" / checkpoint.CHECKPOINT).exists()


@pytest.mark.parametrize("kind", ["Hubert", "Whisper"])
def test_what_is_left_is_heard_with_by_hub(tiny, clips, tmp_path, kind):
    target = tmp_path / "tuned"
    tuned = run(tiny(kind), target, clips, tuning="full", epochs=1, learning_rate=1e-3)
    finish(target, tuned.network, tuned.head, {"note": "a test"})
    assert not (target / checkpoint.CHECKPOINT).exists()
    sound = clips(1).sound(0)
    ear = Hub(str(target))
    with torch.no_grad():
        states = tuned.network.states([sound])
    layers = Hub(str(target), layers="all", pooling="mean").encode([sound])[0].reshape(3, 32)
    for mean, state in zip(layers, states, strict=True):
        assert np.allclose(mean, state[0].mean(dim=0).numpy(), atol=1e-4)
    assert ear.identity()["pooling"] == "learned" and ear.encode([sound]).shape == (1, 64)
    assert str(tmp_path) not in "".join(file.read_text() for file in target.glob("*.json"))
    assert [file.name for file in tmp_path.iterdir()] == ["tuned"], "nothing lies beside it"


def test_nothing_else_is_written_over(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(BundleError, match="is a file"):
        check_target(tmp_path / "file")
    with pytest.raises(BundleError, match="holds something else"):
        check_target(tmp_path)
    check_target(tmp_path / "new")
    (tmp_path / "done").mkdir()
    (tmp_path / "done/finetuning.json").write_text("{}")
    with pytest.raises(BundleError, match="fine-tuned already"):
        check_target(tmp_path / "done")
    check_target(tmp_path / "done", restart=True)
    (tmp_path / "done" / checkpoint.CHECKPOINT).write_text("begun anew, and interrupted")
    check_target(tmp_path / "done")
