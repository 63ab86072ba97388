"""Whatever takes a CORPUS takes the same options of how it is read, and heeds them."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import click
import pytest
import soundfile
from click.testing import CliRunner

from command_runs import run
from tonewise import audio
from tonewise.audio import Limits
from tonewise.cli import main
from tonewise.corpus import folder
from tonewise.features.hub import Hub
from tonewise.pipeline import finetuning
from tonewise.pipeline.untrusted import Door

READING = {"--raw", "--transcript-format", "--untrusted"}

#: What makes no sense where: words need no sound. (`label` takes --raw all the same, so that one set of options serves all.)
LACKING = {"label": {"--untrusted"}}

#: Every command that takes one, `inspect` among them, which takes single files, too.
COMMANDS = sorted(
    name
    for name, command in main.commands.items()
    if any(parameter.make_metavar(click.Context(command)) in ("CORPUS...", "PATH...") for parameter in command.params)
)
SOUNDING = [name for name in COMMANDS if name != "label"]
WITH_MODEL = ("audit", "evaluate", "languages")
WITH_GOLD = ("evaluate", "languages")
WRITING = ("features", "figures", "finetune", "train")


class Seen(BaseException):
    """Ends a command where its option arrives; nothing between takes it for a mistake of the user's."""


@pytest.fixture
def seen(monkeypatch, small_model, tmp_path):
    """Run a command on a corpus until `owner.name` is called; what `pick` takes of that call's arguments."""
    monkeypatch.setattr(Hub, "prepare", lambda _: None)
    monkeypatch.setattr(finetuning, "_network", lambda _: (None, {}))

    def until(command, corpus, *options, owner, name, pick):
        def stop(*arguments, **named):
            raise Seen(pick(*arguments, **named))

        monkeypatch.setattr(owner, name, stop)
        given = [str(small_model)] if command in WITH_MODEL else []
        given += [str(corpus), *(["--gold", "mood"] if command in WITH_GOLD else [])]
        given += ["-o", str(tmp_path / "made.parquet")] if command in WRITING else []
        given += ["--encoder", "hub:some/encoder"] if command == "finetune" else []
        with pytest.raises(Seen) as caught:
            done = CliRunner().invoke(main, [command, *given, *options])
            pytest.fail(f"{command} has not come so far: {done.output}")
        return caught.value.args[0]

    return until


def test_all_commands_are_met():
    assert {"train", "label", "evaluate", "audit", "compare", "figures", "languages", "finetune"} < set(COMMANDS)
    assert {"features", "inspect"} < set(COMMANDS) and set(LACKING) < set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_the_same_options(command):
    there = {option for parameter in main.commands[command].params for option in parameter.opts}
    assert there & READING == READING - LACKING.get(command, set())


@pytest.mark.parametrize("command", COMMANDS)
def test_transcripts_are_read_as_it_is_said(command, seen, corpus, tmp_path):
    calls = tmp_path / "calls"
    calls.mkdir()
    (calls / "a.wav").write_bytes((corpus.parent / "speaker0.wav").read_bytes())
    (calls / "a.txt").write_text("1\n00:00:00,000 --> 00:00:02,000\nI love it.\n")
    found = seen(
        command, calls, "--transcript-format", "srt",
        owner=folder, name="_read_recording", pick=lambda *arguments: arguments[-1].format,
    )  # fmt: skip
    assert found == "srt"


@pytest.mark.parametrize("command", SOUNDING)
def test_sound_without_a_header_is_declared(command, seen, headerless):
    found = seen(
        command, headerless, "--raw", "pcm16:16000", owner=audio, name="declare", pick=lambda path, form: (path, form)
    )
    assert Path(found[0]).name == "speaker0.pcm" and str(found[1]) == "pcm16:16000:1"


@pytest.mark.parametrize("command", SOUNDING)
def test_strangers_are_met_at_the_door(command, seen, corpus):
    found = seen(
        command, corpus, "--untrusted", owner=Door, name="__init__", pick=lambda _, limits, **named: (limits, named)
    )
    assert found[0] == Limits() and found[1]["cache"]


@pytest.fixture(scope="module")
def headerless(corpus, tmp_path_factory):
    """The common corpus, its recordings as samples alone."""
    home = tmp_path_factory.mktemp("headerless")
    with corpus.open(newline="", encoding="utf-8") as stream:
        head, *rows = csv.reader(stream)
    for name in {row[0] for row in rows}:
        samples, _ = soundfile.read(corpus.parent / name, dtype="int16")
        (home / name).with_suffix(".pcm").write_bytes(samples.astype("<i2").tobytes())
    with (home / "corpus.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([head, *([Path(row[0]).stem + ".pcm", *row[1:]] for row in rows)])
    return home / "corpus.csv"


def test_a_comparison_of_headerless_sound_is_that_of_the_sound(headerless, corpus, tmp_path):
    told = ("compare", "--systems", "mel-forest", "-o", tmp_path / "page.html", "--json")
    assert "--raw" in run(*told, headerless, expect=2).stderr
    plain, raw = (
        re.sub(r'("(seconds|corpus|audio).*": ).*', r"\1", run(*told, *given).stdout)
        for given in ((corpus,), (headerless, "--raw", "pcm16:16000"))
    )
    assert raw == plain
    assert (tmp_path / "page.html").read_text().count("<svg") >= 3, "with the pictures of the sound"
