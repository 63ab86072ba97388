"""Transcripts of standard formats that somebody broke: an exception other than tonewise's own is a bug."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tonewise.errors import InputError
from tonewise.records import Cue
from tonewise.transcripts import Transcript
from tonewise.transcripts.merging import with_speakers
from tonewise.transcripts.registry import TEXT_FORMATS
from tonewise.transcripts.rttm import Turn, read_turns

SEEDS = Path(__file__).parents[1] / "fuzz" / "seeds"
YOUTUBE = "WEBVTT\nLanguage: en\n\n00:00.160 --> 00:02.470\n \nso<00:00:00.560><c> what</c><00:00:00.880><c> now</c>\n"
STANDARD = {form.name: form for form in TEXT_FORMATS}
CONTENTS = [
    *((name, path.read_text(encoding="utf-8")) for path in sorted(SEEDS.iterdir()) if (name := path.stem) in STANDARD),
    ("webvtt", YOUTUBE),
]

PIECES = st.one_of(
    st.text(max_size=12),
    st.sampled_from(
        ['"', "<", ">", "&a;", "<!DOCTYPE x>", "-->", ":", "1e999", "9" * 400, "-5", "<exists>", "\n", "|", "*"]
    ),
)


@pytest.mark.parametrize(("name", "content"), CONTENTS, ids=[name for name, _ in CONTENTS])
@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_mutated_transcripts(name: str, content: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        begin = data.draw(st.integers(0, len(content)))
        end = data.draw(st.integers(begin, min(len(content), begin + 12)))
        content = content[:begin] + data.draw(PIECES) + content[end:]
    path = Path("call.txt")
    assert isinstance(STANDARD[name].sniff(path, content), bool)
    try:
        transcript = STANDARD[name].read(path, content)
    except InputError as error:
        assert "\n" not in str(error)
    else:
        assert all(cue.text.strip() and cue.start == cue.start and cue.end == cue.end for cue in transcript.cues)


LINES = st.lists(
    st.one_of(
        st.text(max_size=30), st.just("SPEAKER call 1 0.5 1.5 <NA> <NA> ann <NA>"), st.just("SPEAKER a 1 x 1 a b c d")
    ),
    max_size=6,
)


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(lines=LINES)
def test_any_diarisation(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    path = tmp_path_factory.getbasetemp() / "call.rttm"
    path.write_text("\n".join(lines), encoding="utf-8", errors="replace")
    try:
        assert read_turns(path)
    except InputError as error:
        assert "\n" not in str(error)


TIMES = st.integers(0, 40).map(lambda tenth: tenth / 10)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    cues=st.lists(st.tuples(TIMES, TIMES), max_size=6),
    turns=st.lists(st.tuples(TIMES, TIMES, st.sampled_from("ab")), max_size=8),
)
def test_the_speaker_is_the_one_of_the_longest_overlap(cues, turns) -> None:
    """The same as looking at every turn for every cue."""
    transcript = Transcript(tuple(Cue(min(pair), max(pair), "x") for pair in cues), (), "srt")
    spoken = [Turn(min(start, end), max(start, end), name) for start, end, name in turns]
    for cue in with_speakers(transcript, spoken, "call").cues:
        end = max(cue.end, cue.start + 1e-3)
        seconds = {
            name: sum(max(min(t.end, end) - max(t.start, cue.start), 0) for t in spoken if t.speaker == name)
            for name in "ab"
        }
        longest = max(seconds.values())
        if cue.speaker is None:
            assert longest <= 0
        else:
            assert seconds[cue.speaker] >= longest - 1e-9 > -1e-9
