"""Roles, pieces, summaries and scales of scoring, each by itself."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonewise import audio
from tonewise.corpus import table_of_rows
from tonewise.errors import OptionError
from tonewise.pipeline.scoring_request import ScoringRequest, role_of_name
from tonewise.pipeline.scoring_roles import role_of_file, roles, roles_told, to_be_judged
from tonewise.pipeline.scoring_scale import MINIMUM, calibrate, calibrated, measure_mismatch, read_scale
from tonewise.pipeline.scoring_segments import WINDOW, spoken, together, windows
from tonewise.pipeline.scoring_summary import summarise
from tonewise.pipeline.study import Study
from tonewise.records import Segment

# -- roles ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("AGENT", "agent"),
        ("Agent 2", "agent"),
        ("spk_caller", "customer"),
        ("the customer's agent", None),
        ("Reagent", None),
        ("Anna", None),
        ("", None),
        (None, None),
    ],
)
def test_roles_by_name(name, role):
    assert role_of_name(name) == role


def utterances(*pairs):
    return table_of_rows([{"channel": channel, "speaker": speaker} for channel, speaker in pairs])


def test_of_two_speakers_who_is_not_the_one_is_the_other():
    assert roles(utterances((None, "Agent"), (None, "Maria")), {}, 1) == ["agent", "customer"]
    three = utterances((None, "Agent"), (None, "Maria"), (None, "Ivo"))
    assert roles(three, {}, 1) == ["agent", None, None]
    assert to_be_judged(["agent", None, None], agent=False) == [False, True, True]


def test_stated_channels_count_first_and_name_the_other_of_two():
    table = utterances((0, None), (1, None), (0, "Agent"))
    assert roles(table, {0: "customer"}, 2) == ["customer", "agent", "customer"]
    assert roles(table, {0: "customer"}, 3) == ["customer", None, "customer"]
    assert to_be_judged(["customer", None, "customer"], agent=False) == [True, False, True]


def test_a_channel_has_the_role_of_who_is_named_on_it():
    table = utterances((0, "Agent"), (0, None), (1, None))
    assert roles(table, {}, 2) == ["agent", "agent", "customer"]


def test_two_files_of_one_call_say_whose_they_are(tmp_path):
    for name in ("call_agent.wav", "call_Caller.wav", "lonely_agent.wav", "other.wav"):
        (tmp_path / name).touch()
    found = {file.stem: role_of_file(file) for file in tmp_path.iterdir()}
    assert found == {"call_agent": "agent", "call_Caller": "customer", "lonely_agent": None, "other": None}


def test_what_is_told_of_roles():
    def kinds(found, **asked):
        request = ScoringRequest(**asked)
        return [each.kind for each in roles_told("a", found, to_be_judged(found, agent=request.agent), request)]

    assert kinds([None, None]) == ["roles_unknown"]
    assert kinds(["customer", "agent"]) == ["agent_not_judged"]
    assert kinds(["customer", "agent"], agent=True) == ["agent_judged"]
    assert kinds(["customer"]) == []


def test_requests_that_contradict_themselves():
    with pytest.raises(OptionError, match="cannot be the customer's and the agent's"):
        ScoringRequest(customer_channel=1, agent_channel=1)
    with pytest.raises(OptionError, match=r"Art\. 5\(1\)\(f\).*add --agent"):
        ScoringRequest(channel="agent")
    assert ScoringRequest(channel="agent", agent=True).name == "agent"
    assert ScoringRequest(channel="1").number == 1 and ScoringRequest(channel="1").name is None


# -- pieces --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def stereo(tmp_path, tone, monkeypatch) -> Path:
    """12 s of two channels that differ; voices are where `voices` says, since tones are no speech."""
    file = tmp_path / "call.wav"
    left, right = tone(12.0, 200.0), tone(12.0, 300.0)
    soundfile.write(file, np.stack([left, right], axis=1), 16_000)
    voices = {None: [(0.0, 12.0)], 0: [(0.0, 3.0), (3.4, 5.0)], 1: [(6.0, 11.0)]}
    monkeypatch.setattr(audio, "speech_segments", lambda _, *, channel=None, maximum=15.0: voices[channel])
    monkeypatch.setattr(audio, "speech_of_channels", lambda _, channels, **rest: [voices[each] for each in channels])
    return file


def rows(found):
    return [(row.start, row.end, row.channel) for row in found.utterances.itertuples()]


def test_without_a_transcript_each_channel_is_looked_at_by_itself(stereo):
    found = spoken(stereo, audio.probe(stereo), ScoringRequest())
    assert rows(found) == [(0.0, 5.0, 0), (6.0, 11.0, 1)] and not found.problems
    found = spoken(stereo, audio.probe(stereo), ScoringRequest(channel=1))
    assert rows(found) == [(6.0, 11.0, 1)]


def test_copies_of_one_channel_are_heard_as_one(stereo, tone):
    both = tone(12.0)
    soundfile.write(stereo, np.stack([both, both], axis=1), 16_000)
    found = spoken(stereo, audio.probe(stereo), ScoringRequest())
    assert rows(found) == [(0.0, 12.0, None)]
    assert [problem.kind for problem in found.problems] == ["copied_channels"]


def test_one_scene_before_two_microphones_is_heard_as_one(stereo, monkeypatch):
    voices = {None: [(0.0, 6.0)], 0: [(0.0, 5.0)], 1: [(0.5, 5.2)]}
    monkeypatch.setattr(audio, "speech_segments", lambda _, *, channel=None, maximum=15.0: voices[channel])
    monkeypatch.setattr(audio, "speech_of_channels", lambda _, channels, **rest: [voices[each] for each in channels])
    found = spoken(stereo, audio.probe(stereo), ScoringRequest())
    assert rows(found) == [(0.0, 6.0, None)] and [each.kind for each in found.problems] == ["same_voices"]
    assert rows(spoken(stereo, audio.probe(stereo), ScoringRequest(channel=1))) == [(0.5, 5.2, 1)]


def test_how_much_speech_is_at_the_same_time():
    assert together([[(0, 4)], [(4, 8)]]) == 0 and together([[(0, 4)]]) == 0 and together([[], []]) == 0
    assert together([[(0, 4), (6, 8)], [(3, 7)]]) == pytest.approx(0.5)
    assert together([[(0, 4)], [(0, 4)], [(0, 4)]]) == 1


def test_sentences_without_a_channel_are_put_where_somebody_speaks(stereo):
    stereo.with_suffix(".srt").write_text(
        "1\n00:00:00,500 --> 00:00:02,500\nOne.\n\n2\n00:00:04,500 --> 00:00:06,500\nBoth.\n\n"
        "3\n00:00:07,000 --> 00:00:09,000\nTwo.\n"
    )
    found = spoken(stereo, audio.probe(stereo), ScoringRequest())
    assert [row[2] for row in rows(found)] == [0, None, 1]
    assert [(problem.kind, problem.count) for problem in found.problems] == [("channel_unclear", 1)]


def test_a_speaker_is_on_one_channel(stereo):
    stereo.with_suffix(".vtt").write_text(
        "WEBVTT\n\n00:00.500 --> 00:03.000\n<v Ann>One.\n\n00:05.500 --> 00:06.200\n<v Ann>Late.\n\n"
        "00:07.000 --> 00:09.000\n<v Bob>Two.\n"
    )
    found = spoken(stereo, audio.probe(stereo), ScoringRequest())
    assert [row[2] for row in rows(found)] == [0, 0, 1]


def test_an_empty_transcript_is_told_and_voices_are_looked_for(stereo, tmp_path):
    (tmp_path / "none.json").write_text('{"text": "", "segments": [], "language": "en"}')
    found = spoken(stereo, audio.probe(stereo), ScoringRequest(transcript=tmp_path / "none.json"))
    assert len(rows(found)) == 2 and "empty_transcript" in [problem.kind for problem in found.problems]


def test_windows_are_one_breath_and_no_longer_than_the_encoder_hears():
    pieces = [(0.0, 2.0), (2.3, 4.0), (4.2, 9.0), (20.0, 28.0), (28.1, 29.0)]
    found = windows(pieces)
    assert found == [(0.0, 4.0), (4.2, 9.0), (20.0, 28.0), (28.1, 29.0)]
    assert all(end - start <= WINDOW for start, end in found)


# -- summaries -----------------------------------------------------------------------------------------------------------


def segment(start, end, tone, *, channel=None, speaker=None, role=None, text=None, mismatch=False):
    return Segment(start, end, channel, speaker, text, tone, None, mismatch, role=role)


def test_a_summary_by_hand():
    found = summarise(
        [
            segment(0, 4, 0.2, channel=0, role="customer", text="Bad."),
            segment(3, 5, None, channel=1, role="agent"),
            segment(6, 8, 0.8, channel=0, role="customer", text="Good."),
        ],
        10.0,
    )
    assert found["segments"] == 3 and found["heard"] == 2 and found["speech_seconds"] == 6
    assert found["mean_tone"] == pytest.approx(0.4)
    assert (found["positive_share"], found["negative_share"]) == pytest.approx((1 / 3, 2 / 3))
    assert found["talk_ratio"] == pytest.approx({"0": 0.75, "1": 0.25})
    assert found["silence_share"] == pytest.approx(0.3) and found["overlap_share"] == pytest.approx(0.1)
    assert found["worst"] == {"start": 0, "end": 4, "tone": 0.2, "text": "Bad."} and found["best"]["tone"] == 0.8
    assert found["trend"] is None
    assert list(found["by_role"]) == ["customer"] and found["by_role"]["customer"]["n"] == 2


def test_the_trend_needs_enough_in_the_first_and_the_last_third():
    many = [segment(time, time + 2, 0.2 + time / 100) for time in range(0, 60, 3)]
    assert summarise(many, 60.0)["trend"] == pytest.approx(0.4, abs=0.05)
    assert summarise(many[:8], 60.0)["trend"] is None


def test_nothing_heard_is_nothing_known():
    found = summarise([segment(0, 4, None, speaker="Ann")], 10.0)
    for name in ("mean_tone", "positive_share", "negative_share", "worst", "best", "trend"):
        assert found[name] is None
    assert found["talk_ratio"] == {"Ann": 1.0} and found["by_role"] == {}
    assert summarise([], 0.0)["silence_share"] is None


def test_the_worst_moment_is_not_a_syllable():
    found = summarise([segment(0, 0.2, 0.01), segment(1, 4, 0.3), segment(5, 8, 0.6)], 10.0)
    assert found["worst"]["start"] == 1


# -- scales --------------------------------------------------------------------------------------------------------------


def study(n=400, *, effect=1.0, seed=0) -> tuple[Study, np.ndarray]:
    """Rows whose raw scores rank the weak labels with some effect, and these scores; words agree with labels."""
    random = np.random.default_rng(seed)
    positive = random.random(n) < 0.7
    score = 1 / (1 + np.exp(-3 * (effect * (positive - 0.5) + random.normal(size=n))))
    part = np.resize(np.array(["train", "valid", "test"]), n)
    words = np.where(positive, 0.6, -0.6) * random.uniform(0.3, 1, n)
    label = np.where(positive, "positive", "negative").astype(object)
    none = np.full(n, None, dtype=object)
    groups = np.array([f"s{row % 10}" for row in range(n)], dtype=object)
    found = Study(np.zeros((n, 1), np.float32), label, np.ones(n), words, none, part, groups, "speaker", True)
    return found, score


def test_calibration_makes_probabilities_of_equally_common_words():
    rows, scores = study(6000)
    kept = calibrate(rows, scores)
    assert kept["against"] == "weak labels" and kept["n"] == 2000 and 0 < kept["slope"] < 1 and "why" not in kept
    tones = calibrated(kept, scores)
    held_out = rows.part == "test"
    positive = rows.label == "positive"
    weight = np.where(positive, 1 / 0.7, 1 / 0.3)
    for low, high in ((0.2, 0.4), (0.4, 0.6), (0.6, 0.8)):
        here = held_out & (tones > low) & (tones <= high)
        share = weight[here & positive].sum() / weight[here].sum()
        assert share == pytest.approx(tones[here].mean(), abs=0.08)
    assert (np.argsort(tones) == np.argsort(scores)).all()


def test_too_few_or_backwards_is_left_as_it_is_and_said():
    for rows, scores in (study(2 * MINIMUM), study(900, effect=-1.0)):
        kept = calibrate(rows, scores)
        assert (kept["slope"], kept["intercept"]) == (1, 0) and calibrated(kept, scores) is scores
        scale = read_scale({"calibration": kept})
        assert scale.platt is None and kept["why"] in scale.says and "not calibrated" in scale.says


def test_false_alarms_are_measured_on_other_voices():
    rows, scores = study(3000)
    ranks = np.quantile(scores, np.linspace(0, 1, 101)).tolist()
    kept = measure_mismatch(rows, scores, ranks)
    assert kept["n"] == 1000 and 0.03 < kept["false_alarms"] < 0.08 and kept["threshold"] == pytest.approx(0.95)
    scale = read_scale({"mismatch": kept, "training": {"tone_quantiles": ranks}})
    words, tones = np.array([0.9, 0.9, -0.9, np.nan]), np.array([0.001, 0.999, 0.999, 0.001])
    assert scale.mismatch(words, tones).tolist() == [True, False, True, False]
    found = scale.disagreement(words, tones)
    assert found[0] > 0.95 and found[1] < 0.1 and np.isnan(found[3])
    assert measure_mismatch(*study(90), ranks) is None


@pytest.mark.parametrize("n", [60, 3000])  # too few to measure a threshold, and enough
def test_a_model_that_hears_nothing_finds_no_mismatch(n):
    rows, _ = study(n)
    tones = np.full(n, 1 / 3)  # of which six digits are kept
    ranks = [round(float(each), 6) for each in np.quantile(tones, np.linspace(0, 1, 101))]
    kept = measure_mismatch(rows, tones, ranks)
    assert (kept is None) == (n == 60) and (kept is None or kept["false_alarms"] == 0)
    scale = read_scale({"mismatch": kept, "training": {"tone_quantiles": ranks}})
    assert (scale.rank(tones) == 0.5).all() and not scale.mismatch(rows.words, tones).any()


def test_models_of_older_versions_go_by_a_rule_of_thumb():
    scale = read_scale({})
    assert scale.mismatch(np.array([0.5, 0.5, np.nan]), np.array([0.3, 0.4, 0.1])).tolist() == [True, False, False]
    assert np.isnan(scale.disagreement(np.array([0.5]), np.array([0.1]))).all() and scale.noise > 0
