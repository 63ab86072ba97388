"""`tonewise score --store` and `tonewise calls`: what is new, what is broken, and what many calls come to."""

from __future__ import annotations

import itertools
import json
import os
import shutil
from html.parser import HTMLParser

import pandas as pd
import pytest
import soundfile

import tonewise
from command_runs import run
from tonewise.records import RecordingScore
from tonewise.store import open_store

CALL = """WEBVTT

00:00.000 --> 00:01.000
<v Agent>Thank you, that is excellent.

00:01.200 --> 00:02.500
<v Customer>I hate this terrible place </script><b>!

00:03.000 --> 00:04.000
<v Customer>The train leaves at nine.
"""


@pytest.fixture(scope="module")
def model(corpus, tmp_path_factory):
    folder = tmp_path_factory.mktemp("calls-command") / "model"
    tonewise.train(corpus, folder, features="melstats", labels="lexicon", cache=False)
    return folder


@pytest.fixture
def folder(corpus, tmp_path):
    """Four calls, of which one has no transcript, and one file that is no sound."""
    calls = tmp_path / "calls"
    (calls / "march").mkdir(parents=True)
    for number in range(4):
        samples, rate = soundfile.read(corpus.parent / f"speaker{number}.wav", stop=5 * 16_000)
        file = calls / "march" / f"call{number}.wav"
        soundfile.write(file, samples, rate)
        if number:
            file.with_suffix(".vtt").write_text(CALL)
        os.utime(file, (1_770_000_000 + number * 604_800,) * 2)
    (calls / "broken.wav").write_bytes(b"no sound")
    return calls


@pytest.fixture
def table(tmp_path):
    file = tmp_path / "calls.csv"
    rows = ["call1.wav,2026-03-02 10:00,Ann,billing,phone", "march/call2.wav,2026-03-10T10:00+01:00,Bob,sales,phone"]
    file.write_text("\n".join(["recording,called_at,agent,queue,product", *rows, "call3,2026-03-17,Bob,,"]) + "\n")
    return file


def score(model, *arguments: object, expect: int = 0):
    return run("score", model, *arguments, "--no-cache", expect=expect)


def counts(result) -> tuple[int, int, int, int]:
    found = json.loads(result.stdout)
    return found["added"], found["known"], found["described"], len(found["failed"])


def test_only_what_is_new_is_scored(model, folder, table, tmp_path, monkeypatch):
    store = tmp_path / "calls.db"
    first = score(model, folder, "--store", store, "--json")
    assert counts(first) == (4, 0, 0, 1) and "broken.wav" in first.stderr
    with monkeypatch.context() as patched:
        patched.setattr("tonewise.pipeline.archive.scores_as_they_come", lambda *_given, **_options: iter(()))
        assert counts(score(model, folder, "--store", store, "--json"))[:3] == (0, 4, 0)
    described = score(model, folder, "--store", store, "--calls-table", table, "--json")
    assert counts(described)[:3] == (0, 4, 3) and "no_row" in described.stderr
    assert counts(score(model, folder, "--store", store, "--json"))[:3] == (0, 4, 0)  # and what was said of them stays
    (folder / "march" / "call0.vtt").write_text(CALL)
    assert counts(score(model, folder, "--store", store, "--json"))[:3] == (1, 3, 0)
    with open_store(store) as opened:
        (known,) = opened.models()
        calls = opened.calls(known.id)
    assert known.calls == 4 and [call.about.agent for call in calls] == [None, "Ann", "Bob", "Bob"]
    assert calls[2].about.called_at.isoformat() == "2026-03-10T09:00:00" and calls[1].about.columns == {
        "product": "phone"
    }


def test_the_agent_is_never_in_a_figure(model, folder, tmp_path):
    store = tmp_path / "calls.db"
    score(model, folder, "--store", store)
    plain = {call["recording"]: call for call in calls_of(store)}
    score(model, folder, "--store", store, "--agent")
    judged = {call["recording"]: call for call in calls_of(store)}
    assert len(plain) == 4
    for name, call in judged.items():
        assert call["whose"] == ("unknown" if name.endswith("call0.wav") else "customer")
        assert call["tone"] == pytest.approx(plain[name]["tone"], abs=1e-6)


def calls_of(store) -> list[dict]:
    return json.loads(run("calls", store, "--json").stdout)["calls"]


def test_a_run_that_was_stopped_goes_on(model, folder, tmp_path, monkeypatch):
    from tonewise.pipeline import archive

    store, real = tmp_path / "calls.db", archive.scores_as_they_come

    def stop_at_the_third(*given, **options):
        yield from itertools.islice(
            (each for each in real(*given, **options) if isinstance(each[1], RecordingScore)), 2
        )
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(archive, "scores_as_they_come", stop_at_the_third)
        assert "goes on from there" in score(model, folder, "--store", store, expect=1).stderr
    assert counts(score(model, folder, "--store", store, "--json"))[:2] == (2, 2)


def test_workers_score_and_the_store_is_the_same(model, folder, table, tmp_path):
    options = ("--calls-table", table, "--pages", tmp_path / "pages", "--json")
    found = {}
    for jobs in (1, 2):
        store = tmp_path / f"calls{jobs}.db"
        assert counts(score(model, folder, "--store", store, "--jobs", jobs, *options)) == (4, 0, 0, 1)
        found[jobs] = sorted(calls_of(store), key=lambda call: call["recording"])
        assert counts(score(model, folder, "--store", store, "--jobs", jobs, *options)) == (0, 4, 0, 1)
    assert found[1] == found[2] and all(call["page"] for call in found[1])


def test_a_recording_that_goes_before_its_page_is_drawn(model, folder, tmp_path, monkeypatch):
    from tonewise.pipeline import archive

    real = archive.page

    def page(score, sound, output):
        if sound.name == "call2.wav":
            sound.unlink()
        return real(score, sound, output)

    monkeypatch.setattr(archive, "page", page)
    found = score(model, folder, "--store", tmp_path / "calls.db", "--pages", tmp_path / "pages", "--json")
    assert counts(found) == (3, 0, 0, 2) and "call2.wav cannot be read" in found.stderr


def test_a_copy_is_the_same_call_whatever_lies_beside_it(model, folder, tmp_path):
    store = tmp_path / "calls.db"
    shutil.copy(folder / "march" / "call1.wav", folder / "march" / "call1-copy.wav")  # and no transcript
    files = [folder / "march" / "call1.wav", folder / "march" / "call1-copy.wav"]
    for expected in ((1, 1, 0, 0), (0, 2, 0, 0)):
        assert counts(score(model, *files, "--store", store, "--json")) == expected
    (call,) = calls_of(store)
    assert call["recording"].endswith("call1.wav") and call["whose"] == "customer"


def test_the_overview(model, folder, table, tmp_path):
    store, page, export = tmp_path / "calls.db", tmp_path / "out" / "overview.html", tmp_path / "calls.csv.csv"
    score(model, folder, "--store", store, "--calls-table", table, "--pages", tmp_path / "pages")
    shown = run("calls", store, "--html", page, "--csv", export).stdout
    assert "4 calls" in shown and "Tone by queue" in shown and "not told apart" in shown
    rows = pd.read_csv(export)
    assert len(rows) == 4 and set(rows["agent"].dropna()) == {"Ann", "Bob"} and rows["product"].notna().sum() == 2
    text = page.read_text()
    links = Links(text).found
    assert len(links) == 4 and all((page.parent / link).is_file() for link in links)
    assert '<td dir="auto" data-column="agent">Bob</td>' in text and "</script><b>!" not in text
    found = json.loads(run("calls", store, "--by", "product", "--json").stdout)
    assert [(each["name"], each["calls"]) for each in found["groups"]] == [("phone", 2), ("unknown", 2)]
    assert {each["name"]: each["calls"] for each in found["agents"]} == {"Ann": 1, "Bob": 2}


class Links(HTMLParser):
    """Relative addresses of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name == "href" and value and not value.startswith("#")]


def test_two_models_are_not_mixed(model, folder, tmp_path):
    store, other = tmp_path / "calls.db", tmp_path / "other"
    shutil.copytree(model, other)
    about = json.loads((other / "manifest.json").read_text())
    (other / "manifest.json").write_text(
        json.dumps({**about, "calibration": {"slope": 0.5, "intercept": 0.0, "n": 60}})
    )
    score(model, folder / "march" / "call1.wav", "--store", store)
    score(other, folder / "march", "--store", store)
    found = json.loads(run("calls", store, "--json").stdout)
    assert found["other_models"] == 1 and len(found["calls"]) == 4 and found["model"].startswith("other ")
    assert "no calls in" in run("calls", store, "--model", "ffffffffffff0", expect=2).stderr
    with open_store(store) as opened:
        prints = [each.fingerprint for each in opened.models()]
    assert json.loads(run("calls", store, "--model", prints[1], "--json").stdout)["model"].startswith("model ")
    several = run("calls", store, "--model", "", expect=2).stderr  # what both begin with
    assert "2 models begin with ''" in several and all(each[:12] in several for each in prints)


def test_a_folder_that_nobody_may_list_is_told(model, folder, tmp_path, forbid):
    shutil.copytree(folder / "march", folder / "april")
    forbid(folder / "april")
    assert "unreadable_folder: april" in score(model, folder).stderr
    found = json.loads(score(model, folder, "--store", tmp_path / "calls.db", "--json").stdout)
    assert (found["added"], [each["kind"] for each in found["failed"]]) == (4, ["bad_recording", "unreadable_folder"])


def test_a_folder_without_a_store(model, folder):
    assert len(json.loads(score(model, folder, "--json").stdout)) == 4


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name,agent\nx,y\n", "has no column 'recording'"),
        ("recording\na\na\n", "is there twice"),
        ("recording,called_at\na,yesterday\n", "'yesterday' is no time"),
        ("recording,agent\n,Ann\n", "no recording is named"),
        ("", "cannot be read"),
    ],
)
def test_bad_tables_of_calls(model, folder, tmp_path, text, said):
    (tmp_path / "bad.csv").write_text(text)
    refused = score(model, folder, "--store", tmp_path / "c.db", "--calls-table", tmp_path / "bad.csv", expect=2)
    assert said in refused.stderr and refused.stderr.count("\n") == 1 and not (tmp_path / "c.db").exists()


def test_what_cannot_be_asked(model, folder, tmp_path):
    store = tmp_path / "calls.db"
    (tmp_path / "empty").mkdir()
    assert "no recording in the folder" in score(model, tmp_path / "empty", expect=2).stderr
    assert "--store FILE" in score(model, folder, "--pages", tmp_path, expect=2).stderr
    assert "leave --transcript" in score(model, folder, "--store", store, "-o", "x.csv", expect=2).stderr
    assert "there is no store" in run("calls", store, expect=2).stderr
    assert "broken.wav is a text file" in score(model, folder / "broken.wav", "--store", store, expect=2).stderr
    assert "has no calls yet" in run("calls", store, expect=2).stderr
    score(model, folder / "march" / "call1.wav", "--store", store)
    assert "no call has a column 'colour'" in run("calls", store, "--by", "colour", expect=2).stderr
    assert "cannot write files of type" in run("calls", store, "--csv", tmp_path / "x.txt", expect=2).stderr


def test_cells_that_spreadsheets_would_run_are_told_as_text(model, folder, tmp_path):
    table, store, export = tmp_path / "calls.csv", tmp_path / "calls.db", tmp_path / "export.csv"
    table.write_text('recording,agent,+note\ncall1.wav,"=HYPERLINK(""http://evil.example"")",-1\n')
    score(model, folder / "march" / "call1.wav", "--store", store, "--calls-table", table)
    run("calls", store, "--csv", export)
    (row,) = pd.read_csv(export, dtype=str).to_dict("records")
    assert row["agent"] == '\'=HYPERLINK("http://evil.example")' and row["'+note"] == "'-1"
    assert float(row["tone"]) >= 0 and not any(str(cell).startswith(("=", "+", "@")) for cell in [*row, *row.values()])
    run("calls", store, "--csv", tmp_path / "export.parquet")
    assert pd.read_parquet(tmp_path / "export.parquet")["agent"][0].startswith("=HYPERLINK")
