"""What other packages add is found by its entry point, imported when it is asked for, and cannot take our names."""

from __future__ import annotations

import copy
import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tonewise import bundle, features, labels, plugins, transcripts
from tonewise.corpus import layouts, read_corpus
from tonewise.errors import OptionError, PluginError, TranscriptError
from tonewise.transcripts import registry as transcript_registry

EXAMPLE = Path(__file__).parent / "plugin_example"

CODE = """
from tonewise.features.melstats import MelStatistics
from tonewise.transcripts import Format, JsonFormat, Transcript
from tonewise.records import Cue

class Ears(MelStatistics):
    name = "ears"

def ears(argument):
    return Ears()

def mute(argument, options):
    return object()

number = 7
one = (Cue(0.0, 1.0, "Hello."),)
LINES = Format("lines", (".lines",), lambda path, head: head.startswith("#lines"),
               lambda path, text: Transcript(one, (), "lines"))
KEYED = JsonFormat("keyed", lambda data: data == {"segments": []}, lambda path, data: Transcript(one, (), "keyed"))
"""


def forget() -> None:
    plugins.installed.cache_clear()
    plugins._tell_shadowed.cache_clear()
    transcript_registry._of_plugins.cache_clear()


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Write a distribution with a module and entry points, as an installer would."""

    def write(distribution="acme", version="1.0", code=CODE, **groups: dict[str, str]) -> None:
        site = tmp_path / distribution
        info = site / f"{distribution}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
        (info / "entry_points.txt").write_text(
            "".join(
                f"[tonewise.{group}]\n" + "".join(f"{name} = {value}\n" for name, value in entries.items())
                for group, entries in groups.items()
            )
        )
        (site / f"{distribution}_module.py").write_text(code)
        monkeypatch.syspath_prepend(str(site))
        forget()

    yield write
    for name in [name for name in sys.modules if name.endswith("_module")]:
        del sys.modules[name]
    monkeypatch.undo()
    forget()


def test_an_encoder_is_listed_and_made_and_says_where_it_is_from(install):
    install(version="2.5", encoders={"ears": "acme_module:ears"})
    assert features.names()[-1] == "ears"
    assert "acme_module" not in sys.modules, "listing imports nothing"
    encoder = features.create("ears")
    assert encoder.name == "ears" and encoder.dimensions == 384
    assert encoder.identity()["plugin"] == {"distribution": "acme", "version": "2.5"}
    json.dumps(encoder.identity(), allow_nan=False)


def test_another_version_is_another_identity(install):
    made = features.create("melstats")
    one, two = (plugins.Plugin("melstats", plugins.ENCODERS, "m:f", "acme", version) for version in ("1.0", "1.1"))
    assert plugins.Identified(made, one).identity() != plugins.Identified(made, two).identity()


def test_what_a_plugin_made_can_be_copied_and_sent_to_another_process():
    made = plugins.Identified(features.create("melstats"), plugins.Plugin("x", plugins.ENCODERS, "m:f", "acme", "1.0"))
    for twin in (copy.copy(made), copy.deepcopy(made)):  # by the protocol that pickles use
        assert twin.identity() == made.identity()
        assert twin.dimensions == made.dimensions
    assert "acme 1.0" in repr(made)


@pytest.mark.parametrize("name", ["melstats", "turn"])
def test_our_names_stay_ours_and_one_line_says_so(install, caplog, name):
    install(encoders={name: "acme_module:ears"})
    assert features.names().count(name) == 1
    assert type(features.create(name)).__module__.startswith("tonewise.features")
    features.create(name)
    (line,) = caplog.messages
    assert line.startswith(f"the encoder '{name}' of the plug-in acme 1.0 is not used: the name is tonewise's own")


@pytest.mark.parametrize("name", ["lexicon", "combined", "column"])
def test_our_labellers_names_stay_ours(install, name):
    before = labels.names()
    install(labellers={name: "acme_module:mute"})
    assert labels.names() == before
    assert labels.create("lexicon").parts == ("vader", "textblob")


def test_a_broken_plugin_is_named_in_one_line_and_only_when_it_is_asked_for(install, tmp_path):
    install(code="import nothing_of_that_name", encoders={"ears": "acme_module:ears"}, labellers={"m": "acme_module:m"})
    assert features.create("melstats").name == "melstats"
    assert "ears" in features.names()
    with pytest.raises(PluginError, match=r"the encoder 'ears' of the plug-in acme 1\.0 cannot be loaded .*ModuleNot"):
        features.create("ears")
    with pytest.raises(PluginError, match=r"the labeller 'm' .*update or remove acme") as caught:
        labels.create("m")
    assert "\n" not in str(caught.value) and caught.value.exit_status == 2


@pytest.mark.parametrize("code", ["1 / 0", "x = (", "raise ValueError('no')", "assert False", "{}['a']"])
def test_however_it_is_broken(install, code):
    install(code=code, encoders={"ears": "acme_module:ears"})
    with pytest.raises(PluginError, match="cannot be loaded"):
        features.create("ears")


@pytest.mark.parametrize(
    ("target", "message"),
    [("number", "cannot be called"), ("mute", "lacks identity, languages, .*votes"), ("gone", "has no att")],
)
def test_what_keeps_not_to_the_contract_is_refused(install, target, message):
    install(labellers={"mute": f"acme_module:{target}"})
    with pytest.raises(PluginError, match=message):
        labels.create("mute")


def test_two_packages_with_one_name_are_told_apart_by_removing_one(install):
    install("acme", encoders={"ears": "acme_module:ears"})
    install("bolt", "3.0", encoders={"ears": "bolt_module:ears"})
    with pytest.raises(PluginError, match=r"several plug-ins: acme 1\.0, bolt 3\.0; remove all but one"):
        features.create("ears")


def test_names_that_could_not_be_written_are_left_out(install, caplog):
    install(encoders={"ears,eyes": "acme_module:ears"})
    assert not any("eyes" in name for name in features.names())
    assert "is left out" in "\n".join(caplog.messages)
    with pytest.raises(OptionError, match="unknown features"):
        features.create("ears")


def test_another_name_than_the_entry_points_is_refused(install):
    install(encoders={"nose": "acme_module:ears"})
    with pytest.raises(PluginError, match="calls itself 'ears'; expected the name of its entry point"):
        features.create("nose")


def test_transcript_formats_are_recognised_and_can_be_named(install, tmp_path):
    install(transcripts={"lines": "acme_module:LINES", "keyed": "acme_module:KEYED"})
    assert transcripts.formats()[-2:] == ("keyed", "lines")
    assert transcripts.transcript_extensions()[-1] == ".lines"
    assert ".lines" not in transcripts.TRANSCRIPT_EXTENSIONS
    for content, name in (
        ("#lines\n", "lines"),
        ("#lines\nstart|end|text\n1|2|So.\n", "lines"),
        ('{"segments": []}', "keyed"),
    ):
        file = tmp_path / f"call.{name}"
        file.write_text(content)
        assert transcripts.read_transcript(file).format == name
        assert transcripts.read_transcript(file, name).format == name


def test_a_file_in_no_format_tells_of_formats_that_could_not_be_asked(install, tmp_path):
    install(code="import nothing_of_that_name", transcripts={"lines": "acme_module:LINES"})
    (tmp_path / "call.txt").write_text("Nothing with times.\n")
    (tmp_path / "call.srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nHello.\n")
    assert transcripts.read_transcript(tmp_path / "call.srt").format == "srt"
    with pytest.raises(
        TranscriptError, match=r"in no known transcript format.*'lines' of the plug-in acme 1\.0 cannot be"
    ):
        transcripts.read_transcript(tmp_path / "call.txt")
    with pytest.raises(PluginError, match="cannot be loaded"):
        transcripts.read_transcript(tmp_path / "call.txt", "lines")


def test_a_record_of_another_kind_is_no_format(install, tmp_path):
    install(transcripts={"other": "acme_module:LINES"})
    (tmp_path / "call.txt").write_text("#lines\n")
    with pytest.raises(PluginError, match="is no Format or JsonFormat of that name"):
        transcripts.read_transcript(tmp_path / "call.txt", "other")


LAYOUT = """
import pandas as pd
from tonewise.corpus import Layout
from tonewise.corpus.registry import read_corpus as read_ours

def read(path, require_audio):
    from dataclasses import replace
    return replace(read_ours(path / "inside" / "corpus.csv"), layout="boxed")

BOXED = Layout("boxed", lambda path: (path / "inside").is_dir(), read)
"""


def test_a_corpus_layout_is_asked_before_any_folder(install, corpus_maker, tmp_path, caplog):
    corpus_maker(tmp_path / "box" / "inside", speakers=2, each=2)
    install(code=LAYOUT, corpora={"boxed": "acme_module:BOXED"})
    assert layouts()[-4:] == ("boxed", "text", "manifest", "folder")
    assert read_corpus(tmp_path / "box").layout == "boxed"


def test_a_layout_and_a_format_of_our_names_are_told_once(install, corpus, tmp_path, caplog):
    install(code=LAYOUT, corpora={"kaldi": "acme_module:BOXED"}, transcripts={"srt": "acme_module:BOXED"})
    srt = tmp_path / "call.srt"
    srt.write_text("1\n00:00:01,000 --> 00:00:02,000\nHello.\n")
    for _ in range(2):
        assert read_corpus(corpus).layout == "manifest" and transcripts.read_transcript(srt).format == "srt"
    assert [line.partition(" of")[0] for line in caplog.messages] == [
        "the corpus layout 'kaldi'",
        "the transcript format 'srt'",
    ]
    assert "acme_module" not in sys.modules


def test_a_broken_layout_is_told_and_ours_are_read(install, corpus, caplog):
    install(code="import nothing_of_that_name", corpora={"boxed": "acme_module:BOXED"})
    assert read_corpus(corpus).layout == "manifest"
    assert "the corpus layout 'boxed' of the plug-in acme 1.0 cannot be loaded" in "\n".join(caplog.messages)


def run(arguments: list[str], site: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(site), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.run(
        [sys.executable, "-m", "tonewise", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def example(tmp_path_factory) -> Path:
    """The example of docs/plugins.md, installed by pip into a folder of its own."""
    pytest.importorskip("hatchling", reason="the example is built by hatchling (in the group dev)")
    site = tmp_path_factory.mktemp("site")
    command = ["install", "-q", "--no-deps", "--no-build-isolation", "--disable-pip-version-check", "--no-index"]
    subprocess.run([sys.executable, "-m", "pip", *command, "--target", site, EXAMPLE], check=True)
    return site


def test_the_example_does_what_the_command_line_asks(example, corpus_maker, tmp_path):
    manifest = corpus_maker(tmp_path / "corpus")
    with manifest.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    with manifest.open("w", newline="", encoding="utf-8") as stream:
        table = csv.DictWriter(stream, rows[0].keys())
        table.writeheader()
        for number, row in enumerate(rows):
            mark = "!" if row["mood"] == "positive" else "…"
            table.writerow(row | {"text": f"I said {number}{mark}"})

    asked = ["--labels", "exclamations", "--features", "loudness", "--no-audit", "--json"]
    trained = run(["train", str(manifest), "-o", "model", *asked], example, tmp_path)
    assert trained.returncode == 0, trained.stderr
    figures = json.loads(trained.stdout)
    assert figures["coverage"] == 1.0

    kept = json.loads((tmp_path / "model" / bundle.MANIFEST).read_text(encoding="utf-8"))
    origin = {"distribution": "tonewise-example", "version": "1.2.3"}
    assert json.dumps(kept).count(json.dumps(origin)) == 2, "of the encoder, and of the labeller"

    recording = tmp_path / "corpus" / "speaker0.wav"
    recording.with_suffix(".minutes").write_text("MINUTES\n0.0|1.0|ann|It is so!\n1.0|1.8|bob|Is it…\n")
    scored = run(["score", "model", str(recording), "--json"], example, tmp_path)
    assert scored.returncode == 0, scored.stderr
    (found,) = json.loads(scored.stdout)
    assert [(part["speaker"], part["words"]) for part in found["segments"]] == [("ann", 0.8), ("bob", -0.6)]

    alone = run(["score", "model", str(recording)], tmp_path, tmp_path)  # where the plug-in is not installed
    assert alone.returncode == 2
    assert "unknown features 'loudness'" in alone.stderr and "Traceback" not in alone.stderr


def test_help_names_what_plugins_bring_and_their_own_errors_are_one_line(example, tmp_path):
    helped = run(["train", "--help"], example, tmp_path)
    assert "exclamations" in helped.stdout and "loudness" in helped.stdout and "minutes" in helped.stdout
    (tmp_path / "texts.csv").write_text("text\nHello!\n", encoding="utf-8")
    refused = run(["label", "texts.csv", "--labels", "exclamations:loud"], example, tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == "tonewise: the labeller exclamations takes nothing after a colon\n"


def test_words_are_read_by_the_lexicon_where_the_labeller_is_not_installed_and_that_is_said():
    origin = {"distribution": "acme", "version": "1.0"}
    kept = {"name": "mute", "identity": {"mute": {"name": "mute", "plugin": origin}}}
    labeller, why = labels.restore(kept)
    assert labeller.name == "lexicon"
    assert why == "words are read by the lexicon: 'mute' is of a plug-in that is not here"


def test_a_labeller_that_sends_texts_away_is_not_asked_when_scoring(install):
    install(
        code="from tonewise.labels.lexicon import LexiconLabeller\n"
        "class Sender(LexiconLabeller):\n    name = 'sender'\n    def warning(self, sentences):\n        return 'sends'\n"
        "def sender(argument, options):\n    return Sender(options.threshold)\n",
        labellers={"sender": "acme_module:sender"},
    )
    assert labels.create("sender").warning([]) == "sends"
    labeller, why = labels.restore({"name": "sender", "threshold": 0.2})
    assert (labeller.name, labeller.threshold) == ("lexicon", 0.2)
    assert why == "words are read by the lexicon: scoring sends nothing to 'sender'"


@pytest.mark.parametrize("file", ["pyproject.toml", "src/tonewise_example/__init__.py"])
def test_the_documentation_shows_the_example_as_it_is(file):
    page = EXAMPLE.parents[1] / "docs" / "plugins.md"
    assert f"\n{(EXAMPLE / file).read_text(encoding='utf-8')}```" in page.read_text(encoding="utf-8")
