"""Speech encoders of the hub: real transformers code on tiny models made here, with random weights."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from tonewise import features
from tonewise.errors import MissingExtraError, OptionError, WeightsError
from tonewise.features import hub_files, hub_head
from tonewise.features.hub import Hub, named_layers
from tonewise.features.hub_network import SpeechNetwork

torch = pytest.importorskip("torch", reason="the extra `hub` is not installed: no torch")
transformers = pytest.importorskip("transformers", reason="the extra `hub` is not installed: no transformers")

WIDTH, LAYERS = 16, 4
CONVOLUTIONS = {"conv_dim": (16,) * 7, "num_conv_pos_embeddings": 16, "num_conv_pos_embedding_groups": 2}
BODY = {"hidden_size": WIDTH, "num_hidden_layers": LAYERS, "num_attention_heads": 2, "intermediate_size": 32}

#: Positions of the tiny Whisper: windows of 2 s instead of 30.
POSITIONS = 100
KINDS = ("wav2vec2", "stable", "hubert", "wavlm", "whisper", "bert")


def save(model, folder: Path) -> None:
    from transformers.utils import logging

    logging.disable_progress_bar()
    model.save_pretrained(folder)
    logging.enable_progress_bar()


def build(kind: str):
    """A model of one kind, and its ears."""
    if kind == "whisper":
        body = {
            "encoder_attention_heads": 2,
            "decoder_attention_heads": 2,
            "encoder_ffn_dim": 32,
            "decoder_ffn_dim": 32,
        }
        size = {"d_model": WIDTH, "encoder_layers": LAYERS, "decoder_layers": 1, "max_source_positions": POSITIONS}
        small = {"vocab_size": 20, "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2, "decoder_start_token_id": 1}
        config = transformers.WhisperConfig(**body, **size, **small, num_mel_bins=80, init_std=0.3)
        return transformers.WhisperModel(config), transformers.WhisperFeatureExtractor(chunk_length=2)
    ears = transformers.Wav2Vec2FeatureExtractor(do_normalize=kind != "hubert")
    options = BODY | CONVOLUTIONS | {"initializer_range": 0.3}
    if kind == "stable":  # as the large models are: layers normalised before, convolutions by layer
        options |= {"do_stable_layer_norm": True, "feat_extract_norm": "layer"}
    if kind == "bert":
        options = BODY | {"feature_projection_input_dim": 160, "max_source_positions": 50, "initializer_range": 0.3}
        return transformers.Wav2Vec2BertModel(
            transformers.Wav2Vec2BertConfig(**options)
        ), transformers.SeamlessM4TFeatureExtractor()
    names = {"hubert": ("HubertConfig", "HubertModel"), "wavlm": ("WavLMConfig", "WavLMModel")}
    config, model = names.get(kind, ("Wav2Vec2Config", "Wav2Vec2Model"))
    return getattr(transformers, model)(getattr(transformers, config)(**options)), ears


def make(kind: str, folder: Path, seed: int = 0) -> str:
    """A tiny encoder with random weights. Returns its folder."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model, ears = build(kind)
    save(model, folder)
    ears.save_pretrained(folder)
    return str(folder)


@pytest.fixture(autouse=True)
def one_thread():
    """Threads of tiny operations wait for each other by spinning: on a busy machine for a hundred times their work."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def encoders(tmp_path_factory) -> dict[str, str]:
    """A folder for each kind. Nobody may change them."""
    root = tmp_path_factory.mktemp("encoders")
    return {kind: make(kind, root / kind) for kind in KINDS}


@pytest.fixture(params=KINDS)
def tiny(request, encoders) -> str:
    return encoders[request.param]


def voice(seconds: float, seed: int = 0) -> np.ndarray:
    time = np.arange(round(seconds * 16_000)) / 16_000
    sweep = 0.2 * np.sin(2 * np.pi * (150 + 50 * np.sin(time + seed)) * time)
    return (sweep + 0.02 * np.random.default_rng(seed).normal(size=len(time))).astype(np.float32)


def states_of(folder: str, sound: np.ndarray) -> list[np.ndarray]:
    """What transformers itself computes for one sound that is not padded (Whisper: padded as it must be)."""
    model = transformers.AutoModel.from_pretrained(folder).eval()
    ears = transformers.AutoFeatureExtractor.from_pretrained(folder)
    inner = model.get_encoder() if model.config.is_encoder_decoder else model
    with torch.inference_mode():
        inputs = ears(sound, sampling_rate=16_000, return_tensors="pt")
        found = inner(**inputs, output_hidden_states=True).hidden_states
    return [state[0].numpy() for state in found]


# What is heard


def test_mean_and_deviation_of_every_layers_frames(tiny):
    sound = voice(1.21)
    found = Hub(tiny, layers="all").encode([sound])[0].reshape(LAYERS + 1, 2, WIDTH)
    every = states_of(tiny, sound)
    assert (Path(tiny).name == "whisper") == (len(every[0]) == POSITIONS)
    frames = {"whisper": 61, "bert": 59}.get(Path(tiny).name, len(every[0]))  # 1.21 s; the rest is padding
    for number, (states, (mean, deviation)) in enumerate(zip(every, found, strict=True)):
        assert np.allclose(mean, states[:frames].mean(axis=0), atol=1e-4), number
        assert np.allclose(deviation, states[:frames].std(axis=0), atol=1e-4), number
    assert np.abs(np.diff(found[:, 0], axis=0)).max() > 0.01, "layers differ"


def test_layers_are_columns_of_all_layers(tiny):
    sounds = [voice(0.8)]
    every = Hub(tiny, layers="all").encode(sounds).reshape(LAYERS + 1, 2 * WIDTH)
    for layers in ((0,), (1, 3), (2, 4), (4,)):
        assert np.array_equal(Hub(tiny, layers=layers).encode(sounds)[0], every[list(layers)].ravel()), layers
    assert np.array_equal(Hub(tiny).encode(sounds)[0], every[:3].ravel()), "early layers are the default"
    means = every.reshape(LAYERS + 1, 2, WIDTH)[:3, 0]
    assert np.array_equal(Hub(tiny, pooling="mean").encode(sounds)[0], means.ravel())


def test_a_batch_gives_what_single_clips_give(tiny, monkeypatch):
    clips = [voice(seconds, seed) for seed, seconds in enumerate((0.9, 0.1, 2.345, 1.0, 0.5))]
    encoder = Hub(tiny)
    together = encoder.encode(clips)
    assert together.shape == (5, encoder.dimensions) and together.dtype == np.float32
    assert np.isfinite(together).all() and together.std(axis=0).min() > 0
    assert np.array_equal(together, np.concatenate([encoder.encode([clip]) for clip in clips]))
    assert np.array_equal(together, encoder.encode(clips[::-1])[::-1])
    monkeypatch.setattr("tonewise.features.threads.cores", lambda: 1)
    assert np.array_equal(together, encoder.encode(clips)), "no number depends on the cores"


def test_sounds_of_one_length_share_a_batch_without_a_difference(tiny):
    network = SpeechNetwork(Path(tiny), "tiny")
    clips = [voice(1.0, seed) for seed in range(3)]
    with torch.inference_mode():
        together = network.states(clips)
        alone = [network.states([clip]) for clip in clips]
    for layer, states in enumerate(together):
        assert torch.allclose(states, torch.cat([each[layer] for each in alone]), atol=1e-4), layer


def test_silence_behind_a_clip_in_a_window_is_not_heard(encoders):
    """Whisper's window is filled with zeros: their states are not pooled, whatever they are."""
    network = SpeechNetwork(Path(encoders["whisper"]), "tiny")
    assert network.window_seconds == 2.0
    with torch.inference_mode():
        assert network.states([voice(0.5)])[0].shape == (1, 25, WIDTH)
        assert network.states([voice(2.0)])[0].shape == (1, POSITIONS, WIDTH)


def test_long_sound_is_pooled_over_windows(encoders, monkeypatch):
    from tonewise.features import hub_network

    monkeypatch.setattr(hub_network, "WINDOW_SECONDS", 1.0)
    sound = voice(1.9)
    for kind in ("wav2vec2", "whisper"):
        encoder = Hub(encoders[kind])
        halves = encoder.encode(np.array_split(sound, 2)).reshape(2, 3, 2, WIDTH)
        whole = encoder.encode([sound]).reshape(3, 2, WIDTH)
        close = np.allclose(whole[:, 0], halves[:, :, 0].mean(axis=0), atol=1e-3)
        assert close == (kind == "wav2vec2"), "Whisper's windows are its own"


def test_different_sounds_differ_and_silence_is_finite(tiny):
    low, high, silence = Hub(tiny).encode([voice(1.0, 1), voice(1.0, 2), np.zeros(16_000, dtype=np.float32)])
    assert np.abs(low - high).max() > 1e-3 and np.isfinite(silence).all()


def test_nothing_is_said_on_the_terminal(encoders, capfd):
    Hub(encoders["hubert"], layers="last").encode([voice(0.3)])
    assert capfd.readouterr() == ("", "")
    assert torch.get_num_threads() > 0 and transformers.utils.logging.is_progress_bar_enabled()


def test_progress_and_the_terms_of_the_contract(encoders):
    told = []
    encoder = features.create(f"hub:{encoders['wavlm']}")
    encoder.prepare(lambda *arguments: told.append(arguments))
    assert told == [("fetching wavlm", 0, 1), ("fetching wavlm", 1, 1)]
    assert (encoder.name, encoder.clip_seconds, encoder.minimum_seconds) == ("hub", None, 0.1)
    assert encoder.dimensions == 3 * 2 * WIDTH


# How it is asked for


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("a/b", Hub("a/b")),
        ("a/b@v1", Hub("a/b", "v1")),
        ("a/b@refs/pr/2#2+4", Hub("a/b", "refs/pr/2", (2, 4))),
        ("a/b#4+2#mean", Hub("a/b", None, (2, 4), "mean")),
        ("a/b#meanstd#middle", Hub("a/b", None, "middle", "meanstd")),
        ("a/b#learned", Hub("a/b", None, None, "learned")),
    ],
)
def test_an_encoder_is_written_in_one_word_without_commas(argument, expected):
    assert features.create(f"hub:{argument}") == expected


def test_a_folder_may_have_a_revisions_sign_in_its_name(tmp_path, encoders):
    shutil.copytree(encoders["hubert"], tmp_path / "me@home")
    assert Hub.parse(f"{tmp_path / 'me@home'}#1").dimensions == 2 * WIDTH


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("", "need a speech encoder after a colon"),
        ("@main", "need a speech encoder"),
        ("a/b#loud", "unknown option '#loud' of features hub:a/b; expected layers .early, middle, last, all"),
        ("a/b#1+1", "unknown option"),
        ("a/b#-1", "unknown option"),
        ("a/b#1#2", "two choices"),
        ("a/b#mean#meanstd", "two choices"),
        ("a/b#mean#2#mean", "two choices"),
        ("a/b#learned#1", "name layers beside 'learned'"),
    ],
)
def test_what_cannot_be_meant_is_told(argument, message):
    with pytest.raises(OptionError, match=message):
        Hub.parse(argument)


def test_names_stand_for_shares_of_the_way_up():
    assert named_layers("early", 12) == (2, 4, 6) and named_layers("early", 24) == (4, 8, 12)
    assert named_layers("early", 4) == (0, 1, 2), "as the encoder `turn` has it"
    assert named_layers("middle", 12) == (4, 6, 8) and named_layers("last", 12) == (12,)
    assert named_layers("early", 1) == (0,) and named_layers("all", 2) == (0, 1, 2)


def test_layers_that_are_not_there_are_told(encoders):
    with pytest.raises(OptionError, match=r"'wavlm' has no layer 7; choose from 0 .* to 4"):
        features.create(f"hub:{encoders['wavlm']}#1+7").prepare()


# What it is


def test_identity_is_of_content_and_not_of_place(encoders, tmp_path):
    shutil.copytree(encoders["wavlm"], tmp_path / "wavlm")
    ours, theirs = Hub(encoders["wavlm"]), Hub(str(tmp_path / "wavlm"))
    assert ours.identity() == theirs.identity()
    assert json.loads(json.dumps(ours.identity(), allow_nan=False)) == ours.identity()
    assert str(tmp_path) not in json.dumps(theirs.identity())
    assert ours.identity()["layers"] == [0, 1, 2] and ours.identity()["pooling"] == "meanstd"
    assert ours.identity() != Hub(encoders["wavlm"], layers="all").identity()
    before = theirs.encode([voice(0.5)])
    shutil.rmtree(tmp_path / "wavlm")
    make("wavlm", tmp_path / "wavlm", seed=1)
    assert theirs.identity()["weights"] != ours.identity()["weights"]
    assert not np.array_equal(theirs.encode([voice(0.5)]), before), "files that were changed are read anew"


def test_how_sound_enters_is_part_of_the_identity(encoders, tmp_path):
    folder = Path(shutil.copytree(encoders["wav2vec2"], tmp_path / "wav2vec2"))
    ears = json.loads((folder / "preprocessor_config.json").read_text())
    (folder / "preprocessor_config.json").write_text(json.dumps(ears | {"do_normalize": False}))
    assert Hub(str(folder)).identity()["weights"] != Hub(encoders["wav2vec2"]).identity()["weights"]


# What fine-tuning learned of layers


def test_a_learned_head_weighs_layers_and_attends(encoders, tmp_path):
    folder = Path(shutil.copytree(encoders["hubert"], tmp_path / "tuned"))
    head = hub_head.new_head(LAYERS, WIDTH, 0)
    hub_head.save_head(head, folder)
    plain = Hub(str(folder)).encode([voice(0.7)])[0]
    states = [torch.from_numpy(state) for state in states_of(str(folder), voice(0.7))]
    mixed = sum(torch.nn.functional.layer_norm(state, (WIDTH,)) for state in states).numpy() / (LAYERS + 1)
    assert Hub(str(folder)).dimensions == 2 * WIDTH == len(plain)
    assert np.allclose(plain[:WIDTH], mixed.mean(axis=0), atol=1e-4)
    assert np.allclose(plain[WIDTH:], mixed.std(axis=0), atol=1e-2)
    assert Hub(str(folder), layers=(1,)).dimensions == 2 * WIDTH and Hub(str(folder), layers="all").dimensions == 160

    head["layers"][2], head["attention"] = (
        30.0,
        torch.randn(hub_head.HIDDEN, generator=torch.Generator().manual_seed(0)),
    )
    hub_head.save_head(head, folder)
    chosen = Hub(str(folder)).encode([voice(0.7)])[0]
    alone = torch.nn.functional.layer_norm(states[2], (WIDTH,))
    scores = torch.tanh(alone @ head["hidden.weight"].T) @ head["attention"]
    assert np.allclose(chosen[:WIDTH], torch.softmax(scores, 0) @ alone, atol=1e-4)
    assert Hub(str(folder)).identity()["pooling"] == "learned"
    for wrong in (torch.zeros(3), torch.zeros(hub_head.HIDDEN, dtype=torch.int64), head["attention"] / 0):
        hub_head.save_head(head | {"attention": wrong}, folder)
        with pytest.raises(WeightsError, match="of another encoder"):
            Hub(str(folder)).encode([voice(0.7)])
    (folder / hub_files.HEAD).write_bytes(b"damaged")
    with pytest.raises(WeightsError, match="is damaged"):
        Hub(str(folder)).encode([voice(0.7)])


def test_a_plain_encoder_has_learned_no_pooling(encoders):
    with pytest.raises(OptionError, match="has learned no pooling"):
        features.create(f"hub:{encoders['hubert']}#learned").prepare()


# What comes from the hub


@pytest.fixture
def empty_hub(tmp_path, monkeypatch) -> Path:
    """The hub's cache, empty, and no way to the hub."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return tmp_path / "hub"


def keep(repository: Path, folder: str, commit: str, ref: str) -> None:
    (repository / "refs" / ref).parent.mkdir(parents=True, exist_ok=True)
    (repository / "refs" / ref).write_text(commit)
    shutil.copytree(folder, repository / "snapshots" / commit)


def test_an_encoder_in_the_hubs_cache_needs_no_hub(encoders, empty_hub):
    repository = empty_hub / "models--some--ear"
    keep(repository, encoders["wavlm"], "0a1b2c", "main")
    keep(repository, encoders["hubert"], "3d4e5f", "tuned")
    first, second = Hub("some/ear"), Hub("some/ear", "tuned")
    assert (first.identity()["model"], first.identity()["revision"]) == ("some/ear", "0a1b2c")
    assert second.identity()["revision"] == "3d4e5f"
    assert np.array_equal(second.encode([voice(0.4)]), Hub(encoders["hubert"]).encode([voice(0.4)]))
    assert not np.array_equal(first.encode([voice(0.4)]), second.encode([voice(0.4)]))


def test_a_home_that_nobody_has_is_no_folder(empty_hub):
    with pytest.raises(OptionError, match="'~nobody-at-all/ear' is no folder here and no model"):
        features.create("hub:~nobody-at-all/ear").prepare()


def test_without_a_hub_one_line_says_so(empty_hub):
    with pytest.raises(WeightsError, match=r"'some/ear' is not on this machine and cannot be fetched") as caught:
        features.create("hub:some/ear").prepare()
    assert "\n" not in str(caught.value)
    with pytest.raises(WeightsError, match=r"'some/ear' at revision 'v2' is not on this machine"):
        features.create("hub:some/ear@v2").prepare()
    with pytest.raises(OptionError, match=r"no folder here and no model"):
        features.create("hub:./no/such/folder").prepare()


@pytest.mark.parametrize(
    ("code", "message"),
    [("RepoNotFound", "'some/ear' is no folder here and no model at"), ("RevisionNotFound", "has no revision 'v3'")],
)
def test_what_the_hub_does_not_have_is_told(empty_hub, monkeypatch, code, message):
    from huggingface_hub import constants

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(404)
            self.send_header("X-Error-Code", code)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        with pytest.raises(OptionError, match=message):
            features.create("hub:some/ear@v3").prepare()
        server.shutdown()


# What is refused


def test_pickled_weights_are_never_opened(tmp_path, encoders):
    class Trap:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "sprung",))

    folder = Path(shutil.copytree(encoders["wav2vec2"], tmp_path / "old"))
    (folder / "model.safetensors").unlink()
    torch.save(Trap(), folder / "pytorch_model.bin")
    with pytest.raises(WeightsError, match=r"pickled weights are refused.*refs/pr/N"):
        Hub(str(folder)).encode([voice(0.3)])
    assert not (tmp_path / "sprung").exists()


def test_code_of_the_models_own_is_never_run(tmp_path, encoders):
    folder = Path(shutil.copytree(encoders["wav2vec2"], tmp_path / "custom"))
    config = json.loads((folder / "config.json").read_text())
    custom = {"model_type": "toy", "auto_map": {"AutoConfig": "own.Own", "AutoModel": "own.Own"}}
    (folder / "config.json").write_text(json.dumps(config | custom))
    (folder / "own.py").write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')\n")
    with pytest.raises(WeightsError, match="without code of its own"):
        Hub(str(folder)).prepare()
    assert not (tmp_path / "sprung").exists()


def test_a_text_model_is_told(tmp_path):
    config = transformers.BertConfig(**BODY, vocab_size=30, max_position_embeddings=16)
    save(transformers.BertModel(config), tmp_path / "text")
    with pytest.raises(WeightsError, match=r"text' is no speech encoder: it has no preprocessor_config.json"):
        features.create(f"hub:{tmp_path / 'text'}").prepare()
    transformers.Wav2Vec2FeatureExtractor().save_pretrained(tmp_path / "text")
    with pytest.raises(WeightsError, match="'text' does not take sound"):
        Hub(str(tmp_path / "text")).encode([voice(0.3)])


def test_pictures_of_sound_are_told(tmp_path):
    config = transformers.ASTConfig(**BODY, max_length=64, num_mel_bins=32)
    save(transformers.ASTModel(config), tmp_path / "ast")
    transformers.ASTFeatureExtractor(max_length=64, num_mel_bins=32).save_pretrained(tmp_path / "ast")
    with pytest.raises(WeightsError):
        Hub(str(tmp_path / "ast")).encode([voice(0.3)])


def test_missing_weights_are_not_made_up(tmp_path, encoders):
    from safetensors.torch import load_file, save_file

    folder = Path(shutil.copytree(encoders["wavlm"], tmp_path / "half"))
    tensors = load_file(folder / "model.safetensors")
    lost = sorted(name for name in tensors if "layers.2" in name)[0]
    kept = {name: tensor for name, tensor in tensors.items() if name != lost}
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(WeightsError, match=r"is incomplete: its weights lack .*layers.2"):
        Hub(str(folder)).encode([voice(0.3)])


def test_sound_at_another_rate_is_told(tmp_path, encoders):
    folder = Path(shutil.copytree(encoders["wavlm"], tmp_path / "slow"))
    transformers.Wav2Vec2FeatureExtractor(sampling_rate=8000).save_pretrained(folder)
    with pytest.raises(WeightsError, match="does not take sound at 16000 Hz"):
        Hub(str(folder)).encode([voice(0.3)])


@pytest.mark.parametrize("file", ["config.json", "preprocessor_config.json", "model.safetensors"])
def test_damaged_files_are_told_in_one_line(tmp_path, encoders, file):
    folder = Path(shutil.copytree(encoders["wav2vec2"], tmp_path / "damaged"))
    (folder / file).write_bytes(b"\x00damaged")
    with pytest.raises(WeightsError, match=r"damaged' cannot be loaded") as caught:
        Hub(str(folder)).encode([voice(0.3)])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("config.json", {"hidden_size": "x"}),
        ("config.json", {"conv_kernel": []}),
        ("config.json", {"num_attention_heads": 0}),
        ("config.json", {"dtype": "nope"}),
        ("preprocessor_config.json", []),
    ],
)
def test_settings_that_cannot_be_meant_are_told_in_one_line(tmp_path, encoders, file, content):
    folder = Path(shutil.copytree(encoders["wavlm"], tmp_path / "odd"))
    whole = json.loads((folder / file).read_text())
    (folder / file).write_text(json.dumps(whole | content if isinstance(content, dict) else content))
    with pytest.raises(WeightsError, match=r"odd' cannot be loaded") as caught:
        Hub(str(folder)).encode([voice(0.3)])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("library", ["torch", "transformers", "safetensors"])
def test_a_missing_library_is_told_with_what_installs_it(encoders, monkeypatch, library):
    monkeypatch.setitem(sys.modules, library, None)
    for call in (Hub(encoders["wavlm"]).prepare, Hub(encoders["wavlm"]).identity):
        with pytest.raises(MissingExtraError, match=r"pip install 'tonewise\[hub\]'"):
            call()
