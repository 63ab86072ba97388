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


def result(text: str, start: float, end: float, kind: str = "word", **more: Any) -> dict[str, Any]:
    best = {"content": text, "confidence": 0.9, "language": "en", "speaker": more.pop("speaker", "UU")}
    return {"type": kind, "start_time": start, "end_time": end, "alternatives": [best], **more}


def mark(text: str, at: float, **more: Any) -> dict[str, Any]:
    return result(text, at, at, "punctuation", **{"attaches_to": "previous", **more})


def answer(results: list[Any], language: str = "en", **config: Any) -> dict[str, Any]:
    return {"format": "2.9", "metadata": {"transcription_config": {"language": language, **config}}, "results": results}


def test_words_entities_and_punctuation(tmp_path: Path) -> None:
    results = [
        result("¿", 0.0, 0.0, "punctuation", attaches_to="next"),
        result("Yes", 0.1, 0.4),
        mark("?", 0.4, is_eos=True),
        result("17th of January", 0.5, 1.5, "entity"),
        mark(",", 1.5),
        result("ok", 1.6, 1.8),
        result("", 1.8, 1.8, "speaker_change"),
    ]
    transcript = read(tmp_path, answer(results))
    assert (transcript.format, transcript.language, transcript.problems) == ("speechmatics", "en", ())
    assert transcript.cues == (Cue(0.1, 0.4, "¿Yes?"), Cue(0.5, 1.8, "17th of January, ok"))


def test_speakers(tmp_path: Path) -> None:
    results = [
        *[result("Who", 0.0, 0.3, speaker="S1"), result("there", 0.3, 0.6, speaker="S1"), mark("?", 0.6, speaker="S1")],
        *[result("Me", 0.7, 0.9, speaker="S2"), mark(".", 0.9, speaker="S2")],
    ]
    assert [(cue.speaker, cue.text) for cue in read(tmp_path, answer(results)).cues] == [
        ("S1", "Who there?"),
        ("S2", "Me."),
    ]


@pytest.mark.parametrize(
    ("names", "config"),
    [
        (("channel_1", "channel_2"), {}),
        (("Agent", "Customer"), {}),
        (("Agent", "Customer"), {"channel_diarization_labels": ["Agent", "Customer"]}),
    ],
)
def test_channels(tmp_path: Path, names: tuple[str, str], config: dict[str, Any]) -> None:
    results = [result("So", 0.0, 0.4, channel=names[0]), result("Hm", 0.2, 0.5, channel=names[1])]
    found = read(tmp_path, answer(results, **config)).cues
    assert [(cue.text, cue.channel) for cue in found] == [("So", 0), ("Hm", 1)]
    later = read(tmp_path, answer(results[1:], **config)).cues
    assert [cue.channel for cue in later] == [1 if config or names[0] == "channel_1" else None]


def test_a_language_that_was_found_out(tmp_path: Path) -> None:
    data = answer([result("Ja", 0.0, 0.4)], language="auto")
    assert read(tmp_path, data).language is None
    del data["metadata"]["transcription_config"]
    data["metadata"]["language_identification"] = {"predicted_language": "de"}
    assert read(tmp_path, data).language == "de"
