"""`tonewise compare`: what it asks for, what it shows at any width, and what it writes."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest
from click.testing import CliRunner
from rich.cells import cell_len
from rich.console import Console

from tonewise import pipeline
from tonewise.cli import main
from tonewise.cli.compare_screen import show_comparison
from tonewise.errors import OptionError
from tonewise.pipeline.comparison_results import comparison_json, comparison_table
from tonewise.records import ComparisonResult, ComparisonRow, Evaluation, Interval, LabelSummary, Problem

CURVE = ((0.0, 0.0), (0.3, 0.6), (1.0, 1.0))
INSTALL = "VGG16 needs an optional dependency: pip install 'tonewise[vgg16]'"


def judged(auc: float, words: float | None = None) -> Evaluation:
    heard = None if words is None else Interval(words, words - 0.07, words + 0.07, 640, 310, 11)
    interval = Interval(auc, auc - 0.06, auc + 0.06, 640, 310, 11)
    return Evaluation(interval, accuracy=0.6, majority=0.52, words_auc=heard, curve=CURVE)


def row(key: str, title: str, split: str, gold: float | None, *, founding: bool = False) -> ComparisonRow:
    if gold is None:
        return ComparisonRow(key, title, founding, ("vgg16",), "keras", "lexicon", False, split, problem=INSTALL)
    found = {"valid": judged(0.56), "test": judged(0.55)}
    return ComparisonRow(
        key, title, founding, ("mel",), "forest", "lexicon", False, split, 64, found, judged(gold, 0.62), None, 200.4
    )


def rows(split: str, more: float) -> list[ComparisonRow]:
    long = "smart-turn's early layers and [b]Mel statistics[/b]; combined labels, refined by the voice"
    return [
        row("mel-forest", "Random forest on time-averaged Mels", split, 0.55 + more, founding=True),
        row("vgg16", "VGG16, ImageNet; Keras dense network", split, None, founding=True),
        row("turn", "smart-turn's early layers; logistic", split, 0.75 + more),
        row("turn-refined", long, split, 0.8 + more),
    ]


@pytest.fixture(scope="module")
def few(corpus, tmp_path_factory):
    """Two voices with six utterances each, of which the lexicon labels five."""
    table = pd.read_csv(corpus)
    table["audio"] = [str(corpus.parent / name) for name in table["audio"]]
    table = table[table["speaker"].isin(["s0", "s1"])].groupby("speaker").head(6)
    table.to_csv(path := tmp_path_factory.mktemp("few") / "few.csv", index=False)
    return path


@pytest.fixture(scope="module")
def result() -> ComparisonResult:
    labels = LabelSummary(
        "lexicon", 96, {"positive": 40, "negative": 40, "abstained": 16}, {"near_neutral": 16}, 0.83, {}, {}, ((), ())
    )
    parts = {
        "train": {"labelled": 60, "positive": 30, "groups": 5},
        "test": {"labelled": 20, "positive": 9, "groups": 2},
    }
    return ComparisonResult(
        corpus="calls [red]\x1b.csv",
        layout="manifest",
        utterances=96,
        recordings=8,
        speakers=8,
        labels=labels,
        gold_column="mood",
        splits={"random": parts, "speaker": parts},
        seed=4,
        rows=(*rows("random", 0.05), *rows("speaker", 0.0)),
        seconds=61.0,
        audio_seconds=640.0,
        problems=(Problem("bad_audio", "x.wav", "empty file", 2),),
        versions={"tonewise": "0.1.0"},
        data_note="Beeps, not people.",
    )


@pytest.fixture
def asked(result, monkeypatch) -> dict:
    """What the pipeline was asked, once the command has run."""
    seen: dict = {}

    def compare(corpora, **options):
        seen.update(options, corpora=corpora)
        options["progress"]("comparing systems", 1, 1)
        return result

    monkeypatch.setattr(pipeline, "compare", compare)
    return seen


def run(*arguments: str):
    return CliRunner().invoke(main, ["compare", *map(str, arguments)])


def shown(result: ComparisonResult, width: int) -> list[str]:
    screen = Console(width=width, highlight=False, force_terminal=False)
    with screen.capture() as capture:
        show_comparison(result, screen)
    return capture.get().splitlines()


@pytest.mark.parametrize("width", [80, 110])
def test_it_fits_a_terminal_and_no_figure_is_broken(result, width):
    lines = shown(result, width)
    told = [line for line in lines if "pip install" not in line]  # a command to copy stays in one line
    assert max(cell_len(line.rstrip()) for line in told) <= width
    for figure in ("0.55 (0.49–0.61)", "0.60 (0.54–0.66)", "0.80 (0.74–0.86)", "0.50 (acc. 52 %)", "3 min 20 s"):
        assert any(figure in line for line in lines)


@pytest.mark.parametrize("width", [80, 110])
def test_the_splits_stand_side_by_side(result, width):
    lines = shown(result, width)
    forest = next(line for line in lines if "Random forest" in line)
    assert forest.split()[-5:] == ["0.55", "(0.49–0.61)", "0.60", "(0.54–0.66)", "+0.05"]
    head = next(line for line in lines if "difference" in line)
    assert head.split() == ["by", "speaker", "at", "random", "difference"]


def test_everything_that_is_known_is_told(result):
    text = " ".join(" ".join(shown(result, 110)).split())
    for expected in (
        "96 utterances of 8 recordings, 8 speakers (manifest)",
        "83 % labelled by lexicon: 40 positive and 40 negative",
        "ROC AUC (95 %) by gold labels (column mood), test part",
        "words alone 0.62 (0.55–0.69) 0.62 (0.55–0.69) –",
        "ROC AUC (95 %) by weak labels (lexicon), split by speaker",
        "ROC AUC (95 %) by weak labels (lexicon), split at random",
        "VGG16, ImageNet; Keras dense network not run not run –",
        f"not run: VGG16, ImageNet; Keras dense network: {INSTALL}",
        "ours is 0.25 higher",
        "the same speakers are trained on",
        "A weak-label AUC is not skill at hearing tone",
        "Data: Beeps, not people.",
    ):
        assert expected in text
    assert "\x1b" not in text and "[red]" in text and "[b]Mel statistics[/b]" in text


def test_narrow_tables_of_five_columns_name_rows_by_key(result):
    assert any(line.split()[:2] == ["mel-forest", "0.56"] for line in shown(result, 80))
    assert not any("mel-forest" in line for line in shown(result, 110))


def test_without_gold_the_test_is_by_the_labels_of_the_comparison(result):
    bare = replace(result, gold_column=None, rows=tuple(replace(each, gold=None) for each in result.rows))
    text = " ".join(" ".join(shown(bare, 110)).split())
    assert "ROC AUC (95 %) by weak labels (lexicon), test part" in text
    assert "nothing here measures how well tone is heard" in text and "words alone" not in text


def test_the_pipeline_is_asked_for_what_the_user_asked_for(asked, few, tmp_path):
    arguments = [
        "--gold",
        "mood",
        "--labels",
        "semantic",
        "--systems",
        "mel-forest, turn",
        "--seed",
        "4",
        "--jobs",
        "2",
    ]
    done = run(few, *arguments, "--note", "Beeps.", "--cache", str(tmp_path / "kept"))
    assert done.exit_code == 0, done.output
    asked.pop("progress")
    assert asked == {
        "corpora": [few],
        "gold": "mood",
        "labels": "semantic",
        "systems": ("mel-forest", "turn"),
        "seed": 4,
        "jobs": 2,
        "raw": None,
        "transcript_format": None,
        "untrusted": None,
        "note": "Beeps.",
        "cache": tmp_path / "kept",
    }
    assert "bad_audio: x.wav: empty file (2 utterances)" in done.stderr and "bad_audio" not in done.stdout


def test_all_systems_are_asked_for_by_default(asked, few):
    assert run(few, "--no-cache").exit_code == 0
    assert asked["systems"] is None and asked["cache"] is False


def test_json_is_one_object(asked, few, result):
    done = run(few, "--json")
    found = json.loads(done.stdout)
    assert {key: value for key, value in found.items() if key != "written"} == json.loads(
        json.dumps(comparison_json(result))
    )
    assert found["written"] == [] and len(found["rows"]) == 8 and found["gold"] == "mood"
    forest, absent = found["rows"][4], found["rows"][1]
    assert forest["key"] == "mel-forest" and forest["split"] == "speaker" and forest["founding"] is True
    assert forest["gold"]["column"] == "mood" and forest["gold"]["roc_auc"] == 0.55
    assert forest["metrics"]["valid"]["roc_auc"] == 0.56 and forest["gold"]["words"]["roc_auc"] == 0.62
    assert forest["seconds_features"] is None and forest["seconds_fit"] == 200.4 and forest["problem"] is None
    assert absent["problem"] == INSTALL and absent["metrics"] == {} and absent["gold"] is None
    assert "ours is 0.25 higher" in found["summary"]


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_tables_have_a_row_a_system_and_split(asked, few, tmp_path, suffix):
    path = tmp_path / f"table.{suffix}"
    assert run(few, "-o", path).exit_code == 0
    table = pd.read_csv(path) if suffix == "csv" else pd.read_parquet(path)
    assert list(table["split"]) == ["random"] * 4 + ["speaker"] * 4
    assert table["gold_roc_auc"].iloc[4] == 0.55 and table["gold_ci_low"].iloc[4] == pytest.approx(0.49)
    assert table["valid_n"].iloc[4] == 640 and pd.isna(table["valid_n"].iloc[1])
    assert pd.isna(table["gold_roc_auc"].iloc[1]) and table["problem"].iloc[1] == INSTALL
    assert table["seconds_features"].isna().all() and table["features"].iloc[0] == "mel"


def test_a_table_without_any_gold_keeps_its_columns(result):
    bare = comparison_table(replace(result, rows=tuple(replace(each, gold=None) for each in result.rows)))
    assert bare["gold_roc_auc"].dtype == "float64" and str(bare["dimensions"].dtype) == "Int64"
    assert list(bare.columns) == list(comparison_table(result).columns)


def test_pages_have_the_article_s_pictures(asked, few, tmp_path):
    page, other = tmp_path / "made" / "page.html", tmp_path / "other.html"
    done = run(few, "-o", page, "--report", other)
    assert done.exit_code == 0, done.output
    text = page.read_text(encoding="utf-8")
    assert text == other.read_text(encoding="utf-8")
    assert "silence added" in text and "Correlation of time-averaged Mel features" in text and "10 utterances" in text
    assert f"written to {page}" in done.stdout and f"written to {other}" in done.stdout


def test_a_json_file_beside_a_page(asked, few, tmp_path):
    done = run(few, "-o", tmp_path / "c.json", "--report", tmp_path / "c.html", "--json")
    assert json.loads(done.stdout)["written"] == [str(tmp_path / "c.json"), str(tmp_path / "c.html")]
    assert json.loads((tmp_path / "c.json").read_text())["corpus"].startswith("calls")
    assert (tmp_path / "c.html").read_text().startswith("<!doctype html>")


def test_a_file_of_an_unknown_kind_is_refused_before_the_work(asked, few, tmp_path):
    done = run(few, "-o", tmp_path / "table.xlsx")
    assert done.exit_code == 2 and ".html, .json, .csv, .parquet" in done.stderr and not asked


def test_what_the_pipeline_refuses_is_one_line(few, monkeypatch):
    def compare(corpora, **options):
        raise OptionError("unknown system 'x'; choose from mel-forest")

    monkeypatch.setattr(pipeline, "compare", compare)
    done = run(few, "--systems", "x")
    assert done.exit_code == 2 and done.stderr == "tonewise: unknown system 'x'; choose from mel-forest\n"
