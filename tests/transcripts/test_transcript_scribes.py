"""ElevenLabs, whisper.cpp and the pipeline of transformers."""

import json
from pathlib import Path
from typing import Any

from tonewise.records import Cue
from tonewise.transcripts import Transcript, read_transcript


def read(folder: Path, data: Any) -> Transcript:
    path = folder / "call.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return read_transcript(path)


def word(text: str, start: float, end: float, kind: str = "word", speaker: str = "speaker_0") -> dict[str, Any]:
    return {"text": text, "start": start, "end": end, "type": kind, "speaker_id": speaker}


WORDS = [
    *[word("Hello.", 0.1, 0.5), word(" ", 0.5, 0.6, "spacing"), word("(laughs)", 0.6, 0.7, "audio_event")],
    *[word("Oh", 0.8, 0.9, speaker="speaker_1"), word("hi.", 0.9, 1.2, speaker="speaker_1")],
]


def test_elevenlabs(tmp_path: Path) -> None:
    transcript = read(tmp_path, {"language_code": "eng", "text": "…", "words": WORDS})
    assert (transcript.format, transcript.language) == ("elevenlabs", "eng")
    assert transcript.cues == (Cue(0.1, 0.5, "Hello.", "speaker_0"), Cue(0.8, 1.2, "Oh hi.", "speaker_1"))


def test_elevenlabs_channels(tmp_path: Path) -> None:
    data = {"transcripts": [{"channel_index": 1, "words": WORDS[:1]}, {"channel_index": 0, "words": WORDS[3:]}]}
    assert [(cue.text, cue.channel) for cue in read(tmp_path, data).cues] == [("Hello.", 1), ("Oh hi.", 0)]


def test_whisper_cpp(tmp_path: Path) -> None:
    pieces = [
        {
            "timestamps": {"from": "00:00:00,000", "to": "00:00:01,500"},
            "offsets": {"from": 0, "to": 1500},
            "text": " Hi.",
        },
        {"timestamps": {"from": "00:00:01,500", "to": "00:00:02,000"}, "text": " Yes.", "speaker": "1"},
    ]
    transcript = read(tmp_path, {"systeminfo": "AVX", "result": {"language": "en"}, "transcription": pieces})
    assert (transcript.format, transcript.language) == ("whisper-cpp", "en")
    assert transcript.cues == (Cue(0.0, 1.5, "Hi."), Cue(1.5, 2.0, "Yes.", "1"))


def test_huggingface_sentences(tmp_path: Path) -> None:
    chunks = [{"timestamp": [0.0, 2.5], "text": " Hello there."}, {"timestamp": [2.5, None], "text": " And so on"}]
    transcript = read(tmp_path, {"text": "…", "chunks": chunks})
    assert (transcript.format, transcript.cues) == (
        "huggingface",
        (Cue(0.0, 2.5, "Hello there."), Cue(2.5, 2.5, "And so on")),
    )


def test_huggingface_words(tmp_path: Path) -> None:
    said = [(" Hello.", 0.0, 0.5), (" I", 0.6, 0.7), ("'m", 0.7, 0.8), (" in.", 0.8, None)]
    chunks = [{"timestamp": [start, end], "text": text} for text, start, end in said]
    transcript = read(tmp_path, {"text": "…", "chunks": chunks})
    assert transcript.cues == (Cue(0.0, 0.5, "Hello."), Cue(0.6, 0.8, "I'm in."))
    assert [(problem.kind, problem.count) for problem in transcript.problems] == [("interpolated", 1)]
