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


def word(text: str, start: float, end: float, **more: Any) -> dict[str, Any]:
    return {"word": text.lower().strip(".,?"), "punctuated_word": text, "start": start, "end": end, **more}


HELLO = [word("Hello.", 0.1, 0.5, speaker=0), word("I", 0.6, 0.8, speaker=0), word("am.", 0.8, 1.1, speaker=0)]


def channel(words: object, transcript: str = "…", **more: Any) -> dict[str, Any]:
    return {"alternatives": [{"transcript": transcript, "words": words}], **more}


def test_utterances(tmp_path: Path) -> None:
    utterance = {"start": 0.1, "end": 1.1, "channel": 0, "transcript": "Hello. I am.", "words": HELLO, "speaker": 0}
    other = {"start": 2, "end": 3, "channel": 1, "transcript": "Good.", "words": None}
    data = {
        "metadata": {"channels": 2},
        "results": {"channels": [channel(HELLO, detected_language="en")], "utterances": [utterance, other]},
    }
    transcript = read(tmp_path, data)
    assert (transcript.format, transcript.language, transcript.problems) == ("deepgram", "en", ())
    assert transcript.cues == (
        Cue(0.1, 0.5, "Hello.", "0", 0),
        Cue(0.6, 1.1, "I am.", "0", 0),
        Cue(2.0, 3.0, "Good.", None, 1),
    )


@pytest.mark.parametrize("utterances", [None, []])
def test_words_where_there_are_no_utterances(tmp_path: Path, utterances: object) -> None:
    two = [channel(HELLO), channel([{"word": "yes", "start": 0.2, "end": 0.4}])]
    assert read(tmp_path, {"results": {"channels": two, "utterances": utterances}}).cues == (
        Cue(0.1, 0.5, "Hello.", "0", 0),
        Cue(0.2, 0.4, "yes", None, 1),
        Cue(0.6, 1.1, "I am.", "0", 0),
    )
    assert {cue.channel for cue in read(tmp_path, {"results": {"channels": two[:1]}}).cues} == {None}


def test_speakers_of_words(tmp_path: Path) -> None:
    words = [*HELLO, word("Oh", 1.2, 1.4, speaker=1), word("hi.", 1.4, 1.6, speaker=1)]
    assert [cue.speaker for cue in read(tmp_path, {"results": {"channels": [channel(words)]}}).cues] == ["0", "0", "1"]


def test_a_transcript_without_words_is_not_taken_for_silence(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError, match="neither utterances nor words with times"):
        read(tmp_path, {"results": {"channels": [channel(None, "Hello there.")]}})
    assert read(tmp_path, {"results": {"channels": [channel([], "")]}}).cues == ()


@pytest.mark.real
def test_real_deepgram(shared: Path) -> None:
    transcript = read_transcript(shared / "data" / "transcripts" / "deepgram-json" / "a.json")
    assert (transcript.format, transcript.language, transcript.problems) == ("deepgram", None, ())
    assert len(transcript.cues) == 7
    assert transcript.cues[0] == Cue(0.08, 0.32, "Yeah.")
    last = "and didn't get the same opportunities that we have today."
    assert transcript.cues[-1] == Cue(22.3, 25.439999, last)
    assert {(cue.speaker, cue.channel) for cue in transcript.cues} == {(None, None)}
