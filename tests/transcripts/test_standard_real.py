"""The real files of standard formats: what is in each, exactly; and the one line of what cannot be read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tonewise.corpus import read_corpus
from tonewise.errors import CorpusError, TranscriptError
from tonewise.records import Cue
from tonewise.transcripts import read_transcript
from tonewise.transcripts.merging import with_speakers
from tonewise.transcripts.rttm import Turn, read_turns

pytestmark = pytest.mark.real

THREE = Cue(0.736304311, 1.559821858, "01a", "bob"), Cue(9.219420552, 9.830417442, "01d", "bob")
CALL = Cue(12.721, 13.843, "Hello."), Cue(217.497, 217.738, "Thanks, bye.")
RACK = (
    "AND YOU WOULD HAVE TO RACK MOUNT THE P. C. AND %HESITATION WHEEL THAT AROUND IT IS CERTAINLY POSSIBLE %HESITATION"
)

READ = [
    ("textgrid/a-long.TextGrid", "textgrid", 11, *THREE, ["bob", "mary", "sarah"], {}),
    ("textgrid/c-short.TextGrid", "textgrid", 11, *THREE, ["bob", "mary", "sarah"], {}),
    *(
        (name, form, 1, cue, cue, [None], problems)
        for name, form, cue, problems in [
            (
                "textgrid/b-utf16be-long.TextGrid",
                "textgrid",
                Cue(0.315420118, 1.518253894, "mary rolled the barrel"),
                {"ignored_tier": 1},
            ),
            ("aligner/mfa-a.TextGrid", "textgrid", Cue(0.0, 1.358685, "montreal forced aligner"), {}),
            ("ctm/a.ctm", "ctm", Cue(0.1, 0.4, "transcript of the first segment"), {}),
        ]
    ),
    ("elan-eaf/a.eaf", "elan", 7, Cue(0.0, 1.629, "a", "a"), Cue(7.99, 9.55, "a", "b"), ["a", "b"], {}),
    (
        "stm/a.stm",
        "stm",
        18,
        Cue(1348.33, 1349.241, "%HESITATION", "FE041"),
        Cue(1365.359, 1372.072, RACK, "ME031"),
        ["FE008", "FE041", "FN054", "ME011", "ME013", "ME031"],
        {"empty_cue": 1},
    ),
    ("srt/a.srt", "srt", 53, *CALL, [None], {}),
    # One time of it has a point for a comma, which is nothing that could be misread.
    (
        "srt/odd-invalid-timeframe.srt",
        "srt",
        5,
        Cue(0.5, 7.0, "Caption text #1"),
        Cue(21.58, 23.88, "Caption text #5"),
        [None],
        {},
    ),
    ("webvtt/a.vtt", "webvtt", 53, *CALL, [None], {}),
    (
        "webvtt/b-teams.vtt",
        "webvtt",
        2,
        Cue(0.0, 0.57, "There you go.", "Yuri Bakulin"),
        Cue(0.21, 1.13, "Why hello there, Yuri.", "Adrian Petrescu"),
        ["Adrian Petrescu", "Yuri Bakulin"],
        {},
    ),
    (
        "webvtt/c-captions_with_bom.vtt",
        "webvtt",
        4,
        Cue(0.5, 7.0, "Caption text #1"),
        Cue(16.32, 21.58, "Caption text #4"),
        [None],
        {},
    ),
]


@pytest.mark.parametrize(
    ("name", "form", "count", "first", "last", "speakers", "problems"), READ, ids=[str(row[0]) for row in READ]
)
def test_transcripts(shared: Path, name, form, count, first, last, speakers, problems) -> None:
    transcript = read_transcript(shared / "data" / "transcripts" / name)
    cues = transcript.cues
    assert (transcript.format, len(cues), cues[0], cues[-1]) == (form, count, first, last)
    assert sorted({cue.speaker for cue in cues}, key=str) == speakers
    assert {cue.channel for cue in cues} == {None}
    assert {problem.kind: problem.count for problem in transcript.problems} == problems


def test_speakers_only(shared: Path) -> None:
    path = shared / "data" / "transcripts" / "rttm" / "a.rttm"
    turns = read_turns(path)
    assert (len(turns), turns[0]) == (10, Turn(6.69, 7.12, "speaker90"))
    assert (turns[-1].start, round(turns[-1].end, 9), turns[-1].speaker) == (27.85, 30.0, "speaker90")
    assert {turn.speaker for turn in turns} == {"speaker90", "speaker91"}
    with pytest.raises(TranscriptError, match="who speaks when, but not what"):
        read_transcript(path)


def test_a_real_transcript_takes_speakers_from_a_real_diarisation(shared: Path) -> None:
    folder = shared / "data" / "transcripts"
    turns = read_turns(folder / "rttm" / "a.rttm")
    merged = with_speakers(read_transcript(folder / "webvtt" / "c-captions_with_bom.vtt"), turns[:6], "sample")
    assert [cue.speaker for cue in merged.cues] == ["speaker90", "speaker90", "speaker90", "speaker91"]


CORPORA = [
    ("kaldi/a", "kaldi", 38, 38, "lbi-1272-135031", 10.885, "BECAUSE YOU WERE", "by a command, and tonewise runs none"),
    (
        "lhotse/a",
        "lhotse",
        38,
        38,
        "lbi-1272-135031",
        10.885,
        "BECAUSE YOU WERE",
        "by a command, and tonewise runs none",
    ),
    *(
        (f"lhotse/a/supervisions.jsonl{zipped}", "lhotse", 38, 38, "lbi-1272-135031", 10.885, "BECAUSE", "by a command")
        for zipped in ("", ".gz")
    ),
    ("audformat/a", "audformat", 10, 1, "3", None, "Der Lappen liegt", "none of its 10 recordings is there"),
    ("common-voice-tsv/a.tsv", "common_voice", 59, 59, "01a44ed5d1339a03", None, "Two-wave sources", "none of its 59"),
    ("ljspeech-csv/a.csv", "ljspeech", 60, 0, "None", None, "Sie ist nach der Kreisstadt", "none of its 60 recordings"),
    ("meld-csv/a.csv", "meld", 39, 11, "Phoebe", None, "Oh my God", "no clip dia{D}_utt{U} for 39 of 39 lines"),
]


@pytest.mark.parametrize(
    ("name", "layout", "count", "speakers", "speaker", "end", "text", "message"),
    CORPORA,
    ids=[row[0] for row in CORPORA],
)
def test_corpora_have_words_and_lack_sound(shared, name, layout, count, speakers, speaker, end, text, message) -> None:
    path = shared / "data" / "transcripts" / name
    corpus = read_corpus(path, require_audio=False)
    table = corpus.utterances
    assert (corpus.layout, len(table), table["speaker"].nunique(), corpus.problems) == (layout, count, speakers, ())
    assert str(table["speaker"][0]).startswith(speaker)
    assert np.isnan(table["end"][0]) if end is None else table["end"][0] == end
    assert table["text"][0].startswith(text)
    with pytest.raises(CorpusError) as caught:
        read_corpus(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_columns_of_real_corpora(shared: Path) -> None:
    folder = shared / "data" / "transcripts"
    emotions = read_corpus(folder / "audformat" / "a", require_audio=False).utterances
    assert emotions["emotion"].value_counts().to_dict() == {
        "happiness": 3,
        "anger": 3,
        "neutral": 2,
        "sadness": 1,
        "fear": 1,
    }
    assert (set(emotions["language"]), emotions["emotion.confidence"].sum()) == ({"de"}, 9.5)
    assert read_corpus(folder / "kaldi" / "a", require_audio=False).utterances["gender"].value_counts().to_dict() == {
        "m": 17,
        "f": 21,
    }
    voices = read_corpus(folder / "common-voice-tsv" / "a.tsv", require_audio=False).utterances
    assert set(voices["language"]) == {"en"}
