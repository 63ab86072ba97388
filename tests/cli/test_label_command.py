"""What `tonewise label` shows: at any width, of any number of labellers, with nothing that a terminal would obey."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from click.testing import CliRunner
from rich.console import Console

from tonewise import labels
from tonewise.cli import main
from tonewise.cli.label_screen import show_labels
from tonewise.pipeline.labelling import LabelledCorpus
from tonewise.pipeline.results import labels_json
from tonewise.records import Corpus, Evaluation, Interval

HUB = "hub:someone/multilingual-sentiment-base-v2"
TEXTS = [
    "I love it and [bold]you\x1b[31m\x07",
    "I hate it",
    "How good of you to come all this way on such a cold and rainy evening in November, dear",
    "什么都很好，谢谢你们今天来看我们，希望你们明天再来看我们一次，我们会很高兴的",
    "bad but great fun",
    None,
] * 3


def vote(score: float | None) -> labels.Vote:
    if score is None:
        return labels.Vote(None, 0.0, labels.Abstention.NO_TEXT)
    near = abs(score) < 0.1
    return labels.Vote(score, 0.0 if near else abs(score) ** 2, labels.Abstention.NEAR_NEUTRAL if near else None)


def table_of(*scores: float | None) -> pd.DataFrame:
    from tonewise.labels.table import vote_table

    return vote_table([vote(score) for score in scores] * 3, pd.RangeIndex(18))


@pytest.fixture(scope="module")
def labelled() -> LabelledCorpus:
    """Four labellers, combined, of texts in two languages, judged by gold labels."""
    members = {
        "lexicon": table_of(0.7, -0.6, 0.4, None, 0.1, None),
        "semantic": table_of(0.6, -0.4, -0.3, 0.5, -0.2, None),
        HUB: table_of(0.9, -0.9, 0.2, 0.3, 0.05, None),
        "llm:some-model": table_of(0.5, -0.5, 0.5, 0.5, -0.5, None),
    }
    final = table_of(0.7, -0.6, 0.2, 0.4, -0.2, None).assign(text_language=["en", "en", "en", "zh", "en", None] * 3)
    texts = pd.Series(TEXTS, dtype=object)
    found = Evaluation(Interval(0.76, 0.7, 0.8, 15, 8, 3), accuracy=0.7, majority=0.55)
    summary = labels.describe(
        texts,
        final,
        labeller="combined",
        members=members,
        estimated=dict.fromkeys(members, 0.7),
        weights=dict.fromkeys(members, 0.25),
        gold=dict.fromkeys([*members, "combined"], found),
        gold_column="[i]sentiment",
    )
    utterances = pd.DataFrame({"text": texts, "recording": ["a"] * 9 + ["b"] * 9})
    return LabelledCorpus(Corpus("calls [red].csv", "text", utterances), final, summary)


def shown(labelled: LabelledCorpus, width: int) -> list[str]:
    screen = Console(width=width, highlight=False, force_terminal=False)
    with screen.capture() as capture:
        show_labels(labelled, screen)
    return capture.get().splitlines()


@pytest.mark.parametrize("width", [80, 110])
def test_it_fits_a_terminal(labelled, width):
    from rich.cells import cell_len

    lines = shown(labelled, width)
    assert max(cell_len(line.rstrip()) for line in lines) <= width
    assert len(lines) <= 50


def test_everything_that_is_known_is_told(labelled):
    text = " ".join(" ".join(shown(labelled, 110)).split())
    for expected in (
        "calls [red].csv: 18 utterances of 2 recordings (text)",
        "83 % labelled by combined: 9 positive and 6 negative (60 % positive)",
        "left out: 3 no text",
        "languages of the texts: en 67 %, unknown 17 %, zh 17 %",
        "lexicon 67 % 75 % 67 % 33 % 70 % 0.25",
        "The 3 of 6 pairs that agree least",
        "Against gold labels (column [i]sentiment)",
        "combined 0.76 (0.70–0.80) 70 % 55 % 15",
        "Text sentiment is not tone",
        "Most doubtful labels",
    ):
        assert expected in text
    assert "multili…base-v2" in text and HUB not in text


def test_texts_are_one_line_each_and_harmless(labelled):
    text = "\n".join(shown(labelled, 80))
    assert "I love it and [bold]you" in text and "\x1b" not in text and "\x07" not in text
    assert "什么" in text and "…" in text


def test_json_of_several_labellers_has_no_nan(labelled):
    found = json.loads(json.dumps(labels_json(labelled.summary), allow_nan=False))
    lexicon = found["labellers"][0]
    assert {"name", "part", "labelled", "coverage", "counts", "overlap", "conflict", "weight", "gold"} <= set(lexicon)
    assert lexicon["name"] == "lexicon" and lexicon["estimated_accuracy"] == 0.7 and lexicon["labelled"] == 12
    assert found["gold"]["column"] == "[i]sentiment" and found["gold"]["roc_auc"] == 0.76
    assert found["languages"] == {"en": 12, "unknown": 3, "zh": 3}
    assert found["agreement"]["lexicon~semantic"].keys() == {"both", "agree", "rate", "kappa"}


def test_the_command_writes_a_report(tmp_path):
    pd.DataFrame({"text": ["I love it.", "The door.", "I hate it!"]}).to_csv(tmp_path / "texts.csv", index=False)
    page = tmp_path / "made" / "labels.html"
    arguments = ["label", str(tmp_path / "texts.csv"), "--labels", "lexicon", "--report", str(page)]
    result = CliRunner().invoke(main, [*arguments, "--json"])
    assert result.exit_code == 0 and json.loads(result.stdout)["report"] == str(page)
    assert "Parts of lexicon" in page.read_text(encoding="utf-8")
    assert f"written to {page}" in CliRunner().invoke(main, arguments).stdout


def test_a_report_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "texts.csv").write_text("text\nI love it\n")
    (tmp_path / "file").write_text("")
    arguments = ["label", str(tmp_path / "texts.csv"), "--report", str(tmp_path / "file" / "page.html")]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2 and "cannot be written" in result.stderr and result.stderr.count("\n") == 1
