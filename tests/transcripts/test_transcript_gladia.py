import json
from pathlib import Path
from typing import Any

import pytest

from tonewise.records import Cue
from tonewise.transcripts import Transcript, read_transcript


def read(folder: Path, data: Any) -> Transcript:
    path = folder / "call.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return read_transcript(path)


def word(text: str, start: float, end: float) -> dict[str, Any]:
    return {"word": text, "start": start, "end": end, "confidence": 0.9}


# The words of Gladia begin with their spaces.
WORDS = [word("Hello.", 0.5, 0.8), word(" How", 0.9, 1.0), word(" are", 1.0, 1.1), word(" you?", 1.1, 1.5)]
TRANSCRIPTION = {
    "full_transcript": "…",
    "languages": ["en"],
    "utterances": [
        {
            **{"text": "Hello. How are you?", "language": "en", "start": 0.5, "end": 1.5},
            **{"channel": 0, "speaker": 0, "words": WORDS},
        },
        {"text": "Fine.", "language": "en", "start": 2.0, "end": 2.5, "channel": 1, "speaker": 1, "words": None},
    ],
}
CUES = (Cue(0.5, 0.8, "Hello.", "0", 0), Cue(0.9, 1.5, "How are you?", "0", 0), Cue(2.0, 2.5, "Fine.", "1", 1))


@pytest.mark.parametrize(
    "data",
    [
        {"id": "x", "status": "done", "result": {"metadata": {}, "transcription": TRANSCRIPTION}},
        {"event": "transcription.success", "payload": {"transcription": TRANSCRIPTION}},
        {"metadata": {"number_of_distinct_channels": 2}, "transcription": TRANSCRIPTION},
        TRANSCRIPTION,
    ],
)
def test_wherever_the_transcription_is(tmp_path: Path, data: Any) -> None:
    transcript = read(tmp_path, data)
    assert (transcript.format, transcript.language, transcript.problems) == ("gladia", "en", ())
    assert transcript.cues == CUES


def test_one_channel_of_one_says_nothing(tmp_path: Path) -> None:
    data = {"transcription": {**TRANSCRIPTION, "utterances": TRANSCRIPTION["utterances"][:1]}}  # type: ignore[index]
    assert {cue.channel for cue in read(tmp_path, data).cues} == {None}
    data["metadata"] = {"number_of_distinct_channels": 2}
    assert {cue.channel for cue in read(tmp_path, data).cues} == {0}


def test_sentences_and_silence(tmp_path: Path) -> None:
    sentences = [{"sentence": "…", "text": "Fine.", "start": 2.0, "end": 2.5}]
    assert read(tmp_path, {"full_transcript": "", "utterances": [], "sentences": sentences}).cues == (
        Cue(2.0, 2.5, "Fine."),
    )
    assert read(tmp_path, {"full_transcript": "", "utterances": None}).cues == ()


def test_version_1(tmp_path: Path) -> None:
    common = {"transcription": "Hi.", "language": "fr", "time_begin": 0.1, "time_end": 0.9}
    data = {
        "prediction": [
            {**common, "speaker": "not_activated", "channel": "channel_0", "words": []},
            {**common, "speaker": 1, "channel": "channel_1", "words": None},
        ]
    }
    transcript = read(tmp_path, data)
    assert (transcript.format, transcript.language) == ("gladia", "fr")
    assert transcript.cues == (Cue(0.1, 0.9, "Hi.", None, 0), Cue(0.1, 0.9, "Hi.", "1", 1))
