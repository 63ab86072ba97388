"""Scoring from Python: whose tone is judged, calibrated tones, curves, and what is kept by training."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

import tonewise
from tonewise.engines import LocalEngine
from tonewise.errors import InputError
from tonewise.evaluation import Platt
from tonewise.pipeline.scoring import score_many

CALL = """WEBVTT

00:00.000 --> 00:01.000
<v Agent>Thank you, that is excellent.

00:01.200 --> 00:02.500
<v Customer>I hate this terrible place.

00:03.000 --> 00:04.000
<v Customer>The train leaves at nine.
"""


@pytest.fixture(scope="module")
def model(corpus, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("scoring") / "model"
    return Path(tonewise.train(corpus, folder, features="melstats", labels="lexicon", cache=False).model)


@pytest.fixture
def call(tmp_path, corpus) -> Path:
    samples, rate = soundfile.read(corpus.parent / "speaker0.wav")
    soundfile.write(tmp_path / "call.wav", samples, rate)
    (tmp_path / "call.vtt").write_text(CALL)
    return tmp_path / "call.wav"


def score_one(model, recording, **options):
    (found,) = tonewise.score(model, recording, cache=False, **options)
    return found


def doctored(model: Path, folder: Path, **entries) -> Path:
    """A copy of the model with other entries in its manifest."""
    shutil.copytree(model, folder)
    about = json.loads((folder / "manifest.json").read_text())
    about.update(entries)
    (folder / "manifest.json").write_text(json.dumps(about))
    return folder


def test_only_the_customer_is_judged(model, call):
    found = score_one(model, call)
    assert [segment.role for segment in found.segments] == ["agent", "customer", "customer"]
    agent, *customer = found.segments
    assert agent.tone is agent.tone_low is agent.relative is agent.disagreement is None and not agent.mismatch
    assert agent.text and agent.words > 0
    assert all(0 < segment.tone_low < segment.tone_high < 1 for segment in customer)
    assert [problem.kind for problem in found.problems] == ["agent_not_judged"]
    assert found.summary["heard"] == 2 and set(found.summary["by_role"]) == {"customer"}
    (curve,) = found.curves
    assert (curve.role, curve.speaker, len(curve.points)) == ("customer", "Customer", 2)


def test_the_agent_is_judged_when_that_is_asked_for(model, call):
    found = score_one(model, call, agent=True)
    assert all(segment.tone is not None for segment in found.segments) and len(found.curves) == 2
    assert [problem.kind for problem in found.problems] == ["agent_judged"]
    assert "Art. 5(1)(f)" in found.problems[0].detail
    # What is not judged is not even heard, so the customer's tone may not depend on it.
    assert found.segments[1].tone == pytest.approx(score_one(model, call).segments[1].tone)


def test_an_agent_by_another_name_is_refused(model, call):
    call.with_suffix(".vtt").write_text(CALL.replace("Agent", "Maria"))
    with pytest.raises(InputError, match="'maria' is the agent"):
        score_one(model, call, channel="maria")
    assert [each.speaker for each in score_one(model, call, channel="customer").segments] == ["Customer"] * 2


def test_nobody_but_the_agent_leaves_words_only(model, call):
    call.with_suffix(".vtt").write_text(CALL.replace("Customer", "Agent"))
    found = score_one(model, call)
    assert found.summary["heard"] == 0 and found.summary["mean_tone"] is None and not found.curves
    assert all(segment.words is not None for segment in found.segments)


def test_stated_channels(model, call, corpus):
    left, rate = soundfile.read(call)
    right, _ = soundfile.read(corpus.parent / "speaker1.wav")
    length = min(len(left), len(right))
    soundfile.write(call, np.stack([left[:length], right[:length]], axis=1), rate)
    table = call.with_suffix(".json")
    call.with_suffix(".vtt").unlink()
    table.write_text(
        json.dumps(
            {
                "segments": [
                    {"start": 0.0, "end": 1.0, "text": "Hello there.", "channel": 0},
                    {"start": 1.5, "end": 2.5, "text": "I hate it.", "channel": 1},
                ]
            }
        )
    )
    found = score_one(model, call, customer_channel=1)
    assert [(each.channel, each.role, each.tone is not None) for each in found.segments] == [
        (0, "agent", False),
        (1, "customer", True),
    ]
    assert found.scored_channels == (1,) and found.channels == 2 and found.sample_rate == rate
    with pytest.raises(InputError, match="there is no channel 7"):
        score_one(model, call, agent_channel=7)


def test_channels_and_speakers_that_are_not_there(model, call):
    for option in ("channel", "customer_channel"):
        for number in (-1, 1):
            with pytest.raises(InputError, match=f"there is no channel {number}"):
                score_one(model, call, **{option: number})
    call.with_suffix(".vtt").write_text("WEBVTT\n\n00:00.000 --> 00:01.000\nThe train leaves at nine.\n")
    with pytest.raises(InputError, match="no channel or speaker is called 'none'"):
        score_one(model, call, channel="none")


def test_what_may_be_secret_in_an_address_is_not_told(model):
    pytest.importorskip("aiohttp")
    for engine in (None, LocalEngine(1)):
        scored, (problem,) = score_many(model, "http://127.0.0.1:9/call.wav?key=secret", cache=False, engine=engine)
        assert scored == [] and problem.subject == "call.wav" and "secret" not in problem.detail


def test_relative_tone_is_beside_the_speakers_median(model, call):
    customer = score_one(model, call).segments[1:]
    middle = np.median([segment.tone for segment in customer])
    assert [segment.relative for segment in customer] == pytest.approx([each.tone - middle for each in customer])


def test_tones_are_calibrated_by_what_the_model_keeps(model, call, tmp_path):
    plain = score_one(model, call)
    assert "not calibrated" in plain.summary["tone_scale"]  # eight speakers of twelve sentences are too few
    calibration = {"slope": 0.5, "intercept": 0.3, "n": 77, "against": "weak labels"}
    mended = score_one(doctored(model, tmp_path / "mended", calibration=calibration), call)
    expected = Platt(0.5, 0.3).apply(np.array([segment.tone for segment in plain.segments[1:]]))
    assert [segment.tone for segment in mended.segments[1:]] == pytest.approx(expected)
    assert "against weak labels of 77 held-out utterances" in mended.summary["tone_scale"]


def test_disagreement_by_what_the_model_keeps(model, call, tmp_path):
    quantiles = np.linspace(-1.0, -0.99, 101).tolist()  # nobody ever disagreed, so that anything does
    copy = doctored(model, tmp_path / "strict", mismatch={"threshold": 0.95, "quantiles": quantiles})
    said, plain = score_one(copy, call).segments[1:]
    assert said.mismatch and said.disagreement == 1
    assert plain.disagreement is None and not plain.mismatch  # it takes no side


def test_training_keeps_a_scale(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr("tonewise.pipeline.scoring_scale.MINIMUM", 8)
    trained = tonewise.train(corpus, tmp_path / "m", features="mel", labels="lexicon", cache=False)
    about = tonewise.load(trained.model).manifest
    assert about["calibration"]["n"] >= 8 and about["calibration"]["slope"] > 0 and "why" not in about["calibration"]
    assert about["mismatch"]["fitted_on"] >= 8 and about["mismatch"]["allowed"] == 0.05
    assert 0 <= about["mismatch"]["false_alarms"] <= 1 and len(about["mismatch"]["quantiles"]) == 101
    scale = tonewise.load(trained.model).scale
    assert scale.platt is not None and 0.4 < scale.rank(np.median(scale.ranks)) < 0.6


def test_many_go_on_after_one(model, call, tmp_path):
    (tmp_path / "broken.wav").write_text("no sound")
    scored, failed = score_many(model, [tmp_path / "broken.wav", call], cache=False)
    assert len(scored) == 1 and [problem.kind for problem in failed] == ["bad_recording"]


@pytest.mark.real
@pytest.mark.slow
def test_a_real_call_without_a_transcript(model, shared):
    found = score_one(model, shared / "data" / "calls" / "car_service_mono.wav")
    assert found.summary["heard"] > 20 and found.summary["trend"] is not None
    assert 0 < found.summary["silence_share"] < 0.7 and found.summary["overlap_share"] == 0
    assert all(segment.words is None and segment.end - segment.start <= 8.5 for segment in found.segments)
    assert "roles_unknown" in [problem.kind for problem in found.problems]
