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


def test_whisper_timestamped(tmp_path: Path) -> None:
    words = [{"text": "Hi", "start": 0.2, "end": 0.5, "confidence": 0.9}]
    transcript = read(
        tmp_path, {"text": " Hi", "segments": [{"start": 0, "end": 1, "text": " Hi  you", "words": words}]}
    )
    assert (transcript.format, transcript.cues) == ("whisper", (Cue(0.0, 1.0, "Hi you"),))


@pytest.mark.parametrize(
    ("stated", "tag"), [("pt-BR", "pt-BR"), ("en", "en"), ("english", None), (None, None), (3, None)]
)
def test_language_is_a_tag_or_unknown(tmp_path: Path, stated: object, tag: str | None) -> None:
    assert read(tmp_path, {"language": stated, "segments": []}).language == tag


def test_silence_has_no_cues(tmp_path: Path) -> None:
    assert read(tmp_path, {"text": "", "segments": [], "language": "en"}).cues == ()
    transcript = read(tmp_path, {"text": "", "segments": [{"start": 0, "end": 9, "text": " "}]})
    assert [(problem.kind, problem.count) for problem in transcript.problems] == [("empty_cue", 1)]


def test_whisperx_words_lend_times_text_and_speaker(tmp_path: Path) -> None:
    words = [
        {"word": "In"},
        {"word": "nineteen", "start": 1.0, "end": 1.4, "score": 0.9, "speaker": "SPEAKER_01"},
        {"word": "hundreds", "start": 1.5, "end": 2.0, "score": 0.9, "speaker": "SPEAKER_00"},
        {"word": "yes", "start": float("nan"), "end": "2.25", "score": 0.9, "speaker": "SPEAKER_00"},
        {"word": "1900", "speaker": "SPEAKER_01"},
        {"word": "so", "speaker": "SPEAKER_00"},
    ]
    segments = [
        {"words": words},
        {"start": 5.0, "text": "Open end", "words": words[1:2], "speaker": None},
        {"start": 3.0, "end": 4.0, "text": "Own speaker", "words": words, "speaker": "SPEAKER_07"},
        {"start": 4.0, "end": 4.5, "text": "Nobody", "words": [{"word": "Nobody"}]},
    ]
    transcript = read(tmp_path, {"segments": segments, "word_segments": []})
    assert transcript.format == "whisperx"
    assert transcript.cues == (
        Cue(1.0, 2.25, "In nineteen hundreds yes 1900 so", "SPEAKER_00"),
        Cue(5.0, 1.4, "Open end", "SPEAKER_01"),
        Cue(3.0, 4.0, "Own speaker", "SPEAKER_07"),
        Cue(4.0, 4.5, "Nobody"),
    )


def test_segments_of_several_sentences_become_them(tmp_path: Path) -> None:
    said = [(" Hi.", 0.0, 0.4), (" How", 0.5, 0.7), (" are", 0.7, 0.9), (" you", 0.9, 1.1), ("?", 1.1, 1.1)]
    words = [{"word": text, "start": start, "end": end} for text, start, end in said]
    segment = {"start": 0.0, "end": 1.5, "text": " Hi. How are you?"}
    assert read(tmp_path, {"segments": [{**segment, "words": words}]}).cues == (
        Cue(0.0, 0.4, "Hi."),
        Cue(0.5, 1.1, "How are you?"),
    )
    assert read(tmp_path, {"segments": [segment]}).cues == (Cue(0.0, 1.5, "Hi. How are you?"),)


def test_a_segment_is_split_where_two_words_or_more_are_of_another_speaker(tmp_path: Path) -> None:
    said = [("is", "A"), ("it", "A"), ("you", "B"), ("yes", "A"), ("it", "B"), ("is", "B"), ("me", "B")]
    words = [
        {"word": text, "start": n / 2, "end": n / 2 + 0.4, "score": 1, "speaker": speaker}
        for n, (text, speaker) in enumerate(said)
    ]
    segment = {"start": 0, "end": 3.5, "text": "is it you yes it is me", "words": words, "speaker": "A"}
    assert [(cue.speaker, cue.text) for cue in read(tmp_path, {"segments": [segment]}).cues] == [
        ("A", "is it you yes"),
        ("B", "it is me"),
    ]


def test_words_beside_the_segments_or_instead_of_them(tmp_path: Path) -> None:
    said = ["hi", "how", "are", "you", "i'm", "fine"]
    words = [{"word": text, "start": n / 2, "end": n / 2 + 0.4} for n, text in enumerate(said)]
    whole = {"task": "transcribe", "language": "english", "text": "Hi. How are you? I'm fine.", "words": words}
    segments = [{"start": 0, "end": 2, "text": " Hi. How are you?"}, {"start": 2, "end": 3, "text": " I'm fine."}]
    for data in (whole, {**whole, "segments": []}):
        assert read(tmp_path, data).cues == (
            Cue(0.0, 0.4, "Hi."),
            Cue(0.5, 1.9, "How are you?"),
            Cue(2.0, 2.9, "I'm fine."),
        )
    assert [(cue.start, cue.text) for cue in read(tmp_path, {**whole, "segments": segments}).cues] == [
        (0.0, "Hi."),
        (0.5, "How are you?"),
        (2.0, "I'm fine."),
    ]


def test_a_bare_list_of_segments(tmp_path: Path) -> None:
    assert read(tmp_path, [{"start": 0, "end": 1, "text": " Hi"}]).cues == (Cue(0.0, 1.0, "Hi"),)


def test_segments_without_any_time_are_left_out_and_counted(tmp_path: Path) -> None:
    segments = [
        {"text": "No times", "words": [{"word": "No", "score": 1}]},
        {"start": True, "end": None, "text": "No times", "words": None},
        "what?",
        {"start": "1.5", "end": 2, "text": "Fine", "words": ["no", 3], "speaker": 4},
    ]
    transcript = read(tmp_path, {"segments": segments})
    assert transcript.cues == (Cue(1.5, 2.0, "Fine", "4"),)
    assert [(problem.kind, problem.count) for problem in transcript.problems] == [
        ("untimed", 2),
        ("bad_cue", 1),
    ]


@pytest.mark.real
def test_real_whisper(shared: Path) -> None:
    transcript = read_transcript(shared / "data" / "transcripts" / "whisper-json" / "a.json")
    assert (transcript.format, transcript.language, len(transcript.cues)) == ("whisper", "en", 1)
    assert (transcript.cues[0].start, transcript.cues[0].end) == (0.0, 11.0)
    assert transcript.cues[0].text.startswith("And so my fellow Americans, ask not")


@pytest.mark.real
def test_real_whisperx_with_speakers(shared: Path) -> None:
    transcript = read_transcript(shared / "data" / "transcripts" / "whisperx-json" / "a.json")
    assert (transcript.format, len(transcript.cues), transcript.problems) == ("whisperx", 61, ())
    assert transcript.cues[0] == Cue(6.578, 28.747, "Bonjour.", "SPEAKER_02")
    assert transcript.cues[-1] == Cue(193.498, 193.658, "Bye-bye.", "SPEAKER_00")
    assert all(cue.speaker for cue in transcript.cues)


@pytest.mark.real
def test_real_whisperx_without_speakers(shared: Path) -> None:
    transcript = read_transcript(shared / "data" / "transcripts" / "whisperx-json" / "b.json")
    assert (transcript.format, len(transcript.cues)) == ("whisperx", 9)
    assert [(problem.kind, problem.count) for problem in transcript.problems] == [("interpolated", 16)]
    assert (transcript.cues[0].start, transcript.cues[0].end) == (0.61, 10.897)
    assert transcript.cues[0].text.startswith("Street has for this year, next three years, so 60 billion, 66 and 70")
    last = "And given that we have 95 cents, it just seems about in the zone for me."
    assert transcript.cues[-1] == Cue(41.299, 44.641, last)
