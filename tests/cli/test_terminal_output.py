"""What commands print: nothing in it is markup or obeyed by a terminal, whatever files and columns are called."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

import tonewise
from command_runs import one_line, run
from tonewise.cli.console import note, nothing_done, say, table
from tonewise.errors import InputError, TonewiseError
from tonewise.pipeline.scoring_files import write_scores
from tonewise.records import Problem, RecordingScore
from tonewise.tables import write_json

TRAP = "[/bold] \x1b[2J\u202e[red]x\udcff"
CALMED = "[/bold]  [2J [red]x\\udcff"


def printed(*what: str) -> list[str]:
    """Lines of a line, a note and a table of it, on a terminal that takes only what is text."""
    written = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="strict", write_through=True)
    screen = Console(file=written, width=100, highlight=False, color_system=None)
    for each in what:
        say(screen, each)
        note(screen, each)
        screen.print(table(each, ["[/bold]"], [[each]]))
    return written.buffer.getvalue().decode().splitlines()


def test_lines_notes_and_tables_are_printed_as_they_are() -> None:
    said, noted, title, head, _, cell = (line.strip() for line in printed(TRAP))
    assert {said, noted, title, cell} == {CALMED} and head == "[/bold]"


def test_a_recording_whose_name_is_markup_is_shown(corpus: Path, small_model: Path, tmp_path: Path) -> None:
    folder = tmp_path / "[bold]"
    folder.mkdir()
    trap = folder / "x[red]\x1b[2J.wav"
    trap.write_bytes((corpus.parent / "speaker0.wav").read_bytes())
    shown = run("score", small_model, trap, "--no-cache").stdout
    assert "[bold]" in shown and "x[red] [2J.wav" in shown.replace("\n", "") and "\x1b" not in shown


def test_a_note_that_is_markup_is_shown(corpus: Path, tmp_path: Path) -> None:
    shown = run("train", corpus, "-o", tmp_path / "m", "--features", "melstats", "--labels", "lexicon", "--no-audit",
                "--no-cache", "--note", "said [/so]")  # fmt: skip
    assert "Data: said [/so]" in shown.stdout
    assert "said [/so]" in run("model", "show", tmp_path / "m").stdout


def test_errors_are_one_line_and_obeyed_by_no_terminal(tmp_path: Path) -> None:
    assert "no\x1b[2J" not in one_line(run("inspect", tmp_path / "no\x1b[2J\nthing", expect=2))


def test_an_error_keeps_nothing_that_a_terminal_obeys() -> None:
    assert str(TonewiseError(f"a\n{TRAP}\x9b2J")) == "a [/bold] [2J [red]x\\udcff 2J"


def test_json_files_keep_names_that_are_no_text(tmp_path: Path) -> None:
    trap = {"recording": "x\udcff\x1b\x9b\n\\é\U0001f600"}
    write_json(trap, tmp_path / "a.json")
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(text) == trap and not {"\x1b", "\x9b"} & set(text) and "é" in text


def test_a_score_of_a_name_that_is_no_text_is_written(tmp_path: Path) -> None:
    score = RecordingScore(recording="x\udcff.wav", duration=1.0, segments=(), summary={}, problems=())
    write_scores([score], ["x\udcff.wav"], tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8"))[0]["recording"] == "x\udcff.wav"


def test_not_a_number_is_no_json(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_json(float("nan"), tmp_path / "b.json")


def test_a_run_that_came_to_nothing_says_why() -> None:
    failed = [Problem("unreadable", f"{name}.wav", f"{name}.wav is no sound") for name in "ab"]
    assert isinstance(nothing_done(failed, "scored"), InputError)
    assert str(nothing_done(failed[:1], "scored")) == "a.wav is no sound"
    assert str(nothing_done(failed, "scored")) == "none of 2 recordings could be scored; the first: a.wav is no sound"


def test_the_cache_is_a_folder_the_users_own_or_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = []

    def inspect(*_: object, cache: object, **__: object) -> None:
        asked.append(cache)
        raise InputError("enough")

    monkeypatch.setattr(tonewise.pipeline, "inspect", inspect)
    monkeypatch.delenv("TONEWISE_FEATURE_CACHE")
    for more in ([], ["--no-cache"], ["--cache", tmp_path], ["--cache", tmp_path, "--no-cache"]):
        run("inspect", tmp_path, *more, expect=2)
    assert asked == [True, False, tmp_path, False]
