"""ELAN: slots in milliseconds, participants, tiers that annotate others, and XML that must not be believed."""

from pathlib import Path

import pytest

from tonewise.errors import TranscriptError
from tonewise.transcripts import Transcript, read_transcript

SLOTS = {"ts1": "0", "ts2": "1500", "ts3": "1700", "ts4": "2630"}


def document(tiers: str, slots: dict[str, str | None] = SLOTS, head: str = "", units: str = "milliseconds") -> str:
    times = "".join(
        f'<TIME_SLOT TIME_SLOT_ID="{name}"' + (f' TIME_VALUE="{value}"' if value is not None else "") + "/>"
        for name, value in slots.items()
    )
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{head}<ANNOTATION_DOCUMENT FORMAT="2.7">\n'
        f'<HEADER MEDIA_FILE="" TIME_UNITS="{units}"/>\n<TIME_ORDER>{times}</TIME_ORDER>\n{tiers}\n</ANNOTATION_DOCUMENT>\n'
    )


def tier(name: str, annotations: str, more: str = "") -> str:
    return f'<TIER LINGUISTIC_TYPE_REF="default-lt" TIER_ID="{name}" {more}>{annotations}</TIER>'


def aligned(number: int, start: str, end: str, text: str) -> str:
    return (
        f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a{number}" TIME_SLOT_REF1="{start}" TIME_SLOT_REF2="{end}">'
        f"<ANNOTATION_VALUE>{text}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>"
    )


def referring(number: int, to: str, text: str) -> str:
    return (
        f'<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a{number}" ANNOTATION_REF="{to}">'
        f"<ANNOTATION_VALUE>{text}</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"
    )


def read(folder: Path, content: str, encoding: str = "utf-8") -> Transcript:
    path = folder / "call.eaf"
    path.write_bytes(content.encode(encoding))
    return read_transcript(path)


ANN = tier("K1", aligned(1, "ts1", "ts2", "Déjà vu &amp; more.\n "), 'PARTICIPANT="Ann"')
BOB = tier("Bob", aligned(2, "ts3", "ts4", "Yes.") + aligned(3, "ts2", "ts3", ""))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_times_text_and_speakers(tmp_path: Path, encoding: str) -> None:
    transcript = read(tmp_path, document(tier("default", "") + BOB + ANN), encoding)
    assert (transcript.format, transcript.problems) == ("elan", ())
    assert [(cue.start, cue.end, cue.text, cue.speaker) for cue in transcript.cues] == [
        (0.0, 1.5, "Déjà vu & more.", "Ann"),
        (1.7, 2.63, "Yes.", "Bob"),
    ]


def test_tiers_that_annotate_others_are_no_speech(tmp_path: Path) -> None:
    gloss = tier("ft@Bob", referring(9, "a2", "Oui."), 'PARENT_REF="Bob"')
    transcript = read(tmp_path, document(ANN + BOB + gloss))
    assert [cue.text for cue in transcript.cues] == ["Déjà vu & more.", "Yes."]
    assert [(problem.kind, problem.count) for problem in transcript.problems] == [("ignored_tier", 1)]


def test_text_that_hangs_on_reference_numbers(tmp_path: Path) -> None:
    numbers = tier("ref@Ann", aligned(1, "ts1", "ts2", "001"), 'PARTICIPANT="Ann"')
    text = tier("tx@Ann", referring(2, "a1", "Hello."), 'PARTICIPANT="Ann" PARENT_REF="ref@Ann"')
    copied = tier("ut@Ann", referring(3, "a2", "Hallo."), 'PARTICIPANT="Ann" PARENT_REF="tx@Ann"')
    transcript = read(tmp_path, document(numbers + text + copied))
    assert [(cue.start, cue.end, cue.text, cue.speaker) for cue in transcript.cues] == [(0.0, 1.5, "Hello.", "Ann")]


def test_speech_among_gestures_as_elan_shows_it(tmp_path: Path) -> None:
    spoken = tier("K-Spch", aligned(1, "ts1", "ts2", "Hello."), 'PARTICIPANT="K"')
    words = tier("K-Words", aligned(2, "ts1", "ts9", "Hello"), 'PARTICIPANT="K" PARENT_REF="K-Spch"')
    hands = tier("K-RGU", aligned(3, "ts3", "ts4", "wave"), 'PARTICIPANT="K"')
    transcript = read(tmp_path, document(spoken + words + hands, {**SLOTS, "ts9": None}))
    assert [(cue.text, cue.speaker) for cue in transcript.cues] == [("Hello.", "K")]
    assert [(problem.kind, problem.count) for problem in transcript.problems] == [("ignored_tier", 1)]


def test_annotations_without_times_are_counted(tmp_path: Path) -> None:
    slots = {**SLOTS, "ts4": None}
    circle = tier("tx", referring(7, "a8", "round") + referring(8, "a7", "and round") + referring(9, "none", "lost"))
    transcript = read(tmp_path, document(ANN + BOB, slots))
    assert [(problem.kind, problem.count) for problem in transcript.problems] == [("untimed", 1)]
    with pytest.raises(TranscriptError, match=r"no usable cue.*has no times"):
        read(tmp_path, document(circle))


BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>\n'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>\n'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (document(tier("A", aligned(1, "ts1", "ts2", "&c;")), head=BOMB), "document type"),
        (document(tier("A", aligned(1, "ts1", "ts2", "&a;")), head=OUTSIDE), "document type"),
        (document(tier("A", aligned(1, "ts1", "ts2", "&nbsp;"))), "broken XML"),
        (document(ANN)[:-30], "broken XML"),
        (document(ANN, units="PAL-frames"), "times in 'PAL-frames'; expected milliseconds"),
        (document(tier("A", aligned(1, "ts1", "ts9", "lost"))), "no usable cue"),
    ],
)
def test_what_is_not_read(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(TranscriptError, match=message) as caught:
        read(tmp_path, content)
    assert "call.eaf" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_elements_in_strange_places(tmp_path: Path) -> None:
    stray = aligned(5, "ts1", "ts2", "outside of any tier") + "<ANNOTATION_VALUE>nowhere</ANNOTATION_VALUE>"
    assert [cue.text for cue in read(tmp_path, document(stray + BOB)).cues] == ["Yes."]
    deep = "<x>" * 50_000 + "</x>" * 50_000
    assert len(read(tmp_path, document(BOB + deep)).cues) == 1
