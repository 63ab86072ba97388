"""The audit on numbers whose answer is known, and from end to end on beeps."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

import tonewise
from tonewise import pipeline
from tonewise.audio.delexicalised import Hum, LowPass
from tonewise.errors import InputError, LabelError
from tonewise.evaluation.audit import CANNOT_TELL, HEARS_TONE, READS_WORDS
from tonewise.features import create
from tonewise.pipeline.auditing_folds import LEXICAL, Material, Recipe, folds_of, matched_folds, score_folds
from tonewise.pipeline.auditing_results import audit_json, audit_page
from tonewise.pipeline.auditing_sound import AlteredEncoder, choose
from tonewise.pipeline.auditing_study import audit_study

VOICES, WORDS, REPEATS, WIDTH = 10, 80, 6, 60


def material(
    by_tone: float, *, seed: int = 0, voices: int = VOICES, words: int = WORDS, readable: bool = True
) -> Material:
    """Features that hear tone and word alike; labels follow the tone in a share `by_tone` of the clips, else the word."""
    rng = np.random.default_rng(seed)
    word = np.repeat(np.arange(words), REPEATS)
    voice = np.concatenate([rng.permutation(voices)[:REPEATS] for _ in range(words)])
    tone = rng.permutation(np.arange(len(word)) % 2 == 0)
    positive = np.where(rng.random(len(word)) < by_tone, tone, word < words / 2)
    matrix = np.where(tone, 0.5, -0.5)[:, None] * rng.normal(size=WIDTH) + rng.normal(size=(words, WIDTH))[word]
    matrix = (matrix + rng.normal(size=(voices, WIDTH))[voice] + rng.normal(size=matrix.shape)).astype(np.float32)
    names = np.array([f"voice{each}" for each in voice], dtype=object)
    return Material(
        features=matrix,
        label=np.where(positive, "positive", "negative").astype(object),
        confidence=np.ones(len(word)),
        groups=names,
        voices=names,
        contents=np.array([frozenset({f"word:{each}"} if readable else ()) for each in word], dtype=object),
        documents=[(f"w{each}",) if readable else () for each in word],
    )


def audited(found: Material, **options):
    return audit_study(found, Recipe(), {"labels": found.label}, **options)[0]


@pytest.mark.parametrize(("by_tone", "verdict"), [(0.0, READS_WORDS), (1.0, HEARS_TONE)])
@pytest.mark.parametrize("seed", [0, 1])
def test_known_answers(by_tone, verdict, seed):
    found = audited(material(by_tone, seed=seed), seed=seed)
    assert found.verdict.name == verdict, found
    lexical, matched = found.split("lexical"), found.split("matched")
    assert lexical.auc.n == matched.auc.n and lexical.trained == matched.trained  # like with like
    assert found.fall.value == pytest.approx(matched.auc.roc_auc - lexical.auc.roc_auc)
    assert found.split("random").text.roc_auc == pytest.approx(1.0 if by_tone == 0 else 0.5, abs=0.15)
    if by_tone == 0:
        assert found.repeated is None and found.text_share.value > 0.2
    else:
        assert found.repeated.ci_low > 0.5


def test_too_few_clips_and_unknown_words_are_no_verdict():
    assert audited(material(1.0, words=14)).verdict.name == CANNOT_TELL
    silent = audited(material(1.0, readable=False))
    assert silent.verdict.name == CANNOT_TELL and "text" in silent.missing["lexical"]
    assert silent.text_share is None and silent.split("speaker").text is None and silent.held_out == ""


def test_lengths_that_give_labels_away_forbid_the_verdict_of_tone():
    found = material(1.0)
    cut = replace(found, seconds=np.where(found.label == "positive", 2.9, 3.0))
    audit = audited(cut)
    assert audit.split("lexical").length.roc_auc == 1.0
    assert audit.verdict.name == CANNOT_TELL and "length" in audit.verdict.why


def test_held_out_words_are_not_trained_on_and_matched_folds_are_alike():
    found = material(0.5)
    lexical = folds_of(found, LEXICAL, seed=0)
    for (train, test), (other, same) in zip(lexical, matched_folds(found, lexical, seed=0), strict=True):
        said = {name for row in test for name in found.contents[row]}
        assert not said & {name for row in train for name in found.contents[row]}
        assert not set(found.groups[test]) & set(found.groups[other]) and len(other) == len(train)
        assert said & {name for row in other for name in found.contents[row]} and (same == test).all()


def test_a_single_class_is_refused():
    found = material(0.0)
    found.label[:] = "positive"
    with pytest.raises(LabelError, match="both classes"):
        audited(found)


def test_progress_and_seeds():
    told = []
    found = material(0.5)
    first = audited(found, seed=4, progress=lambda *news: told.append(news))
    assert told[-1][1] == told[-1][2] and told[-1][0] == "audit"
    assert first == audited(found, seed=4, jobs=2)


def test_progress_is_told_in_order_however_many_folds_are_trained_at_once():
    told = []
    audited(material(0.5, words=20), jobs=4, progress=lambda _stage, done, total: told.append((done, total)))
    assert told == [(done, told[-1][1]) for done in range(1, told[-1][1] + 1)]


def test_a_split_that_cannot_be_trained_leaves_the_others(monkeypatch):
    def refuse_lexical(given, recipe, folds, **options):
        if len(folds) == 16:
            raise LabelError("no fold has labels of both classes")
        return score_folds(given, recipe, folds, **options)

    monkeypatch.setattr("tonewise.pipeline.auditing_study.score_folds", refuse_lexical)
    found = audited(material(0.5))
    assert [each.name for each in found.splits] == ["random", "speaker"]
    assert found.verdict.name == CANNOT_TELL and "both classes" in found.missing["lexical"]


def test_altered_encoders_are_others_for_the_cache():
    encoder = create("mel")
    hum, low = AlteredEncoder(encoder, Hum()), AlteredEncoder(encoder, LowPass())
    assert hum.identity() != low.identity() != encoder.identity() and hum.dimensions == encoder.dimensions
    sound = np.random.default_rng(0).normal(size=16_000 * 8).astype(np.float32)
    assert not np.allclose(low.encode([sound]), encoder.encode([sound]))


def test_both_classes_are_chosen_alike():
    positive = np.arange(1000) < 100
    chosen = choose(positive, np.ones(1000, dtype=bool), seed=0, limit=400)
    assert len(chosen) == 400 and positive[chosen].sum() == 100
    assert len(choose(positive, np.arange(1000) < 150, seed=0, limit=400)) == 150


@pytest.fixture(scope="module")
def model(corpus, tmp_path_factory):
    path = tmp_path_factory.mktemp("audited") / "model"
    tonewise.train(corpus, path, features="melstats", labels="lexicon", baseline="none", cache=False, note="Beeps.")
    return path


def test_from_end_to_end(model, corpus, tmp_path):
    result = pipeline.audit(model, corpus, gold="mood", cache=tmp_path / "features")
    gold, own = result.findings
    assert result.main is gold and gold.truth == "gold column 'mood'" and "lexicon" in own.truth
    assert gold.split("speaker").auc.roc_auc > 0.9  # high beeps are happy
    assert gold.verdict.name == CANNOT_TELL  # there are only a few words
    assert {each.name for each in gold.sounds} == {"low-pass", "hum"}
    assert gold.repeated is None  # what is said in one mood is never said in the other
    found = audit_json(result)
    assert found["verdict"] == "cannot tell" and found["splits"]["lexical"]["trained"] > 0
    assert json.loads(json.dumps(found, allow_nan=False))["also"][0]["truth"] == own.truth
    page = audit_page(result)
    assert "Cannot tell" in page and "Beeps." in page and page == audit_page(result)
    quick = pipeline.audit(model, corpus, without_words=False, cache=tmp_path / "features")
    assert quick.findings[0].sounds == () and quick.learned == "lexicon"


def test_a_column_can_be_trained_on(model, corpus, tmp_path):
    result = pipeline.audit(model, corpus, labeller="mood", gold="mood", without_words=False, cache=tmp_path)
    assert len(result.findings) == 1 and result.learned_from == 8 * 12


def test_changed_sound_is_tried_on_the_corpus_that_was_read(model, corpus, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr("tonewise.pipeline.robustness.robustness", lambda _model, given, **_: seen.append(given))
    options = {"without_words": False, "robustness": True, "raw": "pcm16:16000"}
    result = pipeline.audit(model, corpus, labeller="mood", gold="mood", cache=tmp_path, **options)
    assert [len(given.utterances) for given in seen] == [result.utterances]  # reading it anew would forget `raw`


def test_bad_input_is_one_line(model, corpus):
    with pytest.raises(InputError, match="no column 'nobody'"):
        pipeline.audit(model, corpus, gold="nobody", cache=False)
    with pytest.raises(InputError, match="unknown labeller 'oracle'"):
        pipeline.audit(model, corpus, labeller="oracle", cache=False)
