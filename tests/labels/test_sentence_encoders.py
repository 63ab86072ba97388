"""Sentence encoders: our own weights where they can be had, and tiny models of sentence-transformers made here."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from tonewise import weights
from tonewise.errors import MissingExtraError, OptionError, WeightsError
from tonewise.labels import Sentence, create, sentence_encoders
from tonewise.labels.sentence_encoders import BATCH, TOKENS, HubSentenceEncoder, MiniLmEncoder
from tonewise.weights.hub import shown_name

GOOD, BAD = ("joy", "love", "great", "happy"), ("hate", "awful", "sad", "angry")
PLAIN = ("the", "a", "it", "is", "day", "train", "we", "went", "home", ".")
VOCABULARY = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *GOOD, *BAD, *PLAIN]
SIZE = 16  # of the tiny model's vectors
PROTOTYPES = """[good]
it is joy
we love the day
great .
happy day
[bad]
it is awful
we hate the day
sad .
angry train
"""


# Our own weights


@pytest.fixture
def minilm() -> MiniLmEncoder:
    try:
        weights.get("minilm-l6-int8")
    except WeightsError as error:
        pytest.skip(f"pretrained weights are not to be had: {error}")
    return MiniLmEncoder()


def sentences(n: int, words: list[str], longest: int) -> list[str]:
    random = np.random.default_rng(0)
    return [" ".join(random.choice(words, random.integers(1, longest + 1))) for _ in range(n)]


def test_vectors_are_of_length_one_and_of_meaning(minilm):
    texts = ["The cat sits on the mat.", "A cat is sitting on a rug.", "The bank raised its interest rates."]
    vectors = minilm.encode(texts)
    assert vectors.shape == (3, 384) and vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    assert vectors[0] @ vectors[1] > 0.6
    assert vectors[0] @ vectors[2] < 0.2


def test_vectors_do_not_depend_on_what_is_encoded_beside_them(minilm):
    texts = sentences(2 * BATCH, [*GOOD, *BAD, *PLAIN], 4)
    together = minilm.encode(texts)
    assert (together[:20] == np.concatenate([minilm.encode([text]) for text in texts[:20]])).all()
    assert (together == minilm.encode(texts[::-1])[::-1]).all()


def test_no_text_is_no_vector(minilm):
    assert minilm.encode([]).shape == (0, 384)


def test_long_text_is_cut(minilm):
    start = "happy " * (TOKENS - 2)  # [CLS] and [SEP] are tokens too
    assert (minilm.encode([start + "sad " * 1000]) == minilm.encode([start])).all()
    assert (minilm.encode(["happy " * (TOKENS - 3) + "sad " * 1000]) != minilm.encode([start])).any()


def test_progress_counts_sentences(minilm):
    told = []
    minilm.encode(["one", "two three", "four"] * BATCH, lambda *arguments: told.append(arguments))
    assert [stage for stage, _, _ in told] == ["reading sentences"] * len(told)
    assert [done for _, done, _ in told] == sorted({done for _, done, _ in told})
    assert told[-1][1:] == (3 * BATCH, 3 * BATCH)


def test_the_identity_is_that_of_the_weights(minilm):
    identity = minilm.identity()
    pinned = {file.name: file.sha256 for file in weights.KNOWN["minilm-l6-int8"].files}
    assert identity["weights"] == pinned["model.onnx"]
    assert minilm.languages == {"en"}


@pytest.mark.parametrize("lengths", [[], [3], [3, 5, 3, 3, 5, 1], [7] * (2 * BATCH + 1)])
def test_batches_are_of_one_length_and_hold_every_row_once(lengths):
    batches = list(sentence_encoders._equal_lengths(lengths))
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    assert all(len({lengths[row] for row in batch}) == 1 and len(batch) <= BATCH for batch in batches)


# Encoders of the hub


def save(folder: Path, *, modules: Sequence[tuple[str, str]] | None = None, change: Callable | None = None) -> Path:
    """A BERT that takes words as they come, good ones on one side and bad ones on the other; the mean is pooled."""
    torch = pytest.importorskip("torch", reason="the extra `hub` is not installed: no torch")
    transformers = pytest.importorskip("transformers", reason="the extra `hub` is not installed: no transformers")
    pytest.importorskip("sentence_transformers", reason="the extra `hub` is not installed: no sentence-transformers")
    config = transformers.BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=SIZE,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=SIZE,
        max_position_embeddings=32,
    )
    model = transformers.BertModel(config)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.fill_(1.0 if name.endswith("LayerNorm.weight") else 0.0)
        words = 0.5 * torch.randn(len(VOCABULARY), SIZE, generator=torch.Generator().manual_seed(0))
        words[4 : 4 + len(GOOD), 0] += 4
        words[4 + len(GOOD) : 4 + len(GOOD) + len(BAD), 0] -= 4
        model.embeddings.word_embeddings.weight.copy_(words)
        if change is not None:
            change(model)
    folder.mkdir(parents=True, exist_ok=True)
    save_quietly(model, folder)
    save_tokenizer(folder)
    package = "sentence_transformers.models"
    chain = modules or [(f"{package}.Transformer", ""), (f"{package}.Pooling", "1_Pooling")]
    rows = [{"idx": n, "name": str(n), "path": path, "type": kind} for n, (kind, path) in enumerate(chain)]
    (folder / "modules.json").write_text(json.dumps(rows))
    (folder / "1_Pooling").mkdir(exist_ok=True)
    pooling = {"word_embedding_dimension": SIZE, "pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}
    (folder / "1_Pooling/config.json").write_text(json.dumps(pooling))
    return folder


def save_quietly(model, folder: Path) -> None:
    from transformers.utils import logging

    logging.disable_progress_bar()
    model.save_pretrained(folder)
    logging.enable_progress_bar()


def save_tokenizer(folder: Path) -> None:
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    numbers = {word: number for number, word in enumerate(VOCABULARY)}
    inner = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    inner.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    transformers.PreTrainedTokenizerFast(
        tokenizer_object=inner, unk_token="[UNK]", cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]"
    ).save_pretrained(folder)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory) -> Path:
    """Nobody may change it."""
    return save(tmp_path_factory.mktemp("encoders") / "tiny")


@pytest.fixture
def prototypes(tmp_path) -> Path:
    (tmp_path / "prototypes.txt").write_text(PROTOTYPES)
    return tmp_path / "prototypes.txt"


def test_a_folder_is_an_encoder(tiny):
    vectors = HubSentenceEncoder(str(tiny)).encode(["joy", "love the day", "hate", ""])
    assert vectors.shape == (4, SIZE) and vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1] * 4, abs=1e-5)
    assert vectors[0] @ vectors[1] > vectors[0] @ vectors[2]


def test_it_is_what_sentence_transformers_itself_answers(tiny):
    from sentence_transformers import SentenceTransformer

    texts = ["joy", "we went home .", "it is a sad day"]
    expected = SentenceTransformer(str(tiny), device="cpu", local_files_only=True).encode(
        texts, normalize_embeddings=True, show_progress_bar=False
    )
    assert HubSentenceEncoder(str(tiny)).encode(texts) == pytest.approx(expected, abs=1e-6)


def test_a_plain_model_is_pooled_over_its_tokens(tiny, tmp_path):
    plain = tmp_path / "plain"
    shutil.copytree(tiny, plain)
    (plain / "modules.json").unlink()
    texts = ["joy", "it is a sad day"]
    expected = HubSentenceEncoder(str(tiny)).encode(texts)
    assert HubSentenceEncoder(str(plain)).encode(texts) == pytest.approx(expected, abs=1e-5)


def test_progress_of_many_sentences_is_told(tiny, monkeypatch):
    monkeypatch.setattr(sentence_encoders, "REPORTED", 4)
    told = []
    encoder = HubSentenceEncoder(str(tiny))
    vectors = encoder.encode(["joy"] * 5 + ["hate"] * 5, lambda *arguments: told.append(arguments))
    assert vectors == pytest.approx(encoder.encode(["joy", "hate"])[[0] * 5 + [1] * 5], abs=1e-6)
    assert told == [("reading sentences", done, 10) for done in (4, 8, 10)]


def test_no_text_and_long_text_are_read(tiny):
    assert len(HubSentenceEncoder(str(tiny)).encode([])) == 0
    long = "joy " * 30  # as many as the model has positions, less two
    vectors = HubSentenceEncoder(str(tiny)).encode([long, long + "hate " * 500])
    assert vectors[0] == pytest.approx(vectors[1], abs=1e-6)


def test_nothing_is_said_on_the_terminal(tiny, capfd):
    HubSentenceEncoder(str(tiny)).encode(["joy"])
    assert capfd.readouterr() == ("", "")


def test_the_semantic_labeller_takes_an_encoder(tiny, prototypes):
    labeller = create(f"semantic:{tiny}", prototypes=prototypes)
    votes = labeller.votes([Sentence(text) for text in ("we love it", "a sad day", "happy", "angry", " ", None)])
    assert [vote.label for vote in votes] == ["positive", "negative", "positive", "negative", None, None]
    assert labeller.votes([Sentence("ça va", "fr")])[0].score is not None
    assert labeller.name == "semantic:tiny" and labeller.languages is None
    assert str(tiny) not in json.dumps(labeller.identity()) + labeller.licence + labeller.name


def test_scores_do_not_depend_on_what_is_read_beside_them(tiny, prototypes):
    labeller = create(f"semantic:{tiny}", prototypes=prototypes)
    texts = sentences(2 * BATCH, VOCABULARY[4:], 12)
    together = [vote.score for vote in labeller.votes([Sentence(text) for text in texts])]
    alone = [labeller.votes([Sentence(text)])[0].score for text in texts[:20]]
    assert together[:20] == pytest.approx(alone, abs=1e-4)
    assert together == [vote.score for vote in labeller.votes([Sentence(text) for text in texts[::-1]])][::-1]


def test_identity_is_of_content_and_not_of_place(tiny, tmp_path):
    copy = tmp_path / "tiny"
    shutil.copytree(tiny, copy)
    ours = HubSentenceEncoder(str(tiny)).identity()
    assert HubSentenceEncoder(str(copy)).identity() == ours
    assert {"model.safetensors", "tokenizer.json", "1_Pooling/config.json"} <= set(ours["files"])
    pooling = json.loads((copy / "1_Pooling/config.json").read_text())
    pooling |= {"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}
    (copy / "1_Pooling/config.json").write_text(json.dumps(pooling))
    assert HubSentenceEncoder(str(copy)).identity() != ours
    assert (HubSentenceEncoder(str(copy)).encode(["joy"]) != HubSentenceEncoder(str(tiny)).encode(["joy"])).any()


def test_folders_are_called_by_their_name(tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    monkeypatch.chdir(tmp_path / "mine")
    assert shown_name(".") == shown_name(str(tmp_path / "mine")) == shown_name("../mine/") == "mine"
    assert shown_name("owner/name") == "owner/name"


def test_half_precision_weights_are_computed_with_in_full(tmp_path):
    half = HubSentenceEncoder(str(save(tmp_path / "half", change=lambda model: model.bfloat16())))
    full = HubSentenceEncoder(str(save(tmp_path / "full", change=lambda model: model.bfloat16().float())))
    texts = ["joy", "it is a sad day"]
    assert half.encode(texts).dtype == np.float32
    assert half.encode(texts) == pytest.approx(full.encode(texts), abs=1e-6)


# What is refused


def refused(encoder: str, message: str, kind: type[Exception] = WeightsError) -> str:
    begun = time.monotonic()
    with pytest.raises(kind, match=message) as caught:
        HubSentenceEncoder(encoder).encode(["joy"])
    assert "\n" not in str(caught.value)
    assert time.monotonic() - begun < 10
    return str(caught.value)


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self):
        return (Path.touch, (self.mark,))


def test_pickled_weights_are_never_opened(tiny, tmp_path):
    import torch

    old = tmp_path / "old"
    shutil.copytree(tiny, old)
    (old / "model.safetensors").unlink()
    torch.save(Trap(tmp_path / "sprung"), old / "pytorch_model.bin")
    refused(str(old), "pickled weights are refused")
    assert not (tmp_path / "sprung").exists()


def dense(folder: Path) -> Path:
    """The tiny model with a layer after the pooling, whose weights lie in a subfolder."""
    package = "sentence_transformers.models"
    modules = [(f"{package}.Transformer", ""), (f"{package}.Pooling", "1_Pooling"), (f"{package}.Dense", "2_Dense")]
    save(folder, modules=modules)
    (folder / "2_Dense").mkdir()
    config = {"in_features": SIZE, "out_features": 3, "bias": False, "activation_function": "torch.nn.Identity"}
    (folder / "2_Dense/config.json").write_text(json.dumps(config))
    return folder


def dense_weights():
    import torch

    return {"linear.weight": torch.eye(SIZE)[:3].contiguous()}


def test_layers_after_the_pooling_are_read(tmp_path):
    from safetensors.torch import save_file

    folder = dense(tmp_path / "dense")
    save_file(dense_weights(), folder / "2_Dense/model.safetensors")
    encoder = HubSentenceEncoder(str(folder))
    assert encoder.encode(["joy"]).shape == (1, 3)
    assert "2_Dense/model.safetensors" in encoder.identity()["files"]


def test_pickled_layers_are_never_opened(tmp_path):
    import torch

    folder = dense(tmp_path / "dense")
    torch.save(Trap(tmp_path / "sprung"), folder / "2_Dense/pytorch_model.bin")
    refused(str(folder), r"has no 2_Dense/model\.safetensors; pickled weights are refused")
    assert not (tmp_path / "sprung").exists()


def test_code_of_the_models_own_is_never_run(tmp_path):
    folder = save(tmp_path / "custom", modules=[("own.Own", ""), ("sentence_transformers.models.Pooling", "1_Pooling")])
    (folder / "own.py").write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')\n")
    refused(str(folder), r"brings code of its own \(own\.Own\)")
    config = json.loads((folder / "config.json").read_text())
    save(folder)
    own = {"model_type": "toy", "auto_map": {"AutoConfig": "own.Own", "AutoModel": "own.Own"}}
    (folder / "config.json").write_text(json.dumps(config | own))
    refused(str(folder), "cannot be loaded")
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json", "model.safetensors", "1_Pooling/config.json"])
def test_damaged_files_are_told_in_one_line(tiny, tmp_path, file):
    damaged = tmp_path / "damaged"
    shutil.copytree(tiny, damaged)
    (damaged / file).write_bytes(b"\x00damaged")
    refused(str(damaged), "damaged' cannot be loaded")


@pytest.mark.parametrize("content", ["{", "[" * 100_000, "{}x", '[{"path": ""}]', "[1]", "7"])
def test_ill_formed_modules_are_told_in_one_line(tiny, tmp_path, content):
    damaged = tmp_path / "damaged"
    shutil.copytree(tiny, damaged)
    (damaged / "modules.json").write_text(content)
    refused(str(damaged), "has an ill-formed modules.json")


def test_a_tokenizer_of_another_model_is_told(tiny, tmp_path):
    mixed = tmp_path / "mixed"
    shutil.copytree(tiny, mixed)
    content = json.loads((mixed / "tokenizer.json").read_text())
    content["model"]["vocab"]["joy"] = len(VOCABULARY) + 5
    (mixed / "tokenizer.json").write_text(json.dumps(content))
    refused(str(mixed), "has a tokenizer of another model")


def test_what_is_not_a_number_is_no_vote(tmp_path):
    folder = save(tmp_path / "broken", change=lambda model: model.embeddings.word_embeddings.weight.fill_(float("nan")))
    refused(str(folder), "not a number")


@pytest.mark.parametrize("name", ["", " "])
def test_an_encoder_has_a_name(name):
    with pytest.raises(OptionError, match="has no name; expected OWNER/NAME"):
        create(f"semantic:{name}")


def test_a_missing_library_is_told_with_what_installs_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'tonewise\[hub\]'"):
        HubSentenceEncoder(str(tmp_path)).encode(["joy"])
    with pytest.raises(MissingExtraError, match=r"pip install 'tonewise\[hub\]'"):
        HubSentenceEncoder(str(tmp_path)).identity()


# What comes from the hub


@pytest.fixture
def empty_hub(tmp_path, monkeypatch) -> Path:
    """The hub's cache, empty, and no way to the hub."""
    pytest.importorskip("sentence_transformers", reason="the extra `hub` is not installed: no sentence-transformers")
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return tmp_path / "hub"


def in_cache(cache: Path, folder: Path) -> str:
    """Put a model into the hub's cache as `some/tiny`."""
    repository = cache / "models--some--tiny"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs/main").write_text("0a1b2c")
    shutil.copytree(folder, repository / "snapshots/0a1b2c")
    return "some/tiny"


def test_an_encoder_in_the_hubs_cache_needs_no_hub(tiny, empty_hub, prototypes):
    name = in_cache(empty_hub, tiny)
    labeller = create(f"semantic:{name}", prototypes=prototypes)
    assert labeller.votes([Sentence("we love it")])[0].label == "positive"
    assert labeller.name == "semantic:some/tiny"
    assert labeller.identity()["files"] == HubSentenceEncoder(str(tiny)).identity()["files"]


def test_without_a_hub_one_line_says_so(empty_hub):
    refused("some/tiny", r"'some/tiny' is not on this machine and cannot be fetched")
    refused("./no/such/folder", "no folder here and no model", OptionError)


def test_a_hub_that_does_not_answer_is_not_waited_for(empty_hub, monkeypatch):
    import socket

    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections and never says a word
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{silent.getsockname()[1]}")
        refused("some/tiny", r"'some/tiny' is not on this machine and cannot be fetched")


def test_layers_after_the_pooling_are_fetched_too(tmp_path, empty_hub, monkeypatch):
    from safetensors.torch import save_file

    name = in_cache(empty_hub, dense(tmp_path / "dense"))
    refused(name, r"lacks 2_Dense/model\.safetensors \(safetensors only\), and it cannot be fetched")
    snapshot = empty_hub / "models--some--tiny/snapshots/0a1b2c"
    asked = []

    def find(entry, *, online):
        asked.append(([file.name for file in entry.files], online))
        save_file(dense_weights(), snapshot / "2_Dense/model.safetensors")
        return snapshot

    monkeypatch.setattr(sentence_encoders.hub, "find", find)
    monkeypatch.setattr(sentence_encoders, "locate", lambda _: snapshot)
    assert HubSentenceEncoder(name).encode(["joy"]).shape == (1, 3)
    assert asked == [(["2_Dense/model.safetensors"], True)]
