"""`tonewise score`: whose tone, which files, what is shown."""

from __future__ import annotations

import json

import pandas as pd
import pytest
import soundfile
from click.testing import Result

import tonewise
from command_runs import run as command

CALL = """WEBVTT

00:00.000 --> 00:01.000
<v Agent>Thank you, that is excellent.

00:01.200 --> 00:02.500
<v Customer>I love it </script><b>!

00:03.000 --> 00:04.000
<v Customer>Thanks, that is great.
"""


@pytest.fixture(scope="module")
def model(corpus, tmp_path_factory):
    """A model to which nobody ever disagreed, so that every clear sentence in a low voice is a mismatch."""
    folder = tmp_path_factory.mktemp("score-command") / "model"
    tonewise.train(corpus, folder, features="melstats", labels="lexicon", cache=False)
    about = json.loads((folder / "manifest.json").read_text())
    about["mismatch"] = {"threshold": 0.95, "quantiles": [-1.0 + step / 10_000 for step in range(101)]}
    (folder / "manifest.json").write_text(json.dumps(about))
    return folder


@pytest.fixture
def call(tmp_path, corpus):
    samples, rate = soundfile.read(corpus.parent / "speaker0.wav")
    soundfile.write(tmp_path / "call.wav", samples, rate)
    (tmp_path / "call.vtt").write_text(CALL)
    return tmp_path / "call.wav"


def run(*arguments: object, expect: int = 0) -> Result:
    return command("score", *arguments, "--no-cache", expect=expect)


def test_json_has_everything_that_scripts_knew_and_more(model, call):
    (found,) = json.loads(run(model, call, "--json").stdout)
    assert list(found)[:4] == ["recording", "duration", "segments", "summary"]
    assert list(found["segments"][0])[:8] == [
        "start", "end", "channel", "speaker", "text", "tone", "words", "mismatch",
    ]  # fmt: skip
    assert {"curves", "channels", "sample_rate", "scored_channels", "problems"} <= set(found)
    assert {"trend", "worst", "best", "talk_ratio", "silence_share", "overlap_share", "by_role", "tone_scale"} <= set(
        found["summary"]
    )
    assert found["segments"][0]["tone"] is None and found["segments"][0]["role"] == "agent"


def test_why_the_agent_was_or_was_not_judged_is_one_line(model, call):
    for extra, said in ((), "agent_not_judged"), (("--agent",), "agent_judged"):
        lines = [line for line in run(model, call, *extra).stderr.splitlines() if "Art. 5(1)(f)" in line]
        assert len(lines) == 1 and said in lines[0]
    refused = run(model, call, "--channel", "agent", expect=2)
    assert refused.stderr.startswith("tonewise: --channel agent asks for an agent's tone") and not refused.stdout


def test_what_is_said_of_all_recordings_is_said_once(model, call, tmp_path):
    for name in ("one", "two", "three"):
        (tmp_path / f"{name}.wav").write_bytes(call.read_bytes())
        (tmp_path / f"{name}.vtt").write_text(CALL.replace("Agent", "Ann").replace("Customer", "Bob"))
    shown = run(model, *(tmp_path / f"{name}.wav" for name in ("one", "two", "three"))).stderr
    assert shown.count("roles_unknown") == 1 and "3 recordings, such as one.wav" in shown


def test_the_strongest_mismatches(model, call):
    shown = " ".join(run(model, call, "--list", 1).stdout.split())
    assert "where words and voice disagree most" in shown and "kind words" in shown and "sounds negative" in shown
    assert "Tone ranks; it is not calibrated" in shown
    assert "where words and tone disagree" in shown


def test_without_words_nothing_is_said_to_agree(model, call):
    call.with_suffix(".vtt").unlink()
    shown = " ".join(run(model, call).stdout.split())
    assert "no words that tone could disagree with" in shown and "where words and tone disagree" not in shown


@pytest.mark.parametrize(
    ("suffix", "expected"),
    [
        (".txt", "0.000000\t1.000000\tAgent: Thank you, that is excellent.\n"),
        (".vtt", "<v Agent>Thank you, that is excellent.</v>"),
    ],
)
def test_tracks_of_one_recording(model, call, tmp_path, suffix, expected):
    run(model, call, "-o", tmp_path / f"out{suffix}")
    assert expected in (tmp_path / f"out{suffix}").read_text()
    refused = run(model, call, call, "-o", tmp_path / f"two{suffix}", expect=2)
    assert "file holds one recording, and 2 were named" in refused.stderr and not (tmp_path / f"two{suffix}").exists()


def test_a_page(model, call, tmp_path):
    run(model, call, "-o", tmp_path / "out.html")
    page = (tmp_path / "out.html").read_text()
    assert page.startswith("<!doctype html>") and "</script><b>!" not in page


def test_tables_have_a_row_a_segment(model, call, tmp_path):
    run(model, call, call, "-o", tmp_path / "out.parquet")
    table = pd.read_parquet(tmp_path / "out.parquet")
    assert len(table) == 6 and {"role", "tone_low", "tone_high", "relative", "disagreement"} <= set(table.columns)


def test_a_transcript_of_a_stated_format(model, call):
    vtt = call.with_suffix(".vtt")
    assert run(model, call, "--transcript", vtt, "--transcript-format", "webvtt").stdout
    assert "tonewise: " in run(model, call, "--transcript", vtt, "--transcript-format", "whisper", expect=2).stderr
    assert "Invalid value" in run(model, call, "--transcript-format", "telepathy", expect=2).stderr
