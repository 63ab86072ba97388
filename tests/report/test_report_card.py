import re
from dataclasses import replace

import pytest
import yaml

from tonewise.records import Evaluation, Interval
from tonewise.report import model_card


@pytest.fixture
def card(result) -> str:
    return model_card(result)


def test_front_matter_says_what_hubs_ask_for(card):
    front = yaml.safe_load(card.split("---\n")[1])
    assert {
        "license": "unknown",
        "library_name": "tonewise",
        "pipeline_tag": "audio-classification",
    }.items() <= front.items()
    assert "weak-supervision" in front["tags"] and "turn" in front["tags"]
    assert "language" not in front  # not detected here, and none is made up
    gold, weak = front["model-index"][0]["results"]
    assert gold["dataset"]["name"].endswith("held-out voices, gold labels (column emotion)")
    assert gold["metrics"][0] == {"type": "roc_auc", "name": "ROC AUC (95 % 0.68–0.78)", "value": 0.734}
    assert weak["metrics"][0]["value"] == 0.583


def test_the_hub_library_reads_it(make_result, labels):
    """What the hub itself checks with: its library's parser of cards and of the figures in them."""
    from huggingface_hub import ModelCard

    counted = replace(labels, languages={"en": 9000, "zh-Hant": 500, "unknown": 499, "st": 1})
    found = ModelCard(model_card(make_result(labels=counted, gold_column="a: 'b'\n---\n- c")))
    assert found.data.language == ["en"] and found.data.model_name == "Tone of voice from townhall/manifest.csv"
    assert [(each.metric_type, each.dataset_split) for each in found.data.eval_results][:2] == [
        ("roc_auc", "test"),
        ("average_precision", "test"),
    ]
    assert "en (90 %), zh-Hant (5 %), unknown (5 %), st (under 1 %)" in found.text
    assert ModelCard(str(found)).data.to_dict() == found.data.to_dict()


@pytest.mark.parametrize(
    "heading",
    [
        "## Model details",
        "## Uses",
        "### Intended use",
        "### Out of scope",
        "## Bias, risks and limits",
        "### Groups",
        "### Law: EU AI Act",
        "## How to get started",
        "## Training details",
        "### Training data",
        "### What the labels are worth",
        "### Training procedure",
        "## Evaluation",
        "## Versions",
    ],
)
def test_sections_are_there(card, heading):
    assert f"\n{heading}\n" in card


def test_the_card_is_honest_about_labels_law_and_limits(card):
    text = " ".join(card.split())
    assert "No human emotion labels were used" in text
    assert "A weak-label AUC is not skill at hearing tone" in text
    assert "With few speakers an interval is wide" in text
    assert "Art. 5(1)(f) of the EU AI Act" in text
    assert "tonewise score MODEL recording.wav" in text


def test_figures_come_with_intervals_and_baselines(card):
    assert "ROC AUC 0.73 (95 % 0.68–0.78; 640 utterances, 11 speakers), better than chance." in card
    assert "| 95 % interval | 0.68–0.78 | 0.55–0.61 | 0.54–0.65 |" in card
    assert "not defined (the labels were made from the words)" in card
    for figure in (
        "positive rate 0.48",
        "0.52",
        "95 % 0.52–0.60",
        "57 %",
        "1,904",
        "81 %",
        "| Undecodable | 16 |",
    ):
        assert figure in card


def test_tables_have_as_many_cells_in_every_row(card):
    for table in re.findall(r"(?:^\|.*\n)+", card, re.MULTILINE):
        assert len({line.count("|") - line.count(r"\|") for line in table.splitlines()}) == 1


def test_the_card_tells_nothing_that_changes_between_equal_runs(result):
    slower = replace(result, seconds={"total": 9.0}, cache={"hits": 5442}, model="/tmp/other")
    assert model_card(slower) == model_card(result)


def test_the_card_repeats_no_transcript_and_no_home_folder(card):
    assert "Wonderful" not in card and "alert" not in card
    assert "/home/" not in card and "townhall/manifest.csv" in card


def test_what_the_corpus_says_is_shown_literally(make_result):
    card = model_card(make_result(gold_column="a|b\n# <script>*x*", data_note="See [me](http://x)\n\n# Head"))
    assert "<script>" not in card.replace(r"\<script\>", "")
    assert "\n# Head" not in card and r"\[me\]" in card
    assert r"a\|b \# \<script\>\*x\*" in card


def test_an_undefined_metric_is_not_a_number(make_result):
    undefined = Evaluation(Interval(None, None, None, 12, 12, 2))
    card = model_card(make_result(gold=undefined, evaluations={"test": undefined}))
    row = next(line for line in card.splitlines() if line.startswith("| ROC AUC"))
    assert row.count("not defined (none of 12 utterances is negative)") == 2
    assert not re.search(r"\| \d", row)


def test_without_gold_or_any_evaluation(make_result):
    card = model_card(make_result(gold=None, gold_column=None, evaluations={}))
    assert "**Nothing was evaluated.**" in card
    assert "No gold labels were given" in card


def test_a_model_of_human_labels_does_not_claim_otherwise(make_result, labels):
    card = model_card(make_result(labels=replace(labels, labeller="mood", from_text=False)))
    assert "No human emotion labels" not in card and "weak-supervision" not in card
    assert "column\nmood" in card
