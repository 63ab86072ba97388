"""`tonewise figures`: one line a picture, one object for scripts, one line for a mistake."""

import json
from xml.etree import ElementTree

import pandas as pd
import pytest
from click.testing import CliRunner

from tonewise.cli import main

SOUND = ["spectrogram-1.svg", "spectrogram-2.svg", "mel-correlation.svg"]


@pytest.fixture(scope="module")
def few(corpus, tmp_path_factory):
    """Two voices with six utterances each, of which the lexicon labels five."""
    table = pd.read_csv(corpus)
    table["audio"] = [str(corpus.parent / name) for name in table["audio"]]
    table = table[table["speaker"].isin(["s0", "s1"])].groupby("speaker").head(6)
    table.to_csv(path := tmp_path_factory.mktemp("few") / "few.csv", index=False)
    return path


def run(*arguments: str):
    return CliRunner().invoke(main, ["figures", *map(str, arguments)])


def test_it_tells_what_was_written(few, tmp_path):
    done = run(few, "-o", tmp_path / "new" / "figures")
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert [line.partition(": ")[0] for line in lines] == [str(tmp_path / "new" / "figures" / name) for name in SOUND]
    assert "Labelled positive: Mel spectrogram, 7.0 s; silence added" in lines[0]
    assert "10 utterances" in lines[2]
    for name in SOUND:
        ElementTree.parse(tmp_path / "new" / "figures" / name)


def test_json_lists_them(few, tmp_path):
    done = run(few, "-o", tmp_path, "--json")
    found = json.loads(done.stdout)
    assert [each["file"] for each in found["files"]] == [str(tmp_path / name) for name in SOUND]
    assert found["folder"] == str(tmp_path) and found["trained_groups"] is None and found["problems"] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "m"], "name their column with --gold"),
        (["--gold", "mood"], "name one with --model"),
        (["--model", "m", "--gold", "mood"], "m "),
        (["--labels", "nobody"], "nobody"),
    ],
)
def test_mistakes_are_one_line(few, tmp_path, arguments, message):
    done = run(few, "-o", tmp_path / "figures", *arguments)
    assert done.exit_code == 2 and message in done.stderr and done.stderr.count("\n") == 1
    assert not (tmp_path / "figures").exists()


def test_a_file_is_no_folder(few, tmp_path):
    (tmp_path / "file").write_text("kept")
    done = run(few, "-o", tmp_path / "file")
    assert done.exit_code == 2 and "pictures need a folder" in done.stderr
    assert (tmp_path / "file").read_text() == "kept"
