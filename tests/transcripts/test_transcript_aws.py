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


def item(text: str, start: str | None = None, end: str | None = None, **more: str) -> dict[str, Any]:
    kind = "punctuation" if start is None else "pronunciation"
    times = {} if start is None else {"start_time": start, "end_time": end}
    return {**times, "type": kind, "alternatives": [{"confidence": "0.9", "content": text}], **more}


def job(**results: Any) -> dict[str, Any]:
    return {"jobName": "call", "status": "COMPLETED", "results": {"transcripts": [{"transcript": "…"}], **results}}


ITEMS = [
    item("Good", "0.1", "0.5"),
    item("morning", "0.5", "0.9"),
    item("."),
    item("Yes", "1.0", "1.3"),
    item(","),
    item("[PII]", "1.3", "1.8"),
    item("."),
]


def test_items_become_sentences(tmp_path: Path) -> None:
    transcript = read(tmp_path, job(items=ITEMS, language_code="en-GB"))
    assert (transcript.format, transcript.language, transcript.problems) == ("aws-transcribe", "en-GB", ())
    assert transcript.cues == (Cue(0.1, 0.9, "Good morning."), Cue(1.0, 1.8, "Yes, [PII]."))


def test_speakers_by_segments_or_items(tmp_path: Path) -> None:
    segments = [
        {"start_time": "0.0", "end_time": "0.1", "speaker_label": "", "items": []},
        {
            "speaker_label": "spk_0",
            "items": [{"start_time": "0.1", "end_time": "0.5", "speaker_label": "spk_0"}, {"start_time": "0.5"}],
        },
        {"speaker_label": "", "items": [{"start_time": "1.0", "speaker_label": ""}]},
    ]
    by_segment = read(tmp_path, job(items=ITEMS, speaker_labels={"speakers": 2, "segments": segments}))
    assert [cue.speaker for cue in by_segment.cues] == ["spk_0", "spk_0"]
    by_item = [
        item("Hi", "0.1", "0.5", speaker_label="spk_0"),
        item("there", "0.5", "0.6", speaker_label="spk_0"),
        item("you", "0.7", "0.8", speaker_label="spk_1"),
        item("too", "0.8", "0.9", speaker_label="spk_1"),
    ]
    assert [cue.speaker for cue in read(tmp_path, job(items=by_item)).cues] == ["spk_0", "spk_1"]


def test_channels(tmp_path: Path) -> None:
    labels = {
        "channels": [
            {"channel_label": "ch_1", "items": [item("Late", "5.0", "5.5")]},
            {"channel_label": "ch_0", "items": [item("Early", "1.0", "1.5"), item("?")]},
        ],
        "number_of_channels": 2,
    }
    assert read(tmp_path, job(items=[], channel_labels=labels)).cues == (
        Cue(1.0, 1.5, "Early?", channel=0),
        Cue(5.0, 5.5, "Late", channel=1),
    )
    labels["channels"] = labels["channels"][1:]  # type: ignore[index]
    assert read(tmp_path, job(items=[], channel_labels=labels)).cues[0].channel == 0
    del labels["number_of_channels"]
    assert read(tmp_path, job(items=[], channel_labels=labels)).cues[0].channel is None


def test_audio_segments_where_there_are_no_items(tmp_path: Path) -> None:
    segments = [{"transcript": "All of it.", "start_time": "0.0", "end_time": "2.5", "speaker_label": "spk_0"}]
    assert read(tmp_path, job(items=None, audio_segments=segments)).cues == (Cue(0.0, 2.5, "All of it.", "spk_0"),)


def test_items_without_any_time(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError, match=r"no usable cue in this aws-transcribe transcript \(none of its 1 words"):
        read(tmp_path, job(items=[{"type": "pronunciation", "alternatives": [{"content": "Hi"}]}]))


def turn(text: str, start: object, end: object, **more: Any) -> dict[str, Any]:
    return {"Content": text, "BeginOffsetMillis": start, "EndOffsetMillis": end, **more}


def test_call_analytics(tmp_path: Path) -> None:
    said = [
        {"Type": "pronunciation", "Content": "Sure", "BeginOffsetMillis": 40, "EndOffsetMillis": 330},
        {"Type": "punctuation", "Content": "."},
        {"Type": "pronunciation", "Content": "[PII]", "BeginOffsetMillis": 400, "EndOffsetMillis": 900},
        {"Type": "punctuation", "Content": "?"},
    ]
    transcript = read(
        tmp_path,
        {
            "LanguageCode": "en-US",
            "Participants": [{"ParticipantRole": "AGENT"}],
            "Transcript": [
                turn("Sure. [PII]?", 40, 900, ParticipantRole="AGENT", Items=said),
                turn("Bye.", "1000", 1500.0, ParticipantRole="CUSTOMER", Items=None),
            ],
        },
    )
    assert (transcript.format, transcript.language) == ("aws-call-analytics", "en-US")
    assert transcript.cues == (
        Cue(0.04, 0.33, "Sure.", "agent"),
        Cue(0.4, 0.9, "[PII]?", "agent"),
        Cue(1.0, 1.5, "Bye.", "customer"),
    )


def test_contact_lens(tmp_path: Path) -> None:
    participants = [{"ParticipantId": "p-17", "ParticipantRole": "CUSTOMER"}]
    voice = {
        "Version": "1.1.0",
        "Channel": "VOICE",
        "Participants": participants,
        "Transcript": [
            turn("Hello.", 100, 600, ParticipantId="p-17"),
            turn("Hi.", 700, 900, ParticipantId="AGENT"),
            turn("What?", 950, 999, ParticipantId="p-18"),
        ],
    }
    assert [cue.speaker for cue in read(tmp_path, voice).cues] == ["customer", "agent", "p-18"]
    live = {"Segments": [{"Transcript": voice["Transcript"][0]}, {"Categories": {}}]}  # type: ignore[index]
    assert read(tmp_path, live).cues == (Cue(0.1, 0.6, "Hello.", "p-17"),)


def test_a_chat_has_no_times(tmp_path: Path) -> None:
    chat = {"Transcript": [{"ParticipantId": "CUSTOMER", "Content": "Hi", "AbsoluteTime": "2024-01-01T00:00:00Z"}]}
    with pytest.raises(TranscriptError, match=r"no usable cue in this aws-call-analytics.*utterance 1 has no times"):
        read(tmp_path, chat)


@pytest.mark.real
def test_real_speaker_labels(shared: Path) -> None:
    transcript = read_transcript(shared / "data" / "transcripts" / "aws-transcribe-json" / "a.json")
    assert (transcript.format, transcript.language, transcript.problems) == ("aws-transcribe", None, ())
    first = "Today the devastation of Cyclone e di one of the worst weather related disasters."
    assert transcript.cues[0] == Cue(5.24, 11.07, first, "spk_0")
    last = "And now the first cases of the waterborne disease cholera"
    assert transcript.cues[-1] == Cue(91.23, 94.39, last, "spk_0")
    assert [cue.speaker for cue in transcript.cues] == ["spk_0"] * 3 + ["spk_1"] * 5 + ["spk_0"] * 6


@pytest.mark.real
def test_real_channel_labels(shared: Path) -> None:
    transcript = read_transcript(shared / "data" / "transcripts" / "aws-transcribe-json" / "b-channel_labels.json")
    assert (transcript.format, transcript.problems) == ("aws-transcribe", ())
    assert transcript.cues == (
        Cue(4.86, 6.87, "I've been on hold for an hour.", channel=0),
        Cue(8.5, 9.25, "Sorry about that.", channel=1),
    )


@pytest.mark.real
def test_real_call_analytics(shared: Path) -> None:
    transcript = read_transcript(shared / "data" / "transcripts" / "aws-call-analytics-json" / "a.json")
    assert (transcript.format, transcript.language, transcript.problems) == ("aws-call-analytics", "en-US", ())
    assert len(transcript.cues) == 76
    first = (
        "Thank you for calling Anchor Credit Union, the number one choice for captains worldwide, how can I help you?"
    )
    assert transcript.cues[0] == Cue(0.04, 5.05, first, "agent")
    assert transcript.cues[-1] == Cue(181.94, 182.89, "Bye.", "agent")
    assert [cue.speaker for cue in transcript.cues].count("customer") == 31
    assert {cue.channel for cue in transcript.cues} == {None}
    assert any("[PII]" in cue.text for cue in transcript.cues)
