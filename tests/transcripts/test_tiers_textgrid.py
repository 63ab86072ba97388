"""TextGrids: both forms, several encodings, which tier is speech, and broken files."""

from pathlib import Path

import pytest

from tonewise.errors import TranscriptError
from tonewise.transcripts import Transcript, read_transcript

Span = tuple[float, float, str]


def long_form(tiers: dict[str, list[Span]], points: dict[str, list[tuple[float, str]]] | None = None) -> str:
    points = points or {}
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0 ", "xmax = 10 ", "tiers? <exists> "]
    lines += [f"size = {len(tiers) + len(points)} ", "item []: "]
    for number, (name, spans) in enumerate(tiers.items(), start=1):
        lines += [f"    item [{number}]:", '        class = "IntervalTier" ', f'        name = "{name}" ']
        lines += ["        xmin = 0 ", "        xmax = 10 ", f"        intervals: size = {len(spans)} "]
        for count, (start, end, text) in enumerate(spans, start=1):
            quoted = text.replace('"', '""')
            lines += [f"        intervals [{count}]:", f"            xmin = {start} ", f"            xmax = {end} "]
            lines += [f'            text = "{quoted}" ']
    for number, (name, marks) in enumerate(points.items(), start=len(tiers) + 1):
        lines += [f"    item [{number}]:", '        class = "TextTier" ', f'        name = "{name}" ']
        lines += ["        xmin = 0 ", "        xmax = 10 ", f"        points: size = {len(marks)} "]
        for count, (time, text) in enumerate(marks, start=1):
            lines += [f"        points [{count}]:", f"            number = {time} ", f'            mark = "{text}" ']
    return "\n".join(lines) + "\n"


def short_form(tiers: dict[str, list[Span]]) -> str:
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "0", "10", "<exists>", str(len(tiers))]
    for name, spans in tiers.items():
        lines += ['"IntervalTier"', f'"{name}"', "0", "10", str(len(spans))]
        lines += [
            line for start, end, text in spans for line in (str(start), str(end), '"' + text.replace('"', '""') + '"')
        ]
    return "\n".join(lines) + "\n"


def read(folder: Path, content: str, encoding: str = "utf-8") -> Transcript:
    path = folder / "call.TextGrid"
    path.write_bytes(content.encode(encoding))
    return read_transcript(path)


def cues(transcript: Transcript) -> list[tuple[float, float, str, str | None]]:
    return [(cue.start, cue.end, cue.text, cue.speaker) for cue in transcript.cues]


SPEAKERS = {
    "Ann": [(0, 1, ""), (1.0, 2.5, 'He said "no".'), (2.5, 10, " ")],
    "Bob": [(0, 0.5, "Hi."), (0.5, 3, ""), (3, 4e0, "Two\nlines")],
}


@pytest.mark.parametrize("form", [long_form, short_form])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_tier_a_speaker_in_the_order_of_time(tmp_path: Path, form, encoding: str) -> None:
    transcript = read(tmp_path, form(SPEAKERS), encoding)
    assert (transcript.format, transcript.problems) == ("textgrid", ())
    assert cues(transcript) == [
        (0.0, 0.5, "Hi.", "Bob"),
        (1.0, 2.5, 'He said "no".', "Ann"),
        (3.0, 4.0, "Two lines", "Bob"),
    ]


def test_words_become_sentences_and_sounds_are_no_loss(tmp_path: Path) -> None:
    words = [(0.0, 0.4, "thank"), (0.4, 0.8, "you"), (0.8, 3, "sil"), (3, 3.5, "goodbye"), (3.5, 10, "<eps>")]
    transcript = read(tmp_path, long_form({"words": words, "phones": [(0, 0.4, "θ"), (0.4, 10, "")]}))
    assert cues(transcript) == [(0.0, 0.8, "thank you", None), (3.0, 3.5, "goodbye", None)]
    assert transcript.problems == ()


@pytest.mark.parametrize(
    "names",
    [("Ann - words", "Bob - words"), ("words_Ann", "words_Bob"), ("Ann-Words", "Bob/word"), ("Ann: tokens", "Bob wrd")],
)
def test_words_of_several_speakers_are_kept_apart(tmp_path: Path, names: tuple[str, str]) -> None:
    tiers = {names[0]: [(0, 1, "one"), (1, 2, "two")], names[1]: [(0.5, 1.5, "other")]}
    assert cues(read(tmp_path, long_form(tiers))) == [(0.0, 2.0, "one two", "Ann"), (0.5, 1.5, "other", "Bob")]


def test_layers_beside_utterances_are_passed_over_and_told(tmp_path: Path) -> None:
    tiers = {
        "utterance": [(0, 2, "Good morning.")],
        "words": [(0, 1, "good"), (1, 2, "morning")],
        "translation": [(0, 2, "Guten Morgen.")],
        "phones": [(0, 1, "g")],
        "empty": [(0, 10, "")],
    }
    transcript = read(tmp_path, long_form(tiers, {"pitch": [(0.5, "120")]}))
    assert cues(transcript) == [(0.0, 2.0, "Good morning.", None)]
    assert [(problem.kind, problem.count) for problem in transcript.problems] == [("ignored_tier", 3)]


def test_webmaus_calls_words_and_sounds_by_other_names(tmp_path: Path) -> None:
    tiers = {
        "ORT-MAU": [(0, 1, "guten"), (1, 2, "Tag"), (2, 3, "<p:>")],
        "KAN-MAU": [(0, 2, "g u: t @ n")],
        "MAU": [(0, 1, "g")],
    }
    assert cues(read(tmp_path, long_form(tiers))) == [(0.0, 2.0, "guten Tag", None)]


def test_sppas_and_others_write_names_in_one_word(tmp_path: Path) -> None:
    tiers = {
        "Tokenization": [(0, 2, "+ bobby ripped +")],
        "PhonAlign": [(0, 0.1, "b")],
        "TokensAlign": [(0, 0.1, "+"), (0.1, 1, "bobby"), (1, 1.9, "ripped"), (1.9, 2, "#")],
        "Activity": [(0, 2, "speech")],
    }
    assert cues(read(tmp_path, long_form(tiers))) == [(0.1, 1.9, "bobby ripped", None)]
    quoted = long_form({'"word"': [(0, 1, "bobby")], "phons": [(0, 1, "b")]}).replace('name = ""', 'name = """')
    assert cues(read(tmp_path, quoted.replace('word""', 'word"""'))) == [(0.0, 1.0, "bobby", None)]


@pytest.mark.parametrize("name", ["", "1", "Tier 1", "default", "Speaker"])
def test_names_that_name_nobody(tmp_path: Path, name: str) -> None:
    assert cues(read(tmp_path, long_form({name: [(0, 1, "Hi.")]}))) == [(0.0, 1.0, "Hi.", None)]


def test_silence_alone_is_a_transcript_of_nothing(tmp_path: Path) -> None:
    transcript = read(tmp_path, long_form({"Ann": [(0, 10, "")]}))
    assert (transcript.cues, transcript.problems) == ((), ())
    no_tiers = 'File type = "ooTextFile"\nObject class = "TextGrid"\n\nxmin = 0\nxmax = 1\ntiers? <absent>\n'
    assert read(tmp_path, no_tiers).cues == ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (long_form({"phones": [(0, 1, "m")]}), "no usable cue.*'phones'"),
        (long_form({}, {"clicks": [(0.5, "x")]}), "no usable cue.*'clicks'"),
        (long_form(SPEAKERS)[:300], "ends where .* was expected; is it complete"),
        (short_form(SPEAKERS).replace("2.5", '"2.5"', 1), "line .*expected a number, found '\"2.5\"'"),
        (short_form(SPEAKERS).replace("2.5", "9" * 400, 1), "expected a number"),
        (short_form(SPEAKERS).replace('"Ann"', "Ann", 1), "expected a text in quotes, found '0'"),
        ('"Praat chronological TextGrid text file"\n0 1\n', "save it in Praat as a text file"),
    ],
)
def test_broken_textgrids(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(TranscriptError, match=message) as caught:
        read(tmp_path, content)
    assert "call.TextGrid" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_count_that_no_file_holds(tmp_path: Path) -> None:
    with pytest.raises(TranscriptError, match="is it complete"):
        read(
            tmp_path,
            short_form({"Ann": []}).replace("\n0\n", "\n999999999999\n", 1).replace("10\n0\n", "10\n99999999999\n"),
        )
