"""What lies beside recordings: diarisations, transcripts of annotation tools, and the two files of one call."""

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tonewise.corpus import check_channels, read_beside, read_corpus
from tonewise.errors import CorpusError
from tonewise.records import Corpus

SRT = "1\n00:00:01,000 --> 00:00:02,000\nHello.\n\n2\n00:00:03,000 --> 00:00:04,000\nGoodbye.\n"
RTTM = "SPEAKER call 1 0.9 1.2 <NA> <NA> ann <NA> <NA>\nSPEAKER call 1 2.9 1.2 <NA> <NA> speaker1 <NA> <NA>\n"
STM = "call 1 ann 1 2 <O> Hello.\ncall 1 bob 3 4 <O> Goodbye.\n"
CTM = "call 1 1.0 0.5 Hello.\ncall 1 3.0 0.5 Goodbye.\n"
TEXTGRID = (
    'File type = "ooTextFile"\nObject class = "TextGrid"\n\n0\n5\n<exists>\n1\n"IntervalTier"\n"ann"\n0\n5\n'
    '2\n1\n2\n"Hello."\n3\n4\n"Goodbye."\n'
)
EAF = (
    '<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="milliseconds"/><TIME_ORDER><TIME_SLOT TIME_SLOT_ID="a" TIME_VALUE="1000"/>'
    '<TIME_SLOT TIME_SLOT_ID="b" TIME_VALUE="2000"/></TIME_ORDER><TIER TIER_ID="ann"><ANNOTATION><ALIGNABLE_ANNOTATION '
    'ANNOTATION_ID="1" TIME_SLOT_REF1="a" TIME_SLOT_REF2="b"><ANNOTATION_VALUE>Hello.</ANNOTATION_VALUE>'
    "</ALIGNABLE_ANNOTATION></ANNOTATION></TIER></ANNOTATION_DOCUMENT>"
)


def put(folder: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")
    return folder


def problems(corpus: Corpus) -> list[tuple[str, int]]:
    return [(problem.kind, problem.count) for problem in corpus.problems]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("call.TextGrid", TEXTGRID),
        ("call.textgrid", TEXTGRID),
        ("call.TEXTGRID", TEXTGRID),
        ("call.eaf", EAF),
        ("call.ctm", CTM),
        ("call.STM", STM),
    ],
)
def test_transcripts_of_every_kind_beside_a_recording(tmp_path: Path, name: str, content: str) -> None:
    corpus = read_corpus(put(tmp_path, {"call.wav": "", name: content}))
    assert (corpus.layout, corpus.problems) == ("folder", ())
    assert corpus.utterances["text"].tolist()[0] == "Hello."
    assert corpus.utterances["start"].tolist()[0] == 1.0


@pytest.mark.parametrize("extension", ["rttm", "RTTM"])
def test_a_diarisation_gives_speakers(tmp_path: Path, extension: str) -> None:
    corpus = read_corpus(put(tmp_path, {"call.wav": "", "call.srt": SRT, f"call.{extension}": RTTM}))
    assert corpus.utterances["speaker"].tolist() == ["ann", "call/speaker1"]
    assert corpus.problems == ()


def test_a_broken_diarisation_costs_no_words(tmp_path: Path) -> None:
    corpus = read_corpus(put(tmp_path, {"call.wav": "", "call.srt": SRT, "call.rttm": "nonsense\n"}))
    assert corpus.utterances["speaker"].tolist() == [None, None]
    assert problems(corpus) == [("bad_speakers", 1)]


def test_speakers_that_are_known_need_no_diarisation(tmp_path: Path) -> None:
    corpus = read_corpus(put(tmp_path, {"call.wav": "", "call.stm": STM, "call.rttm": "nonsense\n"}))
    assert corpus.utterances["speaker"].tolist() == ["ann", "bob"]
    assert corpus.problems == ()


def test_a_diarisation_alone_holds_no_words(tmp_path: Path) -> None:
    transcript, found = read_beside(put(tmp_path, {"call.wav": "", "call.rttm": RTTM}) / "call.wav", "call")
    assert transcript is None
    assert "no transcript beside call.wav, and call.rttm holds no words" in found[0].detail


def test_two_mono_files_are_one_call(tmp_path: Path) -> None:
    files = {"x/call_agent.wav": "", "x/call_customer.wav": "", "x/call_agent.srt": SRT, "x/call_customer.srt": SRT}
    table = read_corpus(put(tmp_path, files)).utterances
    assert [Path(audio).name for audio in table["audio"]] == ["call_agent.wav"] * 2 + ["call_customer.wav"] * 2
    assert set(table["recording"]) == {"x/call"}
    assert table["speaker"].tolist() == ["x/call/agent"] * 2 + ["x/call/customer"] * 2


def test_two_mono_files_share_the_transcript_of_their_call(tmp_path: Path) -> None:
    segments = [
        {"start": n, "end": n + 1, "text": f"Text {n}.", "speaker": role}
        for n, role in enumerate(["Agent", "customer", "agent", "robot"])
    ]
    files = {"c-1 Agent.wav": "", "c-1 Caller.wav": "", "c-1.json": json.dumps({"segments": segments})}
    table = read_corpus(put(tmp_path, files)).utterances
    assert [(Path(audio).name, text) for audio, text in zip(table["audio"], table["text"], strict=True)] == [
        ("c-1 Agent.wav", "Text 0."),
        ("c-1 Agent.wav", "Text 2."),
        ("c-1 Caller.wav", "Text 1."),
    ]
    assert set(table["recording"]) == {"c-1"}


@pytest.mark.parametrize(
    "names",
    [("call_agent", "call_agent2"), ("agent", "customer"), ("a_customer", "a_caller"), ("a_agent", "b_customer")],
)
def test_names_that_are_no_pair_stay_calls_of_their_own(tmp_path: Path, names: tuple[str, str]) -> None:
    files = {f"{name}{extension}": content for name in names for extension, content in ((".wav", ""), (".srt", SRT))}
    assert set(read_corpus(put(tmp_path, files)).utterances["recording"]) == set(names)


def test_a_manifest_states_what_belongs_together(tmp_path: Path) -> None:
    rows = "audio,recording,speaker,text\none.wav,call,ann,Hello.\nother.wav,call,bob,Goodbye.\n"
    table = read_corpus(put(tmp_path, {"m.csv": rows, "one.wav": "", "other.wav": ""}) / "m.csv").utterances
    assert table[["recording", "speaker"]].values.tolist() == [["call", "ann"], ["call", "bob"]]


def sound(path: Path, *channels: np.ndarray) -> None:
    soundfile.write(path, np.stack(channels, axis=1), 16_000)


def manifest(folder: Path, rows: list[str]) -> Path:
    return put(folder, {"m.csv": "audio,channel,text\n" + "".join(f"{row}\n" for row in rows)}) / "m.csv"


def test_a_manifest_may_name_the_sides_of_a_stereo_file(tmp_path: Path) -> None:
    path = manifest(
        put(tmp_path, {"a.wav": ""}), ["a.wav,left,One.", "a.wav,Right,Two.", "a.wav,ch_1,Three.", "a.wav,,Four."]
    )
    assert read_corpus(path).utterances["channel"].tolist() == [0, 1, 1, None]


def test_copied_channels_are_said_once(tmp_path: Path, tone) -> None:
    one, other = tone(1.0, 200), tone(1.0, 300)
    sound(tmp_path / "copy.wav", one, one)
    sound(tmp_path / "copy2.wav", one, one)
    sound(tmp_path / "stereo.wav", one, other)
    sound(tmp_path / "unused.wav", one, one)
    both = [f"{name}.wav,{channel},Hi." for name in ("copy", "copy2", "stereo") for channel in (0, 1)]
    corpus = read_corpus(manifest(tmp_path, [*both, "unused.wav,,Hi.", "unused.wav,1,Hi."]))
    calls: list[tuple[str, int, int]] = []
    checked = check_channels(corpus, lambda *call: calls.append(call))
    assert checked.utterances.equals(corpus.utterances)
    [problem] = checked.problems
    assert (problem.kind, problem.count) == ("copied_channels", 4)
    assert "2 recordings, such as copy" in problem.detail
    assert calls == [("comparing channels", done, 3) for done in (1, 2, 3)]


def test_channels_of_mono_recordings(tmp_path: Path, tone) -> None:
    sound(tmp_path / "mono.wav", tone(0.2, 200))
    sound(tmp_path / "stereo.wav", tone(0.2, 200), tone(0.2, 300))
    put(tmp_path, {"broken.wav": "no sound"})
    corpus = read_corpus(
        manifest(tmp_path, ["mono.wav,1,Hi.", "stereo.wav,1,Hi.", "broken.wav,1,Hi.", "mono.wav,0,Hi."])
    )
    checked = check_channels(corpus)
    assert checked.utterances["channel"].tolist() == [None, 1, 1, None]
    assert [(problem.kind, problem.subject, problem.count) for problem in checked.problems] == [
        ("mono_recording", "mono", 2)
    ]


def test_corpora_without_channels_are_not_listened_to(tmp_path: Path) -> None:
    corpus = read_corpus(manifest(put(tmp_path, {"a.wav": "no sound"}), ["a.wav,,Hi."]))
    assert check_channels(corpus) is corpus


def test_a_folder_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", denied)
    with pytest.raises(CorpusError, match="Permission denied; expected files that can be read"):
        read_corpus(tmp_path)


def test_a_folder_inside_that_may_not_be_searched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, {"a.wav": "sound", "a.srt": "1\n00:00:00,000 --> 00:00:01,000\nHi.\n"})
    (tmp_path / "locked").mkdir()
    is_file = Path.is_file

    def denied(path: Path) -> bool:
        if path.parent.name == "locked":
            raise PermissionError(13, "Permission denied", str(path))
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", denied)
    with pytest.raises(CorpusError, match=r"locked/Text\.txt: Permission denied; expected files that can be read"):
        read_corpus(tmp_path)
