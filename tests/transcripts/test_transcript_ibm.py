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


def result(*stamps: list[Any], final: bool = True) -> dict[str, Any]:
    text = " ".join(stamp[0] for stamp in stamps)
    return {"final": final, "alternatives": [{"transcript": text, "timestamps": list(stamps)}, {"transcript": "worse"}]}


RESULTS = [
    result(["hello", 0.1, 0.5], ["there", 0.5, 0.9], ["yes", 1.0, 1.2], ["hi", 1.2, 1.5]),
    result(["never", 1.6, 1.8], final=False),
    result(["%HESITATION", 1.6, 1.9], ["right", 1.9, 2.2]),
]
SPEAKERS = [
    {"from": start, "to": end, "speaker": speaker, "final": False}
    for start, end, speaker in [
        (0.1, 0.5, 0),
        (0.5, 0.9, 0),
        (1.0, 1.2, 1),
        (1.2, 1.5, 1),
        (1.6, 1.9, 0),
        (1.9, 2.2, 0),
    ]
]
CUES = (Cue(0.1, 0.9, "hello there", "0"), Cue(1.0, 1.5, "yes hi", "1"), Cue(1.6, 2.2, "%HESITATION right", "0"))


@pytest.mark.parametrize(
    "wrap",
    [
        lambda found: found,
        lambda found: [found],
        lambda found: {"id": "x", "status": "completed", "results": [found]},
    ],
)
def test_results_with_speakers_beside_them(tmp_path: Path, wrap: Any) -> None:
    transcript = read(tmp_path, wrap({"result_index": 0, "results": RESULTS, "speaker_labels": SPEAKERS}))
    assert (transcript.format, transcript.problems) == ("ibm", ())
    assert transcript.cues == CUES


def test_a_result_ends_a_sentence(tmp_path: Path) -> None:
    assert [cue.text for cue in read(tmp_path, {"results": RESULTS}).cues] == [
        "hello there yes hi",
        "%HESITATION right",
    ]


def test_results_without_timestamps(tmp_path: Path) -> None:
    data = {"result_index": 0, "results": [{"final": True, "alternatives": [{"transcript": "hello there"}]}]}
    with pytest.raises(TranscriptError, match="no usable cue"):
        read(tmp_path, data)
