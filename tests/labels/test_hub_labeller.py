"""Models of the hub as labellers: real transformers code on tiny models made here, whose right answers are known."""

from __future__ import annotations

import json
import shutil
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from tonewise.errors import MissingExtraError, OptionError, WeightsError
from tonewise.labels import Abstention, Sentence, create, hub
from tonewise.labels.hub import HYPOTHESIS

torch = pytest.importorskip("torch", reason="the extra `hub` is not installed: no torch")
transformers = pytest.importorskip("transformers", reason="the extra `hub` is not installed: no transformers")

WORDS = """[PAD] [UNK] [CLS] [SEP] good bad day the a it was very so and then we went home . person who says this feels
happy grateful excited relieved angry sad worried disappointed neutral"""
VOCABULARY = {word: number for number, word in enumerate(WORDS.split())}
SIZE = 16  # of the tiny model's vectors
TEXTS = [
    "good",
    "bad",
    "it was a good day and then we went home",
    "the day was so bad",
    "a day",
    "good bad good",
    "it was very very very very bad and then we went home and it was so good . and then we went home",
]


def save_tokenizer(folder: Path, *, pad: bool = True) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    inner = Tokenizer(models.WordLevel(VOCABULARY, unk_token="[UNK]"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    inner.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    names = {"unk_token": "[UNK]", "cls_token": "[CLS]", "sep_token": "[SEP]"} | ({"pad_token": "[PAD]"} if pad else {})
    transformers.PreTrainedTokenizerFast(tokenizer_object=inner, **names).save_pretrained(folder)


def save_config(folder: Path, labels: tuple[str, ...], **options: object) -> transformers.BertConfig:
    config = transformers.BertConfig(
        vocab_size=len(VOCABULARY),
        hidden_size=SIZE,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=32,
        initializer_range=0.6,
        id2label=dict(enumerate(labels)),
        label2id={label: number for number, label in enumerate(labels)},
        **options,
    )
    config.save_pretrained(folder)
    return config


def make(folder: Path, labels: tuple[str, ...], *, seed: int = 0, pad: bool = True, **options: object) -> str:
    """A BERT of two layers with random weights, which sees every word. Returns its folder."""
    torch.manual_seed(seed)
    model = transformers.BertForSequenceClassification(save_config(folder, labels, **options))
    save(model, folder)
    save_tokenizer(folder, pad=pad)
    return str(folder)


def save(model: transformers.PreTrainedModel, folder: Path) -> None:
    from transformers.utils import logging

    logging.disable_progress_bar()
    model.save_pretrained(folder)
    logging.enable_progress_bar()


def make_reader(folder: Path, labels: tuple[str, ...], votes: dict[str, tuple[float, ...]], **options: object) -> str:
    """A BERT that adds up what the words it reads say for each label: `votes` by word, one number a label.

    Each word of `votes` has a dimension of its own; attention is an even mean over all words, so that what is padded
    counts if the mask is forgotten; all else passes things on.
    """
    model = transformers.BertForSequenceClassification(save_config(folder, labels, **options))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.zero_()
        embeddings, (first, second) = model.bert.embeddings, model.bert.encoder.layer
        for dimension, word in enumerate(votes):
            embeddings.word_embeddings.weight[VOCABULARY[word], dimension] = 1
            model.classifier.weight[:, dimension] = torch.tensor(votes[word])
        norms = [embeddings.LayerNorm]
        norms += [part.LayerNorm for layer in (first, second) for part in (layer.attention.output, layer.output)]
        for norm in norms:
            norm.weight.fill_(1)
        for dense in (first.attention.self.value, first.attention.output.dense, model.bert.pooler.dense):
            dense.weight.copy_(torch.eye(SIZE))
    save(model, folder)
    save_tokenizer(folder)
    return str(folder)


SENTIMENT = {"good": (-3.0, 0.0, 3.0), "bad": (3.0, 0.0, -3.0)}


@pytest.fixture(scope="module")
def reader(tmp_path_factory) -> str:
    """A model that calls `good` positive and `bad` negative. Nobody may change it."""
    return make_reader(tmp_path_factory.mktemp("hub") / "reader", ("NEG", "NEU", "POS"), SENTIMENT)


@pytest.fixture(scope="module")
def random_model(tmp_path_factory) -> str:
    return make(tmp_path_factory.mktemp("hub") / "random", ("negative", "positive"))


def score(model: str, texts: list[str], **options: object) -> np.ndarray:
    votes = create(f"hub:{model}", **{"threshold": 0.0} | options).votes([Sentence(text) for text in texts])
    return np.array([vote.score for vote in votes])


def write_poles(folder: Path, **poles: list[str]) -> Path:
    file = folder / "poles.json"
    file.write_text(json.dumps(poles))
    return file


def logits(model: str, *texts: str) -> np.ndarray:
    """What transformers itself says of one text, or of a text and a hypothesis."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(model)
    network = transformers.AutoModelForSequenceClassification.from_pretrained(model).eval()
    with torch.inference_mode():
        return network(**tokenizer(*texts, return_tensors="pt")).logits[0].double().numpy()


def test_a_classifiers_words_become_votes(reader):
    labeller = create(f"hub:{reader}")
    good, bad, plain, nothing, blank = labeller.votes(
        [Sentence(text) for text in ("it was a good day", "so bad", "the day", None, " \n")]
    )
    assert (good.label, bad.label, plain.label) == ("positive", "negative", None)
    assert good.confidence == good.score > 0.5 and bad.score < -0.5
    assert plain.abstention is Abstention.NEAR_NEUTRAL and abs(plain.score) < 0.01
    assert nothing.abstention is blank.abstention is Abstention.NO_TEXT and nothing.score is None
    assert create(f"hub:{reader}", threshold=0.999).votes([Sentence("good")])[0].label is None


def test_the_score_is_positive_less_negative_probability(random_model):
    found = score(random_model, TEXTS)
    for text, value in zip(TEXTS, found, strict=True):
        probabilities = np.exp(logits(random_model, text)) / np.exp(logits(random_model, text)).sum()
        assert value == pytest.approx(probabilities[1] - probabilities[0], abs=1e-5)
    assert found.std() > 0.1  # the model tells these texts apart


def test_batched_is_single_and_repeats_itself(random_model):
    texts = [" ".join(np.random.default_rng(seed).choice(list(VOCABULARY)[4:], seed % 24 + 1)) for seed in range(70)]
    together = score(random_model, texts)
    alone = np.concatenate([score(random_model, [text]) for text in texts[:8]])
    np.testing.assert_allclose(together[:8], alone, atol=1e-5)
    np.testing.assert_array_equal(score(random_model, texts), together)
    np.testing.assert_allclose(score(random_model, texts[::-1])[::-1], together, atol=1e-5)


def test_a_tokenizer_without_padding_reads_one_text_at_a_time(tmp_path):
    texts = TEXTS[:4]
    np.testing.assert_allclose(
        score(make(tmp_path / "bare", ("neg", "pos"), pad=False), texts),
        score(make(tmp_path / "full", ("neg", "pos")), texts),
        atol=1e-5,
    )


def test_long_text_is_cut_where_the_model_ends(reader, random_model):
    long = "good " + "day " * 500
    assert score(reader, [long + "bad"])[0] > 0  # `bad` is past the end
    kept = 32 - 2 - 2  # positions, less those left free, less [CLS] and [SEP]
    assert score(random_model, ["day " * kept + "bad"])[0] == pytest.approx(score(random_model, ["day " * kept])[0])


def test_labels_that_do_not_exclude_each_other(tmp_path):
    labels = ("joy", "love", "anger", "neutral")
    model = make(tmp_path / "many", labels, problem_type="multi_label_classification")
    for text, value in zip(TEXTS[:3], score(model, TEXTS[:3]), strict=True):
        joy, love, anger, _ = 1 / (1 + np.exp(-logits(model, text)))
        assert value == pytest.approx(max(joy, love) - anger, abs=1e-5)


def test_the_users_poles_decide(tmp_path):
    model = make_reader(tmp_path / "nameless", ("LABEL_0", "LABEL_1", "LABEL_2"), SENTIMENT)
    with pytest.raises(OptionError, match=r"'LABEL_0', 'LABEL_1', 'LABEL_2' of hub:nameless .* --poles"):
        score(model, ["good"])
    poles = write_poles(tmp_path, positive=["LABEL_2"], negative=["LABEL_0"])
    assert score(model, ["good"], poles=poles)[0] > 0.5
    swapped = write_poles(tmp_path, positive=["LABEL_0"], negative=["LABEL_2"])
    assert score(model, ["good"], poles=swapped)[0] < -0.5


NLI = ("contradiction", "neutral", "ENTAILMENT")


def test_an_entailment_model_is_asked_for_feelings(tmp_path):
    entails = {"happy": (-3.0, 0.0, 3.0), "grateful": (-3.0, 0.0, 3.0), "angry": (3.0, 0.0, -3.0)}
    model = make_reader(tmp_path / "nli", NLI, entails)
    assert score(model, ["it was a day"])[0] > 0.1  # positive feelings are entailed most, whatever the text
    poles = write_poles(tmp_path, positive=["angry"], negative=["happy"])
    assert score(model, ["it was a day"], poles=poles)[0] < -0.9
    identity = create(f"hub:{model}", poles=poles).identity()
    assert identity["classes"] == {"angry": 1, "happy": -1} and identity["hypothesis"] == HYPOTHESIS


def test_feelings_share_by_their_entailment(tmp_path):
    model = make(tmp_path / "nli", NLI, seed=3)
    names = {"positive": ["happy", "grateful"], "negative": ["sad"], "neutral": ["neutral"]}
    found = score(model, TEXTS[:3], poles=write_poles(tmp_path, **names))
    for text, value in zip(TEXTS[:3], found, strict=True):
        outputs = [
            np.exp(logits(model, text, HYPOTHESIS.format(name))) for name in ("happy", "grateful", "sad", "neutral")
        ]
        happy, grateful, sad, neutral = (output[2] / output.sum() for output in outputs)
        assert value == pytest.approx((happy + grateful - sad) / (happy + grateful + sad + neutral), abs=1e-5)


def test_a_hypothesis_is_never_cut(tmp_path):
    model = make_reader(tmp_path / "nli", NLI, {"happy": (-3.0, 0.0, 3.0), "angry": (3.0, 0.0, -3.0)})
    poles = write_poles(tmp_path, positive=["happy"], negative=["angry"])
    assert score(model, ["day " * 500], poles=poles)[0] > 0.1


def test_progress_counts_texts_by_batches(reader):
    told = []
    texts = [f"good {'day ' * number}" for number in range(40)]
    create(f"hub:{reader}").votes(
        [Sentence(text) for text in [*texts, texts[0], None]], lambda *arguments: told.append(arguments)
    )
    assert told == [("labels", 0, 40), ("labels", 32, 40), ("labels", 40, 40)]


def test_the_model_is_loaded_once(reader, monkeypatch):
    loaded = []
    load = hub.Network.__init__
    monkeypatch.setattr(hub.Network, "__init__", lambda self, *given: loaded.append(given) or load(self, *given))
    labeller = create(f"hub:{reader}")
    assert [labeller.votes([Sentence(text)])[0].label for text in ("good", "bad")] == ["positive", "negative"]
    assert len(loaded) == 1


def test_names_without_a_pole_are_refused_before_anything_is_read(tmp_path, monkeypatch):
    model = make(tmp_path / "nameless", ("LABEL_0", "LABEL_1"))
    monkeypatch.setattr(hub.Network, "logits", lambda *_: pytest.fail("texts were read"))
    with pytest.raises(OptionError, match="cannot be told from their names"):
        create(f"hub:{model}").votes([Sentence("good")])


def test_nothing_to_read_loads_nothing():
    assert create("hub:no-such/model").votes([]) == []
    (vote,) = create("hub:no-such/model").votes([Sentence(None)])
    assert vote.abstention is Abstention.NO_TEXT


def test_half_a_character_is_read(reader):
    assert score(reader, ["good \ud83d day"])[0] > 0.5


def test_nothing_is_said_on_the_terminal(reader, capfd):
    score(reader, ["good"])
    assert capfd.readouterr() == ("", "")
    assert transformers.utils.logging.is_progress_bar_enabled()


def test_identity_is_of_content_and_not_of_place(reader, tmp_path):
    shutil.copytree(reader, tmp_path / "reader")
    ours, theirs = create(f"hub:{reader}"), create(f"hub:{tmp_path / 'reader'}")
    assert ours.identity() == theirs.identity() and ours.name == theirs.name == "hub:reader"
    assert str(tmp_path) not in json.dumps(theirs.identity())
    make_reader(tmp_path / "reader", ("NEG", "NEU", "POS"), SENTIMENT | {"day": (0.0, 0.0, 1.0)})
    changed = create(f"hub:{tmp_path / 'reader'}").identity()
    assert changed["files"]["model.safetensors"] != ours.identity()["files"]["model.safetensors"]
    assert create(f"hub:{reader}", threshold=0.3).identity() != ours.identity()


# What comes from the hub


@pytest.fixture
def empty_hub(tmp_path, monkeypatch) -> Path:
    """The hub's cache, empty, and no way to the hub."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    return tmp_path / "hub"


def test_a_model_in_the_hubs_cache_needs_no_hub(reader, empty_hub):
    repository = empty_hub / "models--some--toy"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs/main").write_text("0a1b2c")
    shutil.copytree(reader, repository / "snapshots/0a1b2c")
    assert score("some/toy", ["good"])[0] > 0.5
    identity = create("hub:some/toy").identity()
    assert (identity["model"], identity["revision"]) == ("some/toy", "0a1b2c")


def test_without_a_hub_one_line_says_so(empty_hub):
    with pytest.raises(WeightsError, match=r"'some/toy' is not on this machine and cannot be fetched") as caught:
        score("some/toy", ["good"])
    assert "\n" not in str(caught.value)
    with pytest.raises(OptionError, match=r"no folder here and no model"):
        score("./no/such/folder", ["good"])


def test_a_model_that_the_hub_does_not_have_is_told(empty_hub, monkeypatch):
    from huggingface_hub import constants

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        with pytest.raises(OptionError, match=r"'some/toy' is no folder here and no model at the Hugging Face hub"):
            score("some/toy", ["good"])
        server.shutdown()


# What is refused


def test_pickled_weights_are_never_opened(tmp_path):
    class Trap:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "sprung",))

    save_config(tmp_path / "old", ("neg", "pos"))
    save_tokenizer(tmp_path / "old")
    torch.save(Trap(), tmp_path / "old/pytorch_model.bin")
    with pytest.raises(WeightsError, match="pickled weights are refused"):
        score(str(tmp_path / "old"), ["good"])
    assert not (tmp_path / "sprung").exists()


def test_code_of_the_models_own_is_never_run(tmp_path):
    model = Path(make(tmp_path / "custom", ("neg", "pos")))
    config = json.loads((model / "config.json").read_text())
    custom = {
        "model_type": "toy",
        "auto_map": {"AutoConfig": "own.Own", "AutoModelForSequenceClassification": "own.Own"},
    }
    (model / "config.json").write_text(json.dumps(config | custom))
    (model / "own.py").write_text(f"open({str(tmp_path / 'sprung')!r}, 'w')\n")
    with pytest.raises(WeightsError, match="without code of its own"):
        score(str(model), ["good"])
    assert not (tmp_path / "sprung").exists()


def test_a_model_without_a_trained_head_is_no_labeller(tmp_path):
    model = tmp_path / "base"
    save(transformers.BertModel(save_config(model, ("neg", "pos"))), model)
    save_tokenizer(model)
    with pytest.raises(WeightsError, match=r"is no trained classifier: its weights lack classifier"):
        score(str(model), ["good"])


def test_one_number_is_no_classifier(tmp_path):
    with pytest.raises(OptionError, match="answers with one number"):
        score(make(tmp_path / "regression", ("LABEL_0",)), ["good"])


def test_what_is_not_a_number_is_no_vote(tmp_path):
    model = make_reader(tmp_path / "broken", ("neg", "pos"), {"good": (float("nan"), 0.0)})
    with pytest.raises(WeightsError, match="not a number"):
        score(model, ["good"])


@pytest.mark.parametrize("file", ["config.json", "tokenizer.json", "model.safetensors"])
def test_damaged_files_are_told_in_one_line(tmp_path, reader, file):
    shutil.copytree(reader, tmp_path / "damaged")
    (tmp_path / "damaged" / file).write_bytes(b"\x00damaged")
    with pytest.raises(WeightsError, match=r"damaged' cannot be loaded") as caught:
        score(str(tmp_path / "damaged"), ["good"])
    assert "\n" not in str(caught.value)


def test_a_tokenizer_of_another_model_is_told(tmp_path, reader):
    model = tmp_path / "mixed"
    shutil.copytree(reader, model)
    content = json.loads((model / "tokenizer.json").read_text())
    content["model"]["vocab"] |= {"surplus": len(VOCABULARY)}
    (model / "tokenizer.json").write_text(json.dumps(content))
    with pytest.raises(WeightsError, match="tokenizer of another model"):
        score(str(model), ["surplus"])


@pytest.mark.parametrize("library", ["torch", "transformers"])
def test_a_missing_library_is_told_with_what_installs_it(reader, monkeypatch, library):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'tonewise\[hub\]'"):
        score(reader, ["good"])
    with pytest.raises(MissingExtraError, match=r"pip install 'tonewise\[hub\]'"):
        create(f"hub:{reader}").identity()


def test_the_labeller_says_what_it_reads(reader):
    labeller = create(f"hub:{reader}")
    assert labeller.languages is None and labeller.reads_context is False and labeller.parts == ()
    with pytest.raises(OptionError, match="needs MODEL_ID after a colon"):
        create("hub:")
