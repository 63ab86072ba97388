"""Eight recordings or eight thousand utterances: what is ranked, on which scales, and what is said of it."""

from __future__ import annotations

import json
import shutil
import time

import numpy as np
import pandas as pd
import pytest
import soundfile

import tonewise
from tonewise.errors import BundleError, CorpusError, InputError, LabelError, OptionError
from tonewise.pipeline.languages import rank_languages
from tonewise.pipeline.languages_results import languages_json, languages_page
from tonewise.pipeline.loading import LoadedModel
from tonewise.report import language_facts as facts

LANGUAGES = ("en", "fr", "ru", "hy")


@pytest.fixture(scope="module")
def model(corpus, tmp_path_factory) -> str:
    return tonewise.train(corpus, tmp_path_factory.mktemp("languages") / "model", features="mel", cache=False).model


@pytest.fixture(scope="module")
def eight(corpus) -> pd.DataFrame:
    """What the founding article's author recorded: one voice, one positive and one negative in each of four languages."""
    table = pd.read_csv(corpus).head(8).assign(language=np.repeat(LANGUAGES, 2), speaker="author")
    table["audio"] = [str(corpus.parent / name) for name in table["audio"]]
    return table.rename(columns={"mood": "polarity"})


@pytest.fixture
def manifest(eight, tmp_path):
    """Writes a changed copy of the eight recordings; returns its path."""

    def write(**changes) -> str:
        eight.assign(**changes).to_csv(tmp_path / "eight.csv", index=False)
        return str(tmp_path / "eight.csv")

    return write


@pytest.fixture
def hears(monkeypatch):
    """Makes every model hear what it is told to: a function of the rows."""

    def set_tone(of):
        from tonewise.pipeline.hearing import Heard

        def hear(self, rows, *, cache, progress=None):
            tone = np.asarray(of(rows), dtype=float)
            heard = ~np.isnan(tone)
            return tone, Heard(np.zeros((len(rows), 1)), (1,), heard, (), 0, 0, 0.0)

        monkeypatch.setattr(LoadedModel, "hear", hear)

    return set_tone


def in_order(rows):
    """Every positive one higher, by a different distance in each language."""
    return [0.5 + 0.1 * i * (1 if gold == "positive" else -0.5) for i, gold in enumerate(rows["polarity"], start=1)]


def test_eight_recordings_in_perfect_order(model, manifest, hears):
    hears(lambda rows: np.linspace(0.3, 0.6, 8) + 0.2 * (rows["polarity"] == "positive"))
    result = rank_languages(model, manifest())
    assert [found.name for found in result.findings] == list(LANGUAGES)  # in the order of the corpus
    for found in result.findings:
        assert (found.positives, found.negatives, found.interval.roc_auc) == (1, 1, 1.0)
        assert (found.p_greater, found.p_two_sided, found.p_holm) == (0.5, 1.0, 1.0)
        assert result.conclusion_of(found) == (
            "1 positive against 1 negative: the positive one scores higher. Even a perfect order comes about by chance "
            "half the time: nothing can be concluded from so few."
        )
    assert result.overall.p_greater == pytest.approx(1 / 16)
    assert result.conclusion == (
        "In 4 of 4 languages positive ranks above negative (p = 0.12; one-sided 0.062). Even a perfect order in every "
        "language comes about by chance 1 time in 16: nothing can be concluded from so few. All this is about 1 speaker: "
        "nothing follows for other voices."
    )
    assert result.trained_groups == 0 and result.utterances == 8


def test_scales_are_what_they_are_called(model, manifest, hears):
    hears(lambda rows: [0.2, 0.4, 0.3, 0.6, 0.5, 0.5, 0.1, 0.9])
    scores = rank_languages(model, manifest()).scores
    assert scores["tone"].tolist() == [0.2, 0.4, 0.3, 0.6, 0.5, 0.5, 0.1, 0.9]
    assert scores["tone_minmax"].tolist() == pytest.approx([0.125, 0.375, 0.25, 0.625, 0.5, 0.5, 0, 1])
    within = scores["tone_minmax_within"].tolist()
    assert within[:4] == [0, 1, 0, 1] and within[6:] == [0, 1] and np.isnan(within[4:6]).all()
    assert scores["tone_percentile"].between(0, 1).all()
    assert scores["gold_polarity"].tolist() == ["negative", "positive"] * 4 and "_gold" not in scores


def test_percentiles_where_the_model_keeps_them(model, manifest, hears, tmp_path):
    hears(lambda rows: [0.0, 0.25, 0.5, 0.75, 1.0, 0.5, 0.5, 0.5])
    copy = tmp_path / "copy"
    shutil.copytree(model, copy)
    about = json.loads((copy / "manifest.json").read_text())

    def keep(quantiles):
        about["training"]["tone_quantiles"] = quantiles
        (copy / "manifest.json").write_text(json.dumps(about))
        return rank_languages(copy, manifest())

    assert keep(None).scores["tone_percentile"].isna().all()
    assert keep([0.25, 0.5, 0.75]).scores["tone_percentile"].tolist()[:5] == [0, 0, 0.5, 1, 1]
    for damaged in ([0.5, 0.2], "half", [0.1], [0.1, "x"]):
        with pytest.raises(BundleError, match="tone_quantiles are not ascending numbers"):
            keep(damaged)


def test_json_is_plain_and_complete(model, manifest):
    result = rank_languages(model, manifest(), cache=False)
    found = json.loads(json.dumps(languages_json(result), allow_nan=False))
    assert set(found["languages"]) == set(LANGUAGES) and found["gold"] == "polarity" and found["by"] == "language"
    promised = {"roc_auc", "ci_low", "ci_high", "n", "positives", "negatives", "p_greater", "p_two_sided", "p_smallest"}
    for each in (*found["languages"].values(), found["overall"]):
        assert promised | {"exact", "assumption_free", "voices", "conclusion"} <= set(each)
    assert found["languages"]["en"]["p_holm"] == 1.0 and found["overall"]["languages"] == 4
    assert len(found["scores"]) == 8 and set(facts.SCALES) < set(found["scores"][0])
    assert 0 <= found["scores"][0]["tone_percentile"] <= 1 and 0 <= found["scores"][0]["tone"] <= 1
    assert found["scales"] == dict(facts.SCALES) and found["limits"] == list(facts.LIMITS)


def test_it_hears_the_beeps(model, corpus):
    """No stand-in: happy beeps are high and bright, and the model has learned that."""
    result = rank_languages(model, corpus, gold="mood", by="speaker", cache=False)
    assert len(result.findings) == 8 and result.overall.interval.roc_auc > 0.7 and result.overall.p_two_sided < 0.01
    assert result.overall == rank_languages(tonewise.load(model), corpus, gold="mood", by="speaker").overall


def test_a_language_of_one_class_has_no_auc(model, manifest, hears):
    hears(in_order)
    polarity = ["negative", "negative", *["negative", "positive"] * 3]
    result = rank_languages(model, manifest(polarity=polarity))
    english, french = result.findings[:2]
    assert english.interval.roc_auc is english.p_two_sided is english.p_holm is None
    assert result.conclusion_of(english) == "Nothing to rank: none of 2 utterances is positive."
    assert french.p_holm == 1.0 and result.overall.strata == 3 and "In 3 of 3 languages" in result.conclusion
    assert languages_json(result)["languages"]["en"]["roc_auc"] is None
    assert "not defined" in languages_page(result)


def test_no_language_has_both(model, manifest, hears):
    hears(in_order)
    result = rank_languages(model, manifest(polarity=["positive", "positive", "negative", "negative"] * 2))
    assert result.overall.interval.roc_auc is None
    assert result.conclusion == "No language has both positive and negative utterances: nothing can be ranked."
    json.dumps(languages_json(result), allow_nan=False)
    assert "nothing can be ranked" in languages_page(result)


def test_neutral_and_unnamed_rows_are_left_out_and_told(model, manifest, hears):
    hears(in_order)
    result = rank_languages(
        model,
        manifest(polarity=["neutral", *["positive", "negative"] * 3, "positive"], language=["en"] * 6 + [None, " "]),
    )
    assert len(result.scores) == 5 and result.overall.interval.n == 5
    assert [(problem.kind, problem.count) for problem in result.problems] == [("no_language", 2)]


def test_unheard_rows_are_left_out(model, manifest, hears):
    hears(lambda rows: [np.nan, *in_order(rows)[1:]])
    result = rank_languages(model, manifest())
    assert len(result.scores) == 7 and result.findings[0].interval.roc_auc is None


def test_by_any_column(model, manifest, hears):
    hears(in_order)
    result = rank_languages(model, manifest(age=[30, 30, 30, 30, 60, 60, 60, 60]), by="age")
    assert [found.name for found in result.findings] == ["30", "60"]
    assert "In 2 of 2 groups" in result.conclusion
    assert languages_json(result)["scores"][0]["age"] == 30


def test_trained_voices_are_told(model, corpus):
    result = rank_languages(model, corpus, gold="mood")
    assert result.trained_groups > 0 and [found.name for found in result.findings] == ["en"]
    page = languages_page(result)
    assert f"{result.trained_groups} of these speakers had a part in the model" in page


def test_gold_is_asked_for(model, corpus, manifest):
    with pytest.raises(LabelError, match=r"no column 'polarity'; name the column .* with --gold; .*: .*mood"):
        rank_languages(model, corpus)
    with pytest.raises(LabelError, match="no column 'tones'"):
        rank_languages(model, manifest(), gold="tones")
    with pytest.raises(LabelError, match="holds 'glad'"):
        rank_languages(model, manifest(polarity="glad"))
    with pytest.raises(LabelError, match="no positive or negative rows"):
        rank_languages(model, manifest(polarity="neutral"))


def test_languages_are_asked_for(model, manifest):
    with pytest.raises(CorpusError, match="does not say what 'language' its positive and negative utterances have"):
        rank_languages(model, manifest(language=None))
    with pytest.raises(CorpusError, match="no column 'dialect' to judge by"):
        rank_languages(model, manifest(), by="dialect")
    with pytest.raises(OptionError, match="called 'tone'"):
        rank_languages(model, manifest(), by="tone")
    with pytest.raises(BundleError, match="is no model"):
        rank_languages("nowhere", manifest())


def test_missing_recordings_are_one_line(model, manifest):
    with pytest.raises(InputError) as refused:
        rank_languages(model, manifest(audio="gone.wav"))
    assert "\n" not in str(refused.value)


def test_eight_thousand_utterances(model, tmp_path, hears):
    """Twenty voices, four languages; one language that is heard, one the wrong way round, two at chance."""
    soundfile.write(tmp_path / "long.wav", np.zeros(8000 * 800), 8000)
    random = np.random.default_rng(0)
    rows = pd.DataFrame({"audio": "long.wav", "start": np.arange(8000) / 10, "end": np.arange(1, 8001) / 10})
    rows["speaker"] = [f"s{speaker}" for speaker in random.integers(0, 20, 8000)]
    rows["language"] = random.choice(LANGUAGES, 8000)
    rows["polarity"] = random.choice(["positive", "negative", "neutral"], 8000, p=[0.4, 0.5, 0.1])
    rows.to_csv(tmp_path / "many.csv", index=False)
    shift = rows["language"].map({"en": 1.0, "fr": -1.0, "ru": 0.0, "hy": 0.0})
    sign = (rows["polarity"] == "positive") * shift + 0.3 * random.normal(size=20)[rows["speaker"].str[1:].astype(int)]
    tone = 1 / (1 + np.exp(-sign - random.normal(size=8000)))
    hears(lambda asked: tone[asked.index])
    start = time.perf_counter()
    result = rank_languages(model, tmp_path / "many.csv")
    assert time.perf_counter() - start < 60
    found = {each.name: each for each in result.findings}
    assert found["en"].p_holm < 0.001 < found["ru"].p_holm and found["fr"].p_holm < 0.001 < found["hy"].p_holm
    assert "more than chance would do" in result.conclusion_of(found["en"])
    assert "For other voices: 95 % interval 0." in result.conclusion_of(found["en"])
    assert "less than chance would do: the wrong way round" in result.conclusion_of(found["fr"])
    assert found["ru"].interval.ci_low < 0.5 < found["ru"].interval.ci_high
    assert len(languages_page(result)) < 600_000


def test_the_page_is_harmless_and_the_same_each_time(model, manifest, hears):
    hears(in_order)
    hostile = "</title><script>alert('x')</script>"
    result = rank_languages(model, manifest(language=[hostile] * 4 + ["fr"] * 4, text=hostile))
    page = languages_page(result)
    assert page == languages_page(result) and "<script" not in page and "&lt;script" in page
    assert "http" not in page.replace("http://www.w3.org", "")


# -- sentences -----------------------------------------------------------------------------------------------------------


def finding(positives=10, negatives=10, auc=0.8, groups=8, bounds=(0.6, 0.9), voices=(0.55, 0.95), **more):
    from tonewise.records import Interval

    n = positives + negatives
    return facts.Finding(
        "en",
        Interval(auc, *bounds, n, positives, n, "utterance"),
        Interval(auc, *voices, n, positives, groups, "speaker"),
        **{"p_greater": 0.004, "p_two_sided": 0.008, "p_smallest": 1e-6, "p_holm": 0.03, "strata": 1, **more},
    )


def test_what_is_shown_is_said_with_its_voices():
    assert facts.conclusion(finding(), 4) == (
        "10 positive against 10 negative: the positive one scores higher in 80 of 100 pairs, more than chance would do "
        "(p = 0.008, 0.030 adjusted for 4 tests). For other voices: 95 % interval 0.55–0.95."
    )
    assert facts.conclusion(finding(groups=1), 1).endswith("about 1 speaker: nothing follows for other voices.")
    assert facts.conclusion(finding(voices=(0.4, 1.0)), 1).endswith("it is not shown (95 % interval 0.40–1.00).")
    assert facts.state(finding(), 0.03) == "better" and facts.state(finding(groups=1), 0.03) == "unclear"
    assert facts.state(finding(voices=(0.4, 1.0)), 0.03) == "unclear"
    wrong = finding(auc=0.2, voices=(0.1, 0.4), p_greater=0.996)
    assert facts.state(wrong, 0.03) == "worse" and "the wrong way round" in facts.conclusion(wrong, 1)


def test_many_tests_are_paid_for():
    sentence = facts.conclusion(finding(p_two_sided=0.02, p_holm=0.08), 4)
    assert "not shown to differ from chance (p = 0.020, 0.080 adjusted for 4 tests)" in sentence
    assert sentence.endswith("it may be anything from 0.60 to 0.90.")


def test_ties_and_voices_are_named_as_what_stands_in_the_way():
    few = finding(p_smallest=0.5, p_two_sided=1.0, p_holm=1.0)
    assert "Even the best order that such speakers and ties allow comes about by chance half the time" in (
        facts.conclusion(few, 1)
    )


@pytest.mark.parametrize(
    ("p", "said"),
    [
        (1.0, "always"),
        (0.7, "about 7 times in 10"),
        (0.5, "half the time"),
        (0.3, "about 1 time in 3"),
        (1 / 16, "1 time in 16"),
        (1 / 1296, "1 time in 1,296"),
    ],
)
def test_odds(p, said):
    assert facts.odds(p) == said


@pytest.mark.parametrize(
    ("p", "said"), [(None, "–"), (0.0001, "<0.001"), (0.0625, "0.062"), (0.3, "0.30"), (1.0, "1.00")]
)
def test_p_values(p, said):
    assert facts.p_value(p) == said
