"""Labels inside the pipeline: nothing passes from test voices to training, and a model reads words as it was taught."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import tonewise
from tonewise import bundle, labels, pipeline, splits
from tonewise.errors import LabelError, OptionError

CALM = ["It is fine.", "No problem at all.", "All is well.", "Take your time, please."]
ANGRY = ["I am furious!", "This makes me so angry!", "How dare you!", "Shut up, I hate this!"]


@pytest.fixture(scope="module")
def table(corpus: Path) -> pd.DataFrame:
    """The common corpus with absolute paths, to be changed and written elsewhere."""
    found = pd.read_csv(corpus)
    found["audio"] = [str(corpus.parent / name) for name in found["audio"]]
    return found


def parts_of(table: pd.DataFrame, seed: int = 0) -> pd.Series:
    groups = pd.Series([f"speaker:{name}" for name in table["speaker"]], index=table.index)
    return splits.split(groups, "speaker", seed=seed)


def train(table: pd.DataFrame, folder: Path, **options) -> tonewise.records.TrainingResult:
    folder.mkdir()
    table.to_csv(folder / "corpus.csv", index=False)
    return tonewise.train(folder / "corpus.csv", folder / "model", features="melstats", cache=False, **options)


@pytest.mark.parametrize("part", ["test", "valid"])
def test_what_held_out_voices_say_decides_nothing(table, tmp_path, part):
    """Labels are combined, smoothed and refined; other words in held-out mouths leave the model as it is."""
    options = {"labels": "combined", "context": 2, "refine": True}
    marked = table.copy()
    marked.loc[parts_of(table) == part, "text"] = "Das ist ja wunderbar, ich liebe es, großartig!"
    marked.loc[parts_of(table).eq(part) & (table.index % 3 == 0), "text"] = "I hate every single bit of this horror."
    first, second = (train(t, tmp_path / name, **options) for t, name in ((table, "a"), (marked, "b")))
    models = [bundle.load(found.model).manifest for found in (first, second)]
    assert models[0]["checksums"]["classifier.onnx"] == models[1]["checksums"]["classifier.onnx"]
    assert models[0]["labels"]["members"] == models[1]["labels"]["members"]
    assert first.refinement == second.refinement and first.refinement.utterances > 0
    assert first.labels.counts != second.labels.counts  # the marks were seen, where they may be


def test_labels_do_not_move_the_split(table, tmp_path):
    found = [train(table, tmp_path / name, labels=name) for name in ("lexicon", "mood")]
    trained = [bundle.load(each.model).manifest["training"]["trained_groups"] for each in found]
    assert trained[0] == trained[1]


def test_a_model_keeps_the_poles_that_it_was_taught(table, tmp_path):
    poles = tmp_path / "poles.txt"
    poles.write_text("[calm]\n" + "\n".join(CALM) + "\n[angry]\n" + "\n".join(ANGRY), encoding="utf-8")
    result = train(table, tmp_path / "m", labels="semantic", prototypes=poles, threshold=0.05)
    sentences = [labels.Sentence("Calm down, no problem."), labels.Sentence("I am so angry with you!")]
    expected = labels.create("semantic", threshold=0.05, prototypes=poles).votes(sentences)
    poles.unlink()
    model = tonewise.load(result.model)
    assert model.text_labeller.votes(sentences) == expected
    assert not model.notices
    assert str(tmp_path) not in (Path(result.model) / "manifest.json").read_text(encoding="utf-8")


def test_a_combination_reads_words_as_in_training(table, tmp_path):
    result = train(table, tmp_path / "m", labels="combined")
    model = tonewise.load(result.model)
    columns = pipeline.label(tmp_path / "m" / "corpus.csv", labeller="combined").columns
    assert {"lexicon_score", "lexicon_confidence", "semantic_score", "semantic_confidence"} <= set(columns)
    weights = bundle.load(result.model).manifest["labels"]["members"]
    (vote,) = model.text_labeller.votes([labels.Sentence(table["text"][0], "en")])
    assert vote.score == pytest.approx(
        sum(weights[name] * score for name, score in vote.parts.items() if name in weights)
    )


def test_scoring_sends_nothing_to_a_server():
    labeller, why = labels.restore({"name": "llm:big", "threshold": 0.2})
    assert labeller.name == "lexicon" and "sends nothing to 'llm:big'" in why
    weights = {"lexicon": 0.4, "llm:big": 0.6}
    labeller, why = labels.restore({"name": "combined:lexicon+llm:big", "threshold": 0.2, "members": weights})
    assert labeller.parts == ("lexicon",) and "without llm:big" in why
    with pytest.raises(LabelError, match="does not say what 'combined' was made of; train it again"):
        labels.restore({"name": "combined"})


def test_models_of_the_first_release_are_still_read():
    labeller, why = labels.restore({"name": "lexicon", "threshold": 0.3, "textblob": "1", "vaderSentiment": "1"})
    assert (labeller.name, labeller.threshold, why) == ("lexicon", 0.3, "")
    assert labels.restore({"name": "column", "column": "mood"})[0].name == "lexicon"


def test_refining_needs_words(table, tmp_path):
    with pytest.raises(OptionError, match="--refine weighs what words say against the voice, and 'mood' is a column"):
        train(table, tmp_path / "m", labels="mood", refine=True)


def test_context_is_bounded(corpus):
    with pytest.raises(OptionError, match="--context 21 is out of range; expected 0"):
        pipeline.label(corpus, context=21)


def test_no_english_lexicon_reads_russian(tmp_path):
    rows = {"text": ["I love it, what a wonderful day", "Это просто ужасно, я очень зол", "C'est magnifique, bravo !"]}
    pd.DataFrame(rows).to_csv(tmp_path / "t.csv", index=False)
    columns = pipeline.label(tmp_path / "t.csv", labeller="lexicon").columns
    assert list(columns["text_language"]) == ["en", "ru", "fr"]
    assert list(columns["abstention"])[:2] == [None, "other_language"]
    assert columns["score"].isna().tolist() == [False, True, False] and columns["vader_score"].isna()[2]


def test_neighbours_are_taken_into_account_when_asked(tmp_path):
    """In long runs of one mood a plain sentence takes the mood of what is said around it."""
    import numpy as np

    random = np.random.default_rng(0)
    moods = np.repeat(random.integers(0, 2, 60), 10)
    happy, upset = ("I love it.", "Great!", "It is a table."), ("I hate it.", "Awful!", "It is a table.")
    texts = [(happy if mood else upset)[random.integers(3)] for mood in moods]
    pd.DataFrame({"text": texts}).to_csv(tmp_path / "t.csv", index=False)
    alone, together = (
        pipeline.label(tmp_path / "t.csv", labeller="lexicon", context=width).columns["score"] for width in (0, 3)
    )
    plain = np.array(texts) == "It is a table."
    assert (alone[plain] == 0).all()
    right = (together[plain] > 0) == (moods[plain] == 1)
    assert right.mean() > 0.9


def test_gold_of_the_text_judges_every_labeller(tmp_path):
    texts = ["I love it, wonderful!", "I hate it, awful!", "Great, thank you!", "This is terrible."] * 6
    gold = ["positive", "negative", "positive", "negative"] * 6
    pd.DataFrame({"text": texts, "mood": gold}).to_csv(tmp_path / "t.csv", index=False)
    summary = pipeline.label(tmp_path / "t.csv", labeller="combined", gold="mood").summary
    assert {each.name for each in summary.labellers} == {"lexicon", "semantic"}
    assert all(each.gold.auc.roc_auc == 1.0 for each in summary.labellers)
    assert summary.gold.auc.n == 24 and summary.gold_column == "mood"
