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


def ticks(start: float, duration: float) -> dict[str, float]:
    return {"offsetInTicks": start * 1e7, "durationInTicks": duration * 1e7}


def phrase(display: str, start: float, duration: float, **more: Any) -> dict[str, Any]:
    words = more.pop("words", None)
    best = [{"display": display, "words": words}]
    return {"recognitionStatus": "Success", **ticks(start, duration), "nBest": best, **more}


def test_batch_in_ticks_by_channel(tmp_path: Path) -> None:
    data = {
        "combinedRecognizedPhrases": [{"channel": 0}, {"channel": 1}],
        "recognizedPhrases": [
            phrase("Hello there.", 4.35, 0.5, channel=0, locale="en-US"),
            phrase("", 5.0, 20, channel=0),
            phrase("Hi.", 1.5, 0.25, channel=1, speaker=2),
        ],
    }
    transcript = read(tmp_path, data)
    assert (transcript.format, transcript.language) == ("azure-batch", "en-US")
    assert transcript.cues == (Cue(1.5, 1.75, "Hi.", "2", 1), Cue(4.35, 4.85, "Hello there.", channel=0))
    assert [(problem.kind, problem.count) for problem in transcript.problems] == [("empty_cue", 1)]


def test_batch_sentences_find_their_times_among_words_without_punctuation(tmp_path: Path) -> None:
    spoken = ["well", "it", "is", "ok", "thank", "you"]
    words = [{"word": word, **ticks(1 + n / 2, 0.4)} for n, word in enumerate(spoken)]
    transcript = read(tmp_path, {"recognizedPhrases": [phrase("Well, it is OK. Thank you!", 1, 3, words=words)]})
    assert transcript.cues == (Cue(1.0, 2.9, "Well, it is OK."), Cue(3.0, 3.9, "Thank you!"))


def test_batch_display_words_are_taken_before_lexical_ones(tmp_path: Path) -> None:
    shown = [{"displayText": text, **ticks(n / 2, 0.4)} for n, text in enumerate(["Yes.", "It", "is."])]
    best = {"display": "Yes. It is.", "words": [{"word": "yes"}], "displayWords": shown}
    transcript = read(tmp_path, {"recognizedPhrases": [{**ticks(0, 2), "channel": 0, "nBest": [best]}]})
    assert transcript.cues == (Cue(0.0, 0.4, "Yes."), Cue(0.5, 1.4, "It is."))


def test_batch_iso_durations_milliseconds_and_speakers_of_the_hypothesis(tmp_path: Path) -> None:
    phrases = [
        {"offset": "PT1H1M3.21S", "duration": "PT0.5S", "nBest": [{"display": "Late.", "speaker": 1}]},
        {"offsetMilliseconds": 720, "durationMilliseconds": "480", "nBest": [{"lexical": "soon"}]},
        {"offset": "soon", "duration": None, "nBest": [{"display": "Never."}]},
        {"nBest": None},
        None,
    ]
    transcript = read(tmp_path, {"recognizedPhrases": phrases})
    assert transcript.cues == (Cue(3663.21, 3663.71, "Late.", "1"), Cue(0.72, 1.2, "soon"))
    assert [(problem.kind, problem.count) for problem in transcript.problems] == [("untimed", 2)]


def test_batch_version_2_and_video_indexer(tmp_path: Path) -> None:
    segment = {"ChannelNumber": "1", "SpeakerId": "3", "Offset": 700_000, "Duration": 15_900_000}
    result = {"SegmentResults": [{**segment, "NBest": [{"Display": "Hi."}]}]}
    assert read(tmp_path, {"AudioFileResults": [result]}).cues == (Cue(0.07, 1.66, "Hi.", "3", 1),)
    indexed = {
        "Offset": "PT0.86S",
        "OffsetInTicks": 8600000,
        "DurationInTicks": 10000000,
        "NBest": [{"Display": "Hi."}],
    }
    assert read(tmp_path, {"RecognizedPhrases": [{**indexed, "Channel": 0}]}).cues == (Cue(0.86, 1.86, "Hi."),)


@pytest.mark.parametrize("suffix", ["", "Milliseconds"])
def test_fast(tmp_path: Path, suffix: str) -> None:
    def timed(text: str, start: int, duration: int, **more: Any) -> dict[str, Any]:
        return {"text": text, f"offset{suffix}": start, f"duration{suffix}": duration, **more}

    words = [timed("Hello.", 720, 480), timed("Who", 1300, 200), timed("is", 1500, 200), timed("it?", 1700, 250)]
    data = {
        f"duration{suffix}": 5000,
        "combinedPhrases": [{"text": "…"}],
        "phrases": [
            timed("Hello. Who is it?", 720, 1280, words=words, locale="en-US", speaker=1),
            timed("Mary.", 3000, 500, words=None, speaker=0),
        ],
    }
    transcript = read(tmp_path, data)
    assert (transcript.format, transcript.language) == ("azure-fast", "en-US")
    assert transcript.cues == (
        Cue(0.72, 1.2, "Hello.", "1"),
        Cue(1.3, 1.95, "Who is it?", "1"),
        Cue(3.0, 3.5, "Mary.", "0"),
    )


@pytest.mark.real
def test_real_batch(shared: Path) -> None:
    transcript = read_transcript(shared / "data" / "transcripts" / "azure-batch-json" / "a.json")
    assert transcript.format == "azure-batch"
    assert transcript.cues == (Cue(3.91, 4.32, "Wow.", channel=0), Cue(64.46, 65.62, "Find the Monica.", channel=0))
    assert [(problem.kind, problem.count) for problem in transcript.problems] == [("empty_cue", 1)]


@pytest.mark.real
def test_real_fast(shared: Path) -> None:
    transcript = read_transcript(shared / "data" / "transcripts" / "azure-fast-json" / "a.json")
    assert (transcript.format, transcript.language, transcript.problems) == ("azure-fast", "en-US", ())
    assert transcript.cues == (
        Cue(0.72, 1.2, "Hello.", channel=0),
        Cue(1.2, 2.32, "Thank you for calling Contoso.", channel=0),
        Cue(2.32, 3.44, "Who am I speaking with today?", channel=0),
        Cue(4.48, 6.08, "Hi, my name is Mary Rondo.", channel=1),
        Cue(6.08, 8.0, "I'm trying to enroll myself with Contuso.", channel=1),
    )
