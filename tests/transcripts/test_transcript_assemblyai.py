import json
from pathlib import Path
from typing import Any

import pytest

from tonewise.errors import TranscriptError
from tonewise.records import Cue
from tonewise.transcripts import Transcript, read_transcript


def read(folder: Path, data: Any) -> Transcript:
    path = folder / "call.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return read_transcript(path)


def timed(text: str, start: object, end: object, **more: Any) -> dict[str, Any]:
    return {"text": text, "start": start, "end": end, **more}


WORDS = [timed("Yes.", 170, 718), timed("As", 884, 1166), timed("much.", 1188, 1400)]
JOB = {"id": "x", "status": "completed", "language_code": "en_us", "audio_duration": 25, "text": "Yes. As much."}


def test_utterances_are_turns_of_several_sentences(tmp_path: Path) -> None:
    utterances = [timed("Yes. As much.", 170, 1400, speaker="A", words=WORDS), timed("Oh.", 2000, 2500, speaker="B")]
    transcript = read(tmp_path, {**JOB, "words": WORDS, "utterances": utterances})
    assert (transcript.format, transcript.language, transcript.problems) == ("assemblyai", "en-us", ())
    assert transcript.cues == (
        Cue(0.17, 0.718, "Yes.", "A"),
        Cue(0.884, 1.4, "As much.", "A"),
        Cue(2.0, 2.5, "Oh.", "B"),
    )


def test_words_where_utterances_are_null(tmp_path: Path) -> None:
    transcript = read(tmp_path, {**JOB, "words": WORDS, "utterances": None})
    assert transcript.cues == (Cue(0.17, 0.718, "Yes."), Cue(0.884, 1.4, "As much."))


def test_channels_are_counted_from_1(tmp_path: Path) -> None:
    utterances = [timed("B.", 900, 1000, channel="2", speaker="2A"), timed("A.", 100, 200, channel="1", speaker="1A")]
    transcript = read(tmp_path, {**JOB, "audio_channels": 2, "utterances": utterances})
    assert [(cue.text, cue.channel, cue.speaker) for cue in transcript.cues] == [("A.", 0, "1A"), ("B.", 1, "2A")]


@pytest.mark.parametrize("key", ["sentences", "paragraphs"])
def test_sentences_and_paragraphs(tmp_path: Path, key: str) -> None:
    data = {"id": "x", "confidence": 0.9, "audio_duration": 25.0, key: [timed("Yes.", 170, 718, words=[])]}
    assert read(tmp_path, data).cues == (Cue(0.17, 0.718, "Yes."),)


def test_utterances_alone_are_milliseconds_if_they_are_whole(tmp_path: Path) -> None:
    assert read(tmp_path, {"utterances": [timed("Yes.", 170, 718)]}).format == "assemblyai"
    with pytest.raises(TranscriptError, match=r"in no known transcript format.*keys utterances"):
        read(tmp_path, {"utterances": [timed("Yes.", 0.17, 0.718)]})


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"status": "error", "error": "Download failed", "words": None}, "is 'error' Download failed"),
        ({"status": "queued", "words": None}, "job is 'queued'"),
        ({"words": None, "utterances": None}, "neither utterances nor words with times"),
        ({"words": [{"text": "Yes."}]}, "none of its 1 words has a time"),
    ],
)
def test_what_has_no_words(tmp_path: Path, more: dict[str, Any], message: str) -> None:
    with pytest.raises(TranscriptError, match=message):
        read(tmp_path, {**JOB, **more})


@pytest.mark.real
def test_real_assemblyai(shared: Path) -> None:
    transcript = read_transcript(shared / "data" / "transcripts" / "assemblyai-json" / "a.json")
    assert (transcript.format, transcript.language, transcript.problems) == ("assemblyai", "en", ())
    assert len(transcript.cues) == 3
    assert transcript.cues[0] == Cue(0.17, 0.718, "Yeah.", "A")
    assert (transcript.cues[-1].start, transcript.cues[-1].end, transcript.cues[-1].speaker) == (12.778, 25.14, "A")
    assert transcript.cues[-1].text.startswith("And I think if it signifies anything, it is to honor the women")
