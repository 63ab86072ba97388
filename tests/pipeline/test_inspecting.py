"""`tonewise inspect`: what is in a corpus, what is wrong with it, and what to do next."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import soundfile
from click.testing import CliRunner

from tonewise import pipeline, splits
from tonewise.cli import main
from tonewise.errors import CorpusError, InputError, OptionError
from tonewise.pipeline.inspection import by_kind, spread
from tonewise.pipeline.options import TrainingOptions
from tonewise.pipeline.training_material import split_utterances
from tonewise.records import Problem

RATE = 16_000
SRT = "1\n00:00:00,000 --> 00:00:00,900\nI love this place.\n\n2\n00:00:01,000 --> 00:00:01,900\nNo, that is awful.\n"


def run(*arguments: object, expect: int = 0):
    result = CliRunner().invoke(main, ["inspect", *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == expect, f"{result.stdout}\n{result.stderr}"
    return result


@pytest.fixture
def calls(tmp_path: Path, tone) -> Path:
    """Four recordings of which one has no words and one cannot be opened; one has two channels that are copies."""
    folder = tmp_path / "calls"
    (folder / "sub").mkdir(parents=True)
    soundfile.write(folder / "a.wav", tone(2.0), RATE)
    soundfile.write(folder / "sub" / "b.flac", np.stack([tone(2.0), tone(2.0)], axis=1), RATE)
    soundfile.write(folder / "silent.wav", tone(1.0, rate=8_000), 8_000)
    (folder / "c.mp3").write_bytes(b"")
    for name in ("a", "sub/b", "c"):
        (folder / f"{name}.srt").write_text(SRT, encoding="utf-8")
    whisper = {"text": "", "language": "en", "segments": [{"start": 0.0, "end": 9.0, "text": " I love this place."}]}
    (folder / "a.json").write_text(json.dumps(whisper), encoding="utf-8")
    return folder


def test_a_manifest(corpus: Path) -> None:
    found = pipeline.inspect(corpus)
    assert (found.layout, found.sound.recordings, found.utterances, found.with_text) == ("manifest", 8, 96, 96)
    assert (
        found.sound.rates == {16_000: 8} and found.sound.channels == {1: 8} and found.sound.formats == {"WAV/PCM_16": 8}
    )
    assert found.sound.hours * 3600 == pytest.approx(found.sound.seconds.total, abs=1)
    assert found.speakers == 8 and (found.per_speaker.least, found.per_speaker.most) == (12, 12)
    assert found.languages == {"en": 96} and found.detected == {"en": 96} and found.sampled == 96
    assert found.columns == ("mood",) and found.problems == () and found.unreadable == 0
    assert 0.8 <= found.lengths.least <= found.lengths.median <= found.lengths.most <= 1.8
    outlook = found.splits["speaker"]
    assert outlook.possible and sum(part["groups"] for part in outlook.parts.values()) == 8
    assert found.splits["lexical"].possible and found.grouped_by == "speaker"
    assert found.next == f"Train with `tonewise train {corpus}`; with 8 speakers its figures will be very uncertain."


def test_a_folder(calls: Path) -> None:
    found = pipeline.inspect(calls)
    assert (found.layout, found.sound.recordings, found.unreadable, found.utterances) == ("folder", 3, 1, 3)
    assert found.transcripts == {"whisper": 1, "srt": 2}
    assert (found.without_transcript, found.silent) == (1, ("silent.wav",))
    assert found.sound.rates == {16_000: 2, 8_000: 1} and found.sound.channels == {1: 2, 2: 1}
    assert (found.sound.compared, found.sound.copied) == (1, 1)
    kinds = {each.kind: (each.places, each.utterances) for each in found.problems}
    assert kinds == {"no_transcript": (1, 1), "beyond_end": (1, 1), "bad_audio": (1, 2), "copied_channels": (1, 1)}
    assert found.speakers is None and not found.splits["speaker"].possible
    assert found.next.startswith("Too little to keep recordings apart: add recordings, or add `--split random` to")


def test_transcripts_are_read_as_it_is_said(calls: Path) -> None:
    as_srt = {"transcript_format": "srt"}
    assert pipeline.inspect(calls, **as_srt).transcripts == {"srt": 3}
    assert pipeline.inspect(calls / "a.wav").transcripts == {"whisper": 1}
    assert pipeline.inspect(calls / "a.wav", **as_srt).transcripts == {"srt": 1}
    assert pipeline.inspect(calls / "a.json").transcripts == {"whisper": 1}
    with pytest.raises(InputError, match=r"a\.json"):
        pipeline.inspect(calls / "a.json", **as_srt)
    (calls / "words").mkdir()
    for name in ("a.json", "a.srt"):
        (calls / name).rename(calls / "words" / name)
    assert pipeline.inspect(calls / "words").transcripts == {"whisper": 1, "srt": 1}
    assert pipeline.inspect(calls / "words", **as_srt).transcripts == {"srt": 1}


def test_a_folder_without_words(calls: Path) -> None:
    for transcript in [*calls.rglob("*.srt"), *calls.rglob("*.json")]:
        transcript.unlink()
    found = pipeline.inspect(calls)
    assert (found.sound.recordings, found.utterances, found.without_transcript) == (3, 0, 3)
    assert found.next == f"There are no words: write transcripts with `tonewise transcribe {calls}`."


def test_folders_that_nobody_may_list_are_told(calls: Path, forbid) -> None:
    forbid(calls / "sub")
    assert "unreadable_folder" in {each.kind for each in pipeline.inspect(calls).problems}
    for transcript in calls.glob("a.*[!v]"):
        transcript.unlink()
    (calls / "c.srt").unlink()
    without_words = pipeline.inspect(calls)
    assert without_words.utterances == 0 and "unreadable_folder" in {each.kind for each in without_words.problems}


def test_a_recording_with_and_without_words(calls: Path) -> None:
    found = pipeline.inspect(calls / "a.wav")
    assert (found.layout, found.utterances, found.transcripts) == ("recording", 1, {"whisper": 1})
    assert found.next.startswith("Score it with `tonewise score MODEL")
    alone = pipeline.inspect(calls / "silent.wav")
    assert alone.utterances == 0 and alone.next.startswith("There are no words")
    broken = pipeline.inspect(calls / "c.mp3")
    assert broken.unreadable == 1 and broken.next.startswith("Mend the recordings first")


def test_a_transcript_and_a_folder_of_them(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text(SRT, encoding="utf-8")
    found = pipeline.inspect(tmp_path / "a.srt")
    assert (found.layout, found.utterances, found.transcripts) == ("transcript", 2, {"srt": 1})
    assert found.lengths.total == pytest.approx(1.8) and found.sound.recordings == 0
    (tmp_path / "b.vtt").write_text("WEBVTT\n\n00:00.000 --> 00:01.000\n<v Ann>Hello.\n", encoding="utf-8")
    (tmp_path / "c.json").write_text("{}", encoding="utf-8")
    several = pipeline.inspect(tmp_path)
    assert (several.layout, several.transcripts) == ("transcripts", {"srt": 1, "webvtt": 1})
    assert several.next.startswith("Put recordings beside the transcripts")
    assert [each.kind for each in several.problems] == ["bad_transcript"]


def test_a_table_of_texts(tmp_path: Path) -> None:
    (tmp_path / "texts.csv").write_text("text,speaker\nI love it.,a\nC'est très bon.,b\n", encoding="utf-8")
    found = pipeline.inspect(tmp_path / "texts.csv")
    assert (found.layout, found.utterances, found.sound.recordings, found.speakers) == ("text", 2, 0, 2)
    assert found.next.endswith("labels the words.") and set(found.detected) == {"en", "fr"}


@pytest.mark.parametrize("column", ["spoken_text", "sentence"])
def test_a_lexical_split_is_foretold_as_training_makes_it(tmp_path: Path, column: str) -> None:
    """Everybody says the same seven sentences, with texts of films that are no one's, or with none."""
    said = [f"The {thing} is on the table." for thing in ("cup", "key", "hat", "pen", "map", "bag", "box")]
    rows = pd.DataFrame([(f"s{who}", text) for who in range(12) for text in said], columns=["speaker", column])
    borrowed = "I love this film" if column == "spoken_text" else None
    rows = rows.assign(text=borrowed, recording=rows["speaker"], language="am")
    rows.to_csv(tmp_path / "texts.csv", index=False)
    found = pipeline.inspect(tmp_path / "texts.csv").splits["lexical"]
    groups, _ = splits.speaker_groups(rows)
    parts = split_utterances(rows, groups, TrainingOptions(split="lexical"), cache=False)
    assert found.possible and found.parts
    assert {part: sizes["utterances"] for part, sizes in found.parts.items()} == parts.value_counts().to_dict()
    rows.drop(columns=column).to_csv(tmp_path / "less.csv", index=False)
    assert not pipeline.inspect(tmp_path / "less.csv").splits["lexical"].possible


def test_several_paths_are_one(corpus: Path, calls: Path) -> None:
    found = pipeline.inspect([corpus, calls])
    assert found.sound.recordings == 11 and found.utterances == 99 and found.layout == "manifest + folder"
    assert f"`tonewise train {corpus} {calls}`" in found.next


def test_what_cannot_be_looked_at(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="nothing was named"):
        pipeline.inspect([])
    with pytest.raises(CorpusError, match="no such file or folder"):
        pipeline.inspect(tmp_path / "gone")
    with pytest.raises(CorpusError, match="no recordings in this folder"):
        pipeline.inspect(tmp_path)
    (tmp_path / "a.srt").write_text("hello", encoding="utf-8")
    with pytest.raises(InputError, match=r"a\.srt: .*times"):
        pipeline.inspect(tmp_path / "a.srt")
    (tmp_path / "a.docx").write_bytes(b"PK\x03\x04")
    with pytest.raises(CorpusError, match="no known corpus layout"):
        pipeline.inspect(tmp_path / "a.docx")
    with pytest.raises(OptionError, match="expected ENCODING:RATE"):
        pipeline.inspect(tmp_path / "a.srt", raw="nonsense")


def test_the_json_is_one_object(calls: Path) -> None:
    found = json.loads(run(calls, "--json").stdout)
    assert found["sound"]["rates"] == {"16000": 2, "8000": 1}
    assert found["splits"]["speaker"]["possible"] is False and "3 at least" in found["splits"]["speaker"]["why"]
    (damaged,) = [each for each in found["problems"] if each["kind"] == "bad_audio"]
    assert damaged["examples"][0].endswith("c.mp3 is empty (0 bytes); copy or export the recording again")


def test_the_screen(calls: Path, corpus: Path) -> None:
    shown = " ".join(run(calls).stdout.split())
    for expected in (
        "recordings 3, ",
        "cannot be opened 1",
        "sample rates 16,000 Hz (2), 8,000 Hz (1)",
        "1 of 1 that were compared are copies of one channel",
        "srt (2)",
        "without words 1 recordings, such as silent.wav",
        "speakers unknown",
        "split by recording impossible:",
        "Next: Too little to keep recordings apart",
    ):
        assert expected in shown
    assert "speakers 8, 12 to 12 utterances each (median 12)" in " ".join(run(corpus).stdout.split())
    assert len(run(calls / "gone", expect=2).stderr.splitlines()) == 1


def test_numbers_and_problems_summed_up() -> None:
    assert spread([]) is None
    one = spread([1.0, 2.0, 3.0])
    assert (one.n, one.total, one.least, one.median, one.most) == (3, 6.0, 1.0, 2.0, 3.0)
    problems = [Problem("a", "x", "is odd"), Problem("b", "y", "y is bad", 5), Problem("a", "z", "is odd", 2)]
    first, second = by_kind(problems)
    assert (first.kind, first.places, first.utterances, first.examples) == ("b", 1, 5, ("y is bad",))
    assert (second.places, second.utterances, second.examples) == (2, 3, ("x: is odd", "z: is odd"))


@pytest.mark.real
def test_real_telephone_calls_and_transcripts(shared: Path) -> None:
    phone = pipeline.inspect(shared / "data" / "phone")
    assert (phone.layout, phone.utterances, phone.speakers) == ("phone", 120, 24)
    assert phone.sound.formats == {"RAW/ulaw": 120} and phone.sound.hours * 3600 == pytest.approx(748.8, abs=0.5)
    assert phone.problems == () and phone.next.startswith("Train with")
    call = pipeline.inspect(shared / "data" / "calls")
    assert call.without_transcript == 1 and "tonewise transcribe" in call.next
