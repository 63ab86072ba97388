"""Transcripts of recordings that have none: written beside them, resumed, and never invented."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile

from tonewise.errors import InputError, OptionError
from tonewise.pipeline import transcribing
from tonewise.pipeline.transcribing import transcribe, transcribe_missing
from tonewise.transcripts import read_transcript
from tonewise.transcripts.recognition import Recogniser

RATE = 16_000


@pytest.fixture
def recogniser(monkeypatch):
    """Whisper's place is taken by one that says how long the sound was: what is tested is everything around it."""
    asked = []

    def recognise(self, samples):
        asked.append(len(samples) / RATE)
        word = {"word": " heard", "start": 0.5, "end": 0.9, "probability": 0.9}
        return [{"start": 0.5, "end": 1.0, "text": " heard", "words": [word]}], "en"

    monkeypatch.setattr(Recogniser, "prepare", lambda self, progress=None: None)
    monkeypatch.setattr(Recogniser, "identity", lambda self: {"size": self.size})
    monkeypatch.setattr(Recogniser, "recognise", recognise)
    monkeypatch.setattr(
        transcribing.audio,
        "speech_of_channels",
        lambda path, channels, maximum=15.0: [[(1.0, 3.0), (350.0, 352.0)] for _ in channels],
    )
    return asked


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "call.wav"
    soundfile.write(path, np.zeros((360 * 2000, 2), dtype=np.float32), 2000)
    return path


def test_blocks_lie_at_their_place_in_the_recording(recording, recogniser):
    done, failed = transcribe(recording)
    assert not failed
    assert (done[0].segments, done[0].words, done[0].language, done[0].new) == (2, 2, "en", True)
    cues = read_transcript(recording.with_suffix(".json")).cues
    assert [(cue.start, cue.text) for cue in cues] == [(1.3, "heard"), (350.3, "heard")]
    assert recogniser == pytest.approx([2.4, 2.4])
    assert sorted(file.name for file in recording.parent.iterdir()) == ["call.json", "call.wav"]


def test_each_channel_by_itself(recording, recogniser):
    transcribe(recording, per_channel=True)
    segments = json.loads(recording.with_suffix(".json").read_text())["segments"]
    assert [(segment["channel"], segment["start"]) for segment in segments] == [
        (0, 1.3), (1, 1.3), (0, 350.3), (1, 350.3)
    ]  # fmt: skip
    assert [cue.channel for cue in read_transcript(recording.with_suffix(".json")).cues] == [0, 1, 0, 1]


def test_what_is_finished_is_left_alone(recording, recogniser):
    transcribe(recording)
    done, _ = transcribe(recording)
    assert not done[0].new
    assert len(recogniser) == 2
    done, _ = transcribe(recording, overwrite=True)
    assert done[0].new
    assert len(recogniser) == 4


def test_what_others_have_written_is_left_alone(recording, recogniser):
    recording.with_suffix(".json").write_text('{"segments": [{"words": 3}, 4]}')
    (done,), _ = transcribe(recording)
    assert (done.segments, done.words, done.language, done.new) == (2, 0, None, False)


def test_an_interrupted_recording_goes_on_from_its_last_block(recording, recogniser, monkeypatch):
    straight, _ = transcribe(recording)
    expected = recording.with_suffix(".json").read_bytes()
    recording.with_suffix(".json").unlink()
    original = Recogniser.recognise

    def interrupted(self, samples):
        if len(recogniser) == 3:
            raise KeyboardInterrupt
        return original(self, samples)

    monkeypatch.setattr(Recogniser, "recognise", interrupted)
    with pytest.raises(KeyboardInterrupt):
        transcribe(recording)
    monkeypatch.setattr(Recogniser, "recognise", original)
    again, _ = transcribe(recording)
    assert len(recogniser) == 4  # the first block of the second run was kept
    assert recording.with_suffix(".json").read_bytes() == expected
    assert again == straight


def test_other_sizes_do_not_go_on_from_what_one_left(recording, recogniser):
    part = recording.with_name(".call.json.part")
    part.write_text('{"size": "small"}\n{"block": "None:1.0", "segments": [], "language": "en"}\n')
    done, _ = transcribe(recording)
    assert done[0].segments == 2


def test_folders_and_what_cannot_be_heard(tmp_path, recording, recogniser):
    (tmp_path / "notes.wav").write_text("no sound\n" * 20)
    done, failed = transcribe(tmp_path, output=tmp_path / "out")
    assert [one.transcript for one in done] == [str(tmp_path / "out" / "call.json")]
    assert [problem.subject for problem in failed] == ["notes.wav"]


def test_folders_that_nobody_may_list_are_told(tmp_path, recording, recogniser, forbid):
    (tmp_path / "closed").mkdir()
    forbid(tmp_path / "closed")
    done, failed = transcribe(tmp_path)
    assert len(done) == 1 and [(each.kind, each.subject) for each in failed] == [("unreadable_folder", "closed")]


def test_only_what_has_no_transcript_is_transcribed(tmp_path, recording, recogniser):
    recording.with_suffix(".srt").write_text("1\n00:00:01,000 --> 00:00:02,000\nHello.\n")
    manifest = tmp_path / "all.csv"
    manifest.write_text("audio,text\ncall.wav,hello\n")
    assert transcribe_missing([tmp_path, manifest]) == []
    assert not recogniser
    assert not recording.with_suffix(".json").exists()


def test_wrong_options_are_told(tmp_path, recording):
    with pytest.raises(OptionError, match="unknown size of whisper 'huge'"):
        transcribe(recording, size="huge")
    with pytest.raises(OptionError, match="knows English only, not 'pl'"):
        transcribe(recording, language="pl")
    with pytest.raises(InputError, match="no recordings in this folder"):
        (tmp_path / "empty").mkdir()
        transcribe(tmp_path / "empty")


@pytest.mark.real
@pytest.mark.slow
def test_a_real_call_becomes_sentences(shared, tmp_path):
    done, failed = transcribe(shared / "data" / "calls" / "car_service_mono.wav", output=tmp_path)
    assert not failed
    cues = read_transcript(tmp_path / "car_service_mono.json").cues
    text = " ".join(cue.text for cue in cues).lower()
    assert done[0].words > 50
    assert "car" in text
    assert all(0 <= cue.start <= cue.end <= done[0].duration + 0.5 for cue in cues)


@pytest.mark.slow
def test_nobody_is_heard_in_noise(tmp_path):
    noise = 0.05 * np.random.default_rng(0).normal(size=10 * RATE)
    soundfile.write(tmp_path / "noise.wav", noise.astype(np.float32), RATE)
    done, _ = transcribe(tmp_path / "noise.wav")
    assert (done[0].segments, done[0].language) == (0, None)
